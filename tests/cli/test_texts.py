"""`checkin texts`: every text we write, what it costs, and a program's own words."""

import asyncio
import json
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from checkin import flows, store
from checkin.cli.texts import texts
from checkin.core.texts import LANGUAGES, LINKED, NAMED, Text
from checkin.store.pool import Connection
from tests.conftest import SECRETS
from tests.people import NOW, ZONE


def run(*arguments: str) -> Result:
    return CliRunner().invoke(texts, arguments)


def own(tmp_path: Path, words: str) -> str:
    path = tmp_path / "own.toml"
    path.write_text(words, encoding="utf-8")
    return str(path)


def test_every_text_is_there_in_every_language_and_none_is_too_long() -> None:
    result = run("--json")

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert {(line["text"], line["language"]) for line in lines} >= {(text, one) for text in Text for one in LANGUAGES}
    assert len(lines) == (len(Text) + len(NAMED) + len(LINKED)) * len(LANGUAGES)
    assert all(line["segments"] <= line["limit"] and not line["problems"] for line in lines)


def test_the_table_is_aligned_and_one_line_a_text() -> None:
    lines = run("--language", "es").stdout.splitlines()

    at = lines[0].index("words")
    assert len(lines) == 1 + len(Text) + len(NAMED) + len(LINKED)
    assert all(line[at - 1] == " " and line[at] != " " for line in lines)
    assert any("¿Como vas hoy?" in line for line in lines)


def test_one_language_can_be_asked_for() -> None:
    lines = [json.loads(line) for line in run("--json", "--language", "en").stdout.splitlines()]

    assert {line["language"] for line in lines} == {"en"}


def test_a_programs_name_is_put_in() -> None:
    assert "Hola de Casa Raices. " in run("--language", "es", "--program", "Casa Raíces").stdout


def test_a_programs_own_words_are_shown(tmp_path: Path) -> None:
    file = own(tmp_path, '[en]\nwelcome_back = "Good to have you back. STOP ends texts."\n')

    result = run("--own", file)

    assert result.exit_code == 0
    assert "Good to have you back. STOP ends texts." in result.stdout
    assert "Los mensajes siguen." in result.stdout


def test_it_ends_with_1_when_a_text_takes_too_many_segments(tmp_path: Path) -> None:
    file = own(tmp_path, f'[en]\nwelcome_back = "{"So good. " * 20}STOP ends texts."\n')

    result = run("--own", file, "--json", "--language", "en")

    lines = {line["text"]: line for line in map(json.loads, result.stdout.splitlines())}
    assert result.exit_code == 1
    assert lines["welcome_back"]["segments"] == 2
    assert lines["welcome_back"]["problems"] == ["With the longest values it takes 196 characters; 160 fit."]


def test_it_ends_with_1_when_own_words_cannot_be_sent(tmp_path: Path) -> None:
    result = run("--own", own(tmp_path, '[es]\nalert = "Mira {number}"\nwelcome_back = "Hola 🙂. ALTO termina."\n'))

    assert result.exit_code == 1
    assert "! The text alert is the same in every program." in result.stdout
    assert "! A text message cannot hold these at its usual price: 🙂" in result.stdout


def test_words_that_are_wrong_in_another_language_than_the_one_shown_are_shown_too(tmp_path: Path) -> None:
    result = run("--own", own(tmp_path, '[en]\nwelcome_back = "Good to have you back."\n'), "--language", "es")

    assert result.exit_code == 1
    assert "! It must say how to leave, like STOP ends texts." in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        *("[en\n", "[en]\nnobody = 'x'\n", "[en]\nwelcome = 1\n", "[fr]\nwelcome = 'x'\n"),
        pytest.param(f"a={'[' * 100_000}", id="lists too deep"),
        pytest.param(f"a={'9' * 5000}", id="a number too long"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, words: str) -> None:
    result = run("--own", own(tmp_path, words))

    assert result.exit_code == 2
    assert "--own" in result.stderr


PROGRAM = "Casa Abierta"
OURS = "Good to have you back. STOP ends texts."
OURS_ES = "Que bueno verte. ALTO termina."
BOTH = f'[en]\nwelcome_back = "{OURS}"\n[es]\nwelcome_back = "{OURS_ES}"\n'


@pytest.fixture
async def program(conn: Connection) -> UUID:
    return await store.people.add_program(conn, PROGRAM, "US", ZONE, NOW)


async def save(url: str, file: str, *arguments: str, name: str = PROGRAM) -> Result:
    """Run `checkin texts --save` on the database *url*, in a thread: it runs an event loop of its own."""
    environ = {"CHECKIN_DATABASE_URL": url, "CHECKIN_TOKEN_SECRET": SECRETS["token_secret"]}
    environ |= {"CHECKIN_ENCRYPTION_KEYS": SECRETS["encryption_keys"], "CHECKIN_LOOKUP_KEY": SECRETS["lookup_key"]}
    command = ["--own", file, "--program", name, "--save", *arguments]
    return await asyncio.to_thread(CliRunner(env=environ).invoke, texts, command)


async def saved(conn: Connection, program: UUID) -> dict[tuple[str, str], str]:
    return (await store.people.program(conn, program)).own_texts


async def test_a_programs_own_words_are_saved(url: str, conn: Connection, program: UUID, tmp_path: Path) -> None:
    result = await save(url, own(tmp_path, BOTH))

    assert result.exit_code == 0, result.output
    assert result.stderr.endswith(f"saved 2 texts of {PROGRAM}\n")
    assert await saved(conn, program) == {("welcome_back", "en"): OURS, ("welcome_back", "es"): OURS_ES}


async def test_saved_words_are_what_the_program_says(url: str, conn: Connection, program: UUID, tmp_path: Path) -> None:
    await save(url, own(tmp_path, BOTH))

    assert flows.say.words(Text.welcome_back, "es", await store.people.program(conn, program)) == OURS_ES


async def test_words_that_are_saved_again_replace_the_first_and_the_others_stay(
    url: str, conn: Connection, program: UUID, tmp_path: Path
) -> None:
    await save(url, own(tmp_path, BOTH))

    await save(url, own(tmp_path, '[en]\nwelcome_back = "Hello again. STOP ends texts."\n'))

    assert await saved(conn, program) == {
        ("welcome_back", "en"): "Hello again. STOP ends texts.",
        ("welcome_back", "es"): OURS_ES,
    }


@pytest.mark.parametrize("language", ["all", "en", "es"])
async def test_nothing_is_saved_if_one_text_is_wrong(
    url: str, conn: Connection, program: UUID, tmp_path: Path, language: str
) -> None:
    file = own(tmp_path, BOTH.replace(" ALTO termina.", ""))

    result = await save(url, file, "--language", language)

    assert result.exit_code == 1
    assert "! It must say how to leave, like ALTO termina." in result.stdout
    assert result.stderr.endswith("nothing was saved\n")
    assert await saved(conn, program) == {}


async def test_words_for_a_program_that_is_not_there_are_refused(
    url: str, conn: Connection, program: UUID, tmp_path: Path
) -> None:
    result = await save(url, own(tmp_path, BOTH), name="Casa Cerrada")

    assert result.exit_code == 1
    assert "there is no program called Casa Cerrada" in result.stderr
    assert await saved(conn, program) == {}


@pytest.mark.parametrize("arguments", [["--save"], ["--save", "--program", PROGRAM]])
def test_saving_needs_words_and_whose_they_are(arguments: list[str]) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert "--save needs --own" in result.stderr
