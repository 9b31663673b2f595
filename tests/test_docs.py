"""The docs name every setting, command, route and make verb, and nothing that is not there."""

import re
from pathlib import Path

import click
import msgspec
from click.testing import CliRunner

from checkin.cli import main
from checkin.config import Settings

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
README = (ROOT / "README.md").read_text()


def commands(group: click.Group, before: str = "checkin") -> set[str]:
    found: set[str] = set()
    for name, command in group.commands.items():
        path = f"{before} {name}"
        found |= commands(command, path) if isinstance(command, click.Group) else {path}
    return found


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    real = {f"CHECKIN_{field.upper()}" for field in Settings.__struct_fields__}

    documented = set(re.findall(r"^\| `(CHECKIN_[A-Z_]+)`", OPERATIONS, re.MULTILINE))

    assert documented == real


def test_every_default_is_the_one_the_docs_name() -> None:
    documented = dict(re.findall(r"^\| `CHECKIN_([A-Z_]+)` \| `([^`]+)`", OPERATIONS, re.MULTILINE))
    defaults = {field.name: field.default for field in msgspec.structs.fields(Settings)}

    assert documented == {name: str(defaults[name.lower()]) for name in documented}
    assert len(documented) > 10


def test_every_command_is_documented_and_every_documented_one_exists() -> None:
    documented = set(re.findall(r"^\| `(checkin [a-z -]+)`", OPERATIONS, re.MULTILINE))

    assert documented == commands(main)


def test_every_command_teaches() -> None:
    for path in commands(main):
        command: click.Command = main
        for word in path.split()[1:]:
            assert isinstance(command, click.Group)
            command = command.commands[word]

        assert command.help
        assert len(command.help) > 30


def test_every_help_shows_words_and_not_how_it_is_laid_out() -> None:
    for path in commands(main):
        shown = CliRunner().invoke(main, [*path.split()[1:], "--help"]).output

        assert not re.search(r"\\b|%Y", shown.partition("Options:")[0]), path


def test_every_make_verb_in_the_readme_exists() -> None:
    verbs = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"make ([a-z]+) ", README)) <= verbs
    assert {"help", "demo", "test", "check", "bench", "migrate", "openapi"} <= verbs


def test_every_link_in_the_docs_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
