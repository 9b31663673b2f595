"""How catalogues are built: compiled, brought up to the English, and missed when they are not there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAY_THANKS = "from checkin.core import texts; print(texts.render(texts.Text.thanks, 'es'))"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of what a build reads of the repository, with nothing compiled."""
    shutil.copy(ROOT / "hatch_build.py", tmp_path)
    package = tmp_path / "src" / "checkin"
    package.mkdir(parents=True)
    shutil.copy(ROOT / "src" / "checkin" / "__init__.py", package)
    for part in ("core", "locale"):
        ignored = shutil.ignore_patterns("*.mo", "__pycache__")
        shutil.copytree(ROOT / "src" / "checkin" / part, package / part, ignore=ignored)
    return tmp_path


def python(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=copy, env=surroundings, capture_output=True, text=True, check=False)


def catalogue(copy: Path, language: str) -> Path:
    return copy / "src" / "checkin" / "locale" / language / "LC_MESSAGES" / "checkin.po"


def files(copy: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (copy / "src" / "checkin" / "locale").rglob("*") if path.is_file()}


def test_without_compiled_catalogues_it_says_what_to_run(copy: Path) -> None:
    result = python(copy, "-c", SAY_THANKS)

    assert result.returncode == 1
    assert "checkin.mo is missing. Run `make texts`" in result.stderr


def test_a_catalogue_older_than_the_program_says_what_to_run(copy: Path) -> None:
    path = catalogue(copy, "es")
    path.write_text(path.read_text().replace('msgid "wrong_number"', 'msgid "wrong_nr"'))
    python(copy, "hatch_build.py", "--compile")

    result = python(copy, "-c", SAY_THANKS)

    assert result.returncode == 1
    assert "has no wrong_number. Run `make texts`" in result.stderr


def test_compiling_makes_texts_readable_and_touches_no_catalogue(copy: Path) -> None:
    before = files(copy)

    built = python(copy, "hatch_build.py", "--compile")

    after = files(copy)
    assert built.returncode == 0, built.stderr
    assert {path: after[path] for path in before} == before
    assert len(after) == len(before) + 4
    assert python(copy, "-c", SAY_THANKS).stdout == "Gracias, recibido. Hasta mañana.\n"


def test_catalogues_that_are_up_to_the_code_stay_as_they_are(copy: Path) -> None:
    before = files(copy)

    built = python(copy, "hatch_build.py")

    after = files(copy)
    assert built.returncode == 0, built.stderr
    assert {path: after[path] for path in before} == before


def test_a_changed_english_sentence_marks_its_translation_to_be_looked_at(copy: Path) -> None:
    path = catalogue(copy, "en")
    path.write_text(path.read_text().replace('msgstr "Changed, thank you."', 'msgstr "Changed."'))

    built = python(copy, "hatch_build.py")

    spanish = catalogue(copy, "es").read_text()
    assert built.returncode == 0, built.stderr
    assert spanish.count("#, fuzzy") == 1
    assert '#. English: Changed.\n#, fuzzy\nmsgid "changed"' in spanish
    assert "fuzzy" not in path.read_text()


def test_a_new_text_comes_into_every_catalogue_empty(copy: Path) -> None:
    for language in ("en", "es"):
        path = catalogue(copy, language)
        head, entry, rest = path.read_text().partition('msgid "changed"')
        path.write_text(head.rpartition("\n\n")[0] + rest[rest.index("\n\n") :])
        assert entry

    built = python(copy, "hatch_build.py")

    assert built.returncode == 0, built.stderr
    assert all('msgid "changed"\nmsgstr ""\n' in catalogue(copy, one).read_text() for one in ("en", "es"))
