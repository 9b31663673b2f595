"""`checkin nudges plan`, and what `explain` and `preview` make of plans that changed."""

import asyncio
from datetime import date, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from checkin import core, flows
from checkin.cli import main
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.nudge_plans import Edit, Pause
from checkin.store.pool import Connection
from tests.people import DAY, Cast, cast

ANA = "+12125550101"


@pytest.fixture(autouse=True)
def settle(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("database_url", "token_secret", "encryption_keys", "lookup_key", "twilio_account_sid"):
        monkeypatch.setenv(f"CHECKIN_{name.upper()}", getattr(settings, name))
    monkeypatch.setenv("CHECKIN_TWILIO_AUTH_TOKEN", settings.twilio_auth_token)
    monkeypatch.setenv("CHECKIN_TWILIO_FROM", settings.twilio_from)


@pytest.fixture
def now() -> datetime:
    return Clock().now()


@pytest.fixture
async def members(conn: Connection, now: datetime) -> Cast:
    """The cast, sixty days before the commands' own time."""
    return await cast(conn, now - 60 * DAY)


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)


async def told(*arguments: str) -> list[str]:
    done = await run(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


async def test_a_plan_is_shown_as_it_is(members: Cast) -> None:
    assert await told("nudges", "plan", ANA) == [
        "Plan now: 18:00 every day, America/New_York.",
        "Quiet 21:00 to 08:00; the programme sends 08:00 to 21:00.",
    ]


async def test_a_plan_is_set_and_shown(conn: Connection, members: Cast) -> None:
    lines = await told(
        "nudges", "plan", ANA, "--at", "18:30 09:00", "--weekdays", "mon-wed",
        "--quiet", "22:00-07:00", "--zone", "Pacific/Honolulu",
    )  # fmt: skip

    assert lines == [
        "Plan now: 09:00 and 18:30 Mon, Tue, Wed, Pacific/Honolulu.",
        "Quiet 22:00 to 07:00; the programme sends 08:00 to 21:00.",
    ]
    sources = await conn.fetch("select source from zone_history order by since")
    assert [row["source"] for row in sources] == ["enrolment", "operator"]


async def test_pauses_are_added_and_all_ended(members: Cast, now: datetime) -> None:
    first = core.wall.local_day(now, "America/New_York") + 5 * DAY
    await told("nudges", "plan", ANA, "--pause", str(first), str(first + DAY))

    paused = await told("nudges", "plan", ANA, "--pause", str(first + 9 * DAY), str(first + 12 * DAY))
    resumed = await told("nudges", "plan", ANA, "--resume")

    assert [line.partition(" from ")[0] for line in paused[2:]] == ["Paused", "Paused"]
    assert paused[2].endswith(f"until {core.nudge_words.tell_day(first + DAY)}.")
    assert len(resumed) == 2


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--at", "6pm", "'6pm' cannot be read"),
        ("--weekdays", "someday", "'someday' cannot be read"),
        ("--quiet", "21:00", "'21:00' cannot be read"),
        ("--zone", "Mars/Phobos", "time_zone: not an IANA time zone"),
        ("--quiet", "08:00-21:00", "leave no minute open"),
    ],
)
async def test_what_cannot_be_set_is_said_and_nothing_is_written(
    members: Cast, option: str, value: str, said: str
) -> None:
    done = await run("nudges", "plan", ANA, "--at", "09:00", option, value)

    assert done.exit_code > 0
    assert said in done.stderr
    assert (await told("nudges", "plan", ANA))[0] == "Plan now: 18:00 every day, America/New_York."


async def test_a_day_in_a_pause_that_is_over_is_told_as_it_was(conn: Connection, members: Cast, now: datetime) -> None:
    began, ana = now - 20 * DAY, members.mentee
    first = core.wall.local_day(began, ana.time_zone)
    pause = Pause(first, first + 10 * DAY)
    await flows.nudge_plans.change(conn, ana, Edit(pauses=(pause,)), began, source="app", actor=ana.id)
    await flows.nudge_plans.change(conn, ana, Edit(pauses=()), began + 4 * DAY, source="app", actor=ana.id)

    inside = await told("nudges", "explain", ANA, str(first + 2 * DAY))
    after = await told("nudges", "explain", ANA, str(first + 6 * DAY))

    assert inside[-1] == f"Not due: paused until {core.nudge_words.tell_day(pause.until)}."
    assert after[-1].startswith("No row.")


async def test_a_day_is_told_in_the_zone_of_that_day(conn: Connection, members: Cast, now: datetime) -> None:
    ana = members.mentee
    moved = now - 10 * DAY
    await flows.nudges.ask_due(conn, moved - 3 * DAY)
    await flows.nudge_plans.change(conn, ana, Edit(zone="Asia/Tokyo"), moved, source="app", actor=ana.id)
    day: date = await conn.fetchval("select max(day) from nudges where mentee_id = $1", ana.id)

    lines = await told("nudges", "explain", ANA, str(day))

    assert lines[1].endswith("every day, Asia/Tokyo.")
    assert "On that day in America/New_York." in lines
    assert any("Nudge: due 18:0" in line and (" EST " in line or " EDT " in line) for line in lines)


async def test_the_preview_marks_pauses_and_holidays_and_still_has_fourteen(members: Cast, now: datetime) -> None:
    today = core.wall.local_day(now, "America/New_York")
    await told("programs", "holidays", "add", "Harbor", str(today + 3 * DAY), "Thanksgiving")
    await told("nudges", "plan", ANA, "--pause", str(today + 5 * DAY), str(today + 8 * DAY))

    lines = await told("nudges", "preview", ANA)

    assert sum(" UTC)" in line for line in lines) == 14
    breaks = [line for line in lines if "nothing: " in line]
    assert [line.partition("nothing: ")[2].partition(" until ")[0] for line in breaks] == [
        "holiday: Thanksgiving",
        "paused",
    ]
    assert lines == sorted(lines, key=lambda line: line.split()[1])


async def test_a_coming_holiday_is_told_by_explain(members: Cast, now: datetime) -> None:
    day = core.wall.local_day(now, "America/New_York") + 3 * DAY
    await told("programs", "holidays", "add", "Harbor", str(day), "Thanksgiving")

    lines = await told("nudges", "explain", ANA, str(day))

    assert lines[-1].endswith("not decided yet. Nothing is sent: holiday: Thanksgiving.")


async def test_holidays_are_added_listed_and_removed(members: Cast, now: datetime) -> None:
    day = core.wall.local_day(now, "America/New_York") + timedelta(days=30)

    added = await told("programs", "holidays", "add", "Harbor", str(day), "Founders' day")
    listed = await told("programs", "holidays", "list", "Harbor")
    removed = [await told("programs", "holidays", "remove", "Harbor", str(day)) for _ in range(2)]
    empty = await told("programs", "holidays", "list", "Harbor")

    assert added == [f"nobody is nudged on {day}: Founders' day"]
    assert listed == [f"{day:%a} {day}  Founders' day"]
    assert removed == [[f"{day} is a day like others"], [f"{day} was no holiday"]]
    assert empty == ["no holidays"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "Nowhere"), "no program called Nowhere"),
        (("add", "Harbor", "2020-01-01", "New Year"), "that day has been"),
        (("remove", "Harbor", "2020-01-01"), "that day has been"),
        (("add", "Harbor", "2099-01-01", "x" * 81), "1 to 80 characters"),
        (("add", "Harbor", "tomorrow", "x"), "does not match the format"),
    ],
)
async def test_holidays_that_cannot_be_are_refused_in_one_line(
    members: Cast, arguments: tuple[str, ...], said: str
) -> None:
    done = await run("programs", "holidays", *arguments)

    assert done.exit_code > 0
    assert said in done.stderr
