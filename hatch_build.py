"""Compiles the texts: every catalogue (.po) becomes the .mo that the program reads, whenever it is built or installed.

`make texts` runs it by hand, and first brings the catalogues up to the texts there are.
"""

import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCALE = Path(__file__).parent / "src" / "checkin" / "locale"
DOMAINS = ("checkin", "pages")  # what we text, and what our pages say
SOURCE = "en"
ENGLISH = "English: "


class CompileTexts(BuildHookInterface):  # type: ignore[type-arg]  # its one parameter is the builder's own settings
    """Compiles before a wheel is built, an editable one too; git ignores what it writes, so the wheel is told."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # Any: the hook's own signature
        """Compile, and add the compiled files to the wheel."""
        for path in compile_all():
            build_data["artifacts"].append(path.relative_to(self.root).as_posix())


def compile_all() -> list[Path]:
    """Write a .mo beside every .po and return their paths. A fuzzy entry is left out."""
    compiled = []
    for path in _catalogues():
        compiled.append(path.with_suffix(".mo"))
        part = path.with_suffix(".mo.part")  # a program that runs never sees half a file
        with part.open("wb") as file:
            write_mo(file, _read(path))
        part.replace(compiled[-1])
    return compiled


def update_all() -> None:
    """Write the template from the texts there are, and bring every catalogue up to it.

    What is new is empty, and what was made from an English sentence that has changed since is fuzzy: a test fails
    until somebody has looked at it. What is gone is removed.
    """
    for domain in DOMAINS:
        _update(domain)


def _update(domain: str) -> None:
    template = _template(domain, _read(LOCALE / SOURCE / "LC_MESSAGES" / f"{domain}.po"))
    for path in _catalogues(domain):
        catalogue = _read(path)
        for message in catalogue:
            new = template.get(message.id) if message.id else None
            made_from = _english(message)
            if new is not None and made_from and made_from != _english(new) and path.parts[-3] != SOURCE:
                message.flags.add("fuzzy")
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        _write(path, catalogue)
    _write(LOCALE / f"{domain}.pot", template)


def _template(domain: str, english: Catalog) -> Catalog:
    """Return every entry with what it is for, and the English it is translated from, as comments."""
    about, counted = _entries(domain)
    template = Catalog()
    for entry, purpose in about.items():
        found = english.get(entry)
        said = found.string if found is not None else None
        source = said if isinstance(said, str) else " | ".join(said or ())
        template.add((entry, entry) if entry in counted else entry, auto_comments=[purpose, ENGLISH + source])
    return template


def _entries(domain: str) -> tuple[dict[str, str], set[str]]:
    """Return what every entry of *domain* is for, and which are counted."""
    from checkin.core import nudge_entries, phrases, text_rules, texts  # only `make texts` needs the program

    if domain == "pages":
        return dict(phrases.ABOUT), set(phrases.COUNTED)
    about = {text.value: rule.about for text, rule in text_rules.RULES.items()}
    about |= nudge_entries.ABOUT
    about[texts.UNNAMED_PROGRAM] = "Stands for the name of a program."
    entries = texts.entries()
    purposes = {entry: about[entry if entry in about else texts.text_of(entry)] for entry in entries}
    return purposes, set(filter(texts.is_counted, entries))


def _english(message: Message) -> str:
    """Return the English a message was made from, without the white space that its wrapping into lines put there."""
    return "".join(" ".join(message.auto_comments or ()).partition(ENGLISH)[2].split())


def _catalogues(domain: str = "*") -> list[Path]:
    return sorted(LOCALE.glob(f"*/LC_MESSAGES/{domain}.po"))


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3] if path.suffix == ".po" else None)


def _write(path: Path, catalogue: Catalog) -> None:
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, omit_header=path.suffix == ".pot")


if __name__ == "__main__":
    if "--compile" not in sys.argv:
        update_all()
    compile_all()
