"""`checkin people`: an operator lists, invites, assigns, lends, passes on and lets go."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from checkin import store
from checkin.cli import main
from checkin.clock import Clock
from checkin.config import Settings
from checkin.store.pool import Connection
from tests.people import Cast

MENTEE, MENTOR, OTHER = "+12125550101", "+12125550102", "+12125550105"
pytestmark = pytest.mark.usefixtures("settle")


@pytest.fixture
def settle(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("database_url", "token_secret", "encryption_keys", "lookup_key", "twilio_account_sid"):
        monkeypatch.setenv(f"CHECKIN_{name.upper()}", getattr(settings, name))
    monkeypatch.setenv("CHECKIN_TWILIO_AUTH_TOKEN", settings.twilio_auth_token)
    monkeypatch.setenv("CHECKIN_TWILIO_FROM", settings.twilio_from)


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["people", *arguments])


async def refused(*arguments: str) -> str:
    done = await run(*arguments)
    assert done.exit_code == 1
    return done.stderr.strip()


async def test_a_list_and_a_look_are_shown_and_written_down(conn: Connection, people: Cast) -> None:
    listed = await run("list", "Harbor", "--role", "mentee")
    shown = await run("show", MENTEE)

    assert sorted(line.split()[-1] for line in listed.stdout.splitlines()) == ["'Ana'", "'Dina'"]
    assert "has Ben, primary: Ben from 2026-09-17 20:00 UTC until further notice" in shown.stdout
    looks = await conn.fetch("select person_id, actor from audit where action = 'person.read'")
    assert sorted(row["person_id"] for row in looks) == sorted(
        [people.mentee.id, people.mentee.id, people.other_mentee.id]
    )
    assert {row["actor"] for row in looks} == {"operator"}


@pytest.mark.usefixtures("people")
async def test_an_invitation_asks_by_text(conn: Connection) -> None:
    done = await run("invite", "Harbor", "Hal", "(212) 555-0190", "--language", "es")

    [added] = await store.people.by_phone(conn, "+12125550190")
    assert done.exit_code == 0, done.output
    assert (added.status, added.language, added.time_zone) == ("invited", "es", "America/New_York")
    assert await conn.fetchval("select person_id from outbox") == added.id


async def test_a_mentee_is_passed_on_lent_and_given(conn: Connection, people: Cast) -> None:
    until = Clock().now() + timedelta(days=30)

    moved = await run("transfer", MENTEE, OTHER)
    lent = await run("cover", MENTEE, MENTOR, "--until", f"{until:%Y-%m-%dT%H:%M}")
    twice = await refused("assign", MENTEE, MENTOR)

    standing = await store.people.assigned(conn, people.mentee.id, Clock().now())
    assert (moved.exit_code, lent.exit_code) == (0, 0)
    assert [one.id for one in standing["primary"]] == [people.other_mentor.id]
    assert standing["cover"][0].id == people.mentor.id
    assert f"until {until:%Y-%m-%d %H:%M} UTC" in lent.stdout
    assert twice == "Error: there is a primary mentor at that time; end or transfer that assignment first"


async def test_a_facilitator_is_given_beside_the_mentor(conn: Connection, people: Cast) -> None:
    done = await run("assign", MENTEE, OTHER, "--as", "facilitator")

    standing = await store.people.assigned(conn, people.mentee.id, Clock().now())
    assert done.exit_code == 0
    assert [one.id for one in standing["primary"]] == [people.mentor.id]
    assert [one.id for one in standing["facilitator"]] == [people.other_mentor.id]


async def test_who_ends_is_gone(conn: Connection, people: Cast) -> None:
    done = await run("end", MENTOR, "--yes")
    again = await refused("show", MENTOR)

    assert done.stdout.split()[1] == "ended"
    assert again == "Error: there is nobody by that id or phone"
    assert "primary" not in await store.people.assigned(conn, people.mentee.id, Clock().now())


@pytest.mark.usefixtures("people")
async def test_what_cannot_be_is_one_line() -> None:
    assert await refused("list", "Nowhere") == "Error: there is no program of that name"
    assert await refused("show", "+12125550199") == "Error: there is nobody by that id or phone"
    assert await refused("invite", "Harbor", "Hal", MENTEE) == "Error: this phone is in the program already"
    assert await refused("assign", MENTOR, OTHER) == "Error: this person is not a mentee"
    assert await refused("end", "+12125550106", "--yes") == (
        "Error: this is the program's last coordinator; add another one first"
    )


HEADER = "program,name,phone,roles,time_zone,language,mentor,cover\n"
BAD = (
    "Harbor,Hal,+12125550190,mentor,Mars/Phobos,en,,\n"  # cannot be read
    "Harbor,Ida,+12125550191,mentee,America/New_York,en,+12125550190,\n"  # names who stands there
    "Harbor,Jo,+12125550192,mentee,America/New_York,en,+12125550199,\n"  # names who stands nowhere
    "Harbor,Ana,+12125550101,mentee,America/New_York,en,,\n"  # is in the program
)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("how", [[], ["--dry-run"]])
async def test_every_bad_line_of_a_file_is_named_at_once(conn: Connection, tmp_path: Path, how: list[str]) -> None:
    file = tmp_path / "people.csv"
    file.write_text(HEADER + BAD)

    done = await run("import", str(file), *how)

    told = done.stderr.splitlines()
    assert done.exit_code == 2
    assert [line.partition(":")[0] for line in told] == [
        "line 2",
        "line 4",
        "line 5",
        "3 mistakes; nothing was written",
    ]
    assert await store.people.by_phone(conn, "+12125550191") == []


async def test_a_file_with_nobody_to_bring_in_needs_no_look_at_the_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHECKIN_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/none")
    file = tmp_path / "people.csv"
    file.write_text("name\nHal\n")

    done = await run("import", str(file))

    assert done.exit_code == 2
    assert done.stderr.startswith("line 1: the columns are ")
