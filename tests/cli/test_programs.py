"""`checkin programs`, `checkin mentors` and `checkin people consent`, on a database of their own."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from checkin import core, store
from checkin.cli import main
from checkin.config import Settings
from checkin.core.routing import READY_MADE
from checkin.store.pool import Connection
from tests.people import NOW, ZONE, Cast

Run = Callable[..., "asyncio.Future[Result]"]


@pytest.fixture
def run(settings: Settings) -> Run:
    """Return what runs `checkin ARGUMENTS` on this test's database."""
    environ = {f"CHECKIN_{name.upper()}": str(value) for name, value in msgspec.structs.asdict(settings).items()}

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), env=environ)

    return lambda *arguments: asyncio.ensure_future(asyncio.to_thread(invoke, *arguments))


def output(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", READY_MADE)
async def test_a_ready_made_file_is_shown_checked_and_set(
    run: Run, conn: Connection, people: Cast, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "routing.toml"
    file.write_text(output(await run("programs", "routing", "show", name)))

    checked = await run("programs", "routing", "check", str(file))
    given = await run("programs", "routing", "set", "Harbor", str(file))

    assert output(checked) == f"{file} can be followed\n"
    assert output(given) == f"Harbor follows {file}\n"
    assert output(await run("programs", "routing", "show", "Harbor")) == core.routing.ready_made(name)


async def test_every_mistake_is_told_with_its_line_and_the_end_is_two(
    run: Run, conn: Connection, people: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "routing.toml"
    source = core.routing.ready_made("mentor-first").replace('"cover"', '"nurse"')
    file.write_text(source)
    lines = [f"line {line}" for line, words in enumerate(source.splitlines(), start=1) if "nurse" in words]

    results = [
        await run("programs", "routing", "check", str(file)),
        await run("programs", "routing", "set", "Harbor", str(file)),
    ]

    for result in results:
        told = result.stderr.splitlines()
        assert result.exit_code == 2
        assert [line.partition(":")[0] for line in told[:-1]] == lines
        assert told[-1] == f"4 mistakes in {file}"
    assert await store.routing.source(conn, people.program) is None


async def test_on_call_is_shown_and_changed_and_a_draft_begins(run: Run, conn: Connection) -> None:
    program = await store.people.add_program(conn, "Pier", "US", ZONE, NOW, begins=False)

    refused = await run("programs", "activate", "Pier")
    empty = await run("programs", "oncall", "Pier")

    assert refused.exit_code == 1
    assert "put somebody on call" in refused.stderr
    assert output(empty) == "nobody is on call\n"
    assert not await store.routing.is_active(conn, program)


async def test_somebody_is_put_on_call_by_phone(run: Run, conn: Connection, people: Cast) -> None:
    shown = output(await run("programs", "oncall", "Harbor", people.mentor.phone or ""))
    off = output(await run("programs", "oncall", "Harbor", str(people.mentor.id), "--remove"))
    other = await run("programs", "oncall", "Harbor", str(people.stranger.id))

    assert shown == f"{people.mentor.id}  Ben\n"
    assert off == "nobody is on call\n"
    assert other.exit_code == 1


async def test_a_mentors_availability_is_shown_and_changed(run: Run, conn: Connection, people: Cast) -> None:
    phone = people.mentor.phone or ""
    change = ("--hours", "1-2 09:00-17:00", "--hours", "6 10:00-12:00", "--digest", "11:00", "--limit", "4")

    before = output(await run("mentors", "availability", phone)).splitlines()
    after = output(await run("mentors", "availability", phone, *change)).splitlines()
    back = output(await run("mentors", "availability", phone, "--hours", "none", "--limit", "none")).splitlines()

    assert before[0] == f"Mon 08:00-21:00 {ZONE} (the program's)"
    assert after == [
        f"Mon 09:00-17:00 {ZONE}",
        f"Tue 09:00-17:00 {ZONE}",
        f"Sat 10:00-12:00 {ZONE}",
        "digest: 11:00",
        "limit: 4",
    ]
    assert back[7:] == ["digest: 11:00", "limit: any number"]


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            ("--hours", "9 09:00-10:00"),
            ("--hours", "1 9-10"),
            ("--limit", "0"),
            ("--digest", "noon"),
            ("--cover", "x"),
        ),
        *(("--hours", "² 09:00-17:00"), ("--hours", "1-² 09:00-17:00"), ("--limit", "²"), ("--limit", "9" * 5000)),
    ],
)
async def test_what_cannot_be_read_is_refused(run: Run, conn: Connection, people: Cast, wrong: tuple[str, str]) -> None:
    result = await run("mentors", "availability", people.mentor.phone or "", *wrong)

    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert await store.availability.of(conn, people.mentor.id) == store.availability.Chosen()


async def test_the_load_of_every_mentor_is_shown(run: Run, conn: Connection, people: Cast) -> None:
    lines = output(await run("mentors", "load", "Harbor")).splitlines()
    unknown = await run("mentors", "load", "Nowhere")

    assert lines[0] == "Harbor"
    assert {line.split()[0] for line in lines[2:]} == {"Ben", "Cleo", "Eli"}
    assert unknown.exit_code == 1


async def test_a_consent_on_paper_is_given_and_taken_back(run: Run, conn: Connection, people: Cast) -> None:
    consent = ("people", "consent", str(people.mentee.id), "clinical_contact")

    given = output(await run(*consent, "given", "--form", "2026-11"))
    stood = await store.consents.stands(conn, people.mentee.id, store.consents.CLINIC)
    withdrawn = output(await run(*consent, "withdrawn"))

    assert (given, withdrawn) == ("clinical_contact: given\n", "clinical_contact: withdrawn\n")
    assert (stood, await store.consents.stands(conn, people.mentee.id, store.consents.CLINIC)) == (True, False)
    row = await conn.fetchrow(
        "select version, source, withdrawn_source from consents where purpose = 'clinical_contact'"
    )
    assert tuple(row or ()) == ("2026-11", "paper", "paper")


async def test_a_consent_names_the_paper_it_stands_on(run: Run, conn: Connection, people: Cast) -> None:
    consent = ("people", "consent", str(people.mentee.id), "clinical_contact")

    done = await run(*consent, "given", "--form", " ")

    assert done.exit_code == 2
    assert "--form" in done.stderr
    assert not await store.consents.stands(conn, people.mentee.id, store.consents.CLINIC)


async def test_only_mentees_give_that_consent(run: Run, conn: Connection, people: Cast) -> None:
    results = [
        await run("people", "consent", who, "clinical_contact", "given")
        for who in (str(people.mentor.id), "+12025550199")
    ]

    assert [result.exit_code for result in results] == [1, 1]
    assert "only mentees" in results[0].stderr
    assert "nobody by that id" in results[1].stderr
