"""`checkin nudges`: why somebody was asked or not, and when they will be."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from checkin import core, flows, store
from checkin.cli.nudges import nudges
from checkin.clock import Clock
from checkin.config import Settings
from checkin.core.pushes import Way
from checkin.store.pool import Connection
from tests.people import DAY, MONDAY, NOW, Cast, answer, cast

EVENING = NOW + timedelta(hours=3, minutes=6)
"""18:06 in New York."""


@pytest.fixture
def settle(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("database_url", "token_secret", "encryption_keys", "lookup_key", "twilio_account_sid"):
        monkeypatch.setenv(f"CHECKIN_{name.upper()}", getattr(settings, name))
    monkeypatch.setenv("CHECKIN_TWILIO_AUTH_TOKEN", settings.twilio_auth_token)
    monkeypatch.setenv("CHECKIN_TWILIO_FROM", settings.twilio_from)


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, nudges, arguments)


async def explain(person: str, day: date) -> str:
    done = await run("explain", person, str(day))
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.usefixtures("settle")
async def test_a_sent_nudge_is_explained_with_both_clocks_and_its_message(conn: Connection, people: Cast) -> None:
    await flows.nudges.ask_due(conn, EVENING)
    await conn.execute("update outbox set status = 'delivered'")

    said = await explain("+12125550101", MONDAY)

    assert said.splitlines()[:3] == [
        f"Monday 16 November 2026, mentee {people.mentee.id}",
        "Plan now: 18:00 every day, America/New_York.",
        "Quiet 21:00 to 08:00; the programme sends 08:00 to 21:00.",
    ]
    assert "decided 18:06:00 EST (23:06:00 UTC)" in said
    assert said.splitlines()[-2:] == ["  Sent.", "  The message arrived."]


@pytest.mark.usefixtures("settle")
@pytest.mark.parametrize(
    ("became", "told"),
    [
        ("status = 'sent'", ["  Sent to the app.", "  The push service has it; none says whether it arrived."]),
        (
            "status = 'uncertain', claimed_until = 'infinity'",
            [
                "  Sent to the app.",
                "  Nobody knows whether the push left; it is not sent again, and not as a text.",
            ],
        ),
        (
            "status = 'delivered', way = 'sms', fell_back = 'no_device'",
            ["  Sent.", "  The message arrived. By text: no device of theirs takes pushes."],
        ),
    ],
)
async def test_a_nudge_by_push_is_explained_as_one_and_one_that_fell_back_says_why(
    conn: Connection, people: Cast, became: str, told: list[str]
) -> None:
    await store.pushes.choose(conn, people.mentee.id, Way.push)
    await flows.nudges.ask_due(conn, EVENING)
    await conn.execute(f"update outbox set {became}")

    said = await explain(str(people.mentee.id), MONDAY)

    assert said.splitlines()[-2:] == told


@pytest.mark.usefixtures("settle")
async def test_a_nudge_that_was_not_sent_says_why(conn: Connection, people: Cast) -> None:
    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, 7, 5), NOW)
    await flows.nudges.ask_due(conn, EVENING)

    said = await explain(str(people.mentee.id), MONDAY)

    assert said.splitlines()[-1] == "  Not sent: answered in the app 13:00."


@pytest.mark.usefixtures("settle")
@pytest.mark.parametrize(
    ("change", "day", "told"),
    [
        ("select 1", date(2020, 1, 1), "Not due: this person was added on Thursday 17 September 2026."),
        (
            (
                "insert into pauses (mentee_id, id, starts_on, until, source, made_at) "
                "select mentee_id, gen_random_uuid(), '2026-11-01', '2027-11-01', 'app', now() from nudge_plans"
            ),
            date(2027, 10, 30),
            "Not due: paused until Monday 1 November 2027.",
        ),
        ("update nudge_plans set weekdays = '{1,2}'", date(2026, 11, 18), "Not due: the plan leaves out Wednesdays."),
        ("update nudge_plans set quiet_from = '00:00', quiet_until = '23:59'", MONDAY, "no open minute on that day."),
        ("update people set opted_out_at = now()", date(2030, 1, 1), "this person has opted out of messages."),
        ("update people set status = 'ended'", date(2030, 1, 1), "this person is ended, not active."),
    ],
)
async def test_a_day_without_a_row_says_why_there_is_none(
    conn: Connection, people: Cast, change: str, day: date, told: str
) -> None:
    await conn.execute(change)

    said = await explain(str(people.mentee.id), day)

    assert told in said.splitlines()[-1]


@pytest.mark.usefixtures("settle")
async def test_a_day_long_past_without_a_row_tells_what_the_plan_would_have_been(conn: Connection) -> None:
    members = await cast(conn, datetime(2020, 1, 1, tzinfo=UTC))

    said = await explain(str(members.mentee.id), date(2020, 2, 1))

    assert said.splitlines()[-1].startswith("No row. By the plan as it is now it was due 18:0")


@pytest.mark.usefixtures("settle")
async def test_a_due_nudge_that_nobody_decided_asks_for_the_worker(conn: Connection) -> None:
    now = Clock().now()
    members = await cast(conn, now - 3 * DAY)
    midday = f"Etc/GMT{now.hour - 12:+d}"  # the zone where it is past noon
    await conn.execute("update people set time_zone = $1", midday)
    await conn.execute("update nudge_plans set times = '{11:30}'")

    said = await explain(str(members.mentee.id), core.wall.local_day(now, midday))

    assert said.splitlines()[-1].endswith("Is `checkin worker` running?")


@pytest.mark.usefixtures("settle")
async def test_the_preview_has_fourteen_lines_in_local_time_and_utc(conn: Connection, people: Cast) -> None:
    done = await run("preview", "+12125550101")

    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert len(lines) == 14
    assert all("  18:0" in line and line.count(" UTC)") == 1 for line in lines)


@pytest.mark.usefixtures("settle")
async def test_a_preview_without_anything_says_why(conn: Connection, people: Cast) -> None:
    await conn.execute("update people set unreachable_at = now()")

    done = await run("preview", str(people.mentee.id))

    assert done.stdout == "Nothing is sent: messages do not reach this person's phone.\n"


@pytest.mark.usefixtures("settle", "people")
@pytest.mark.parametrize(
    ("person", "told"),
    [("+12125559999", "nobody by that id or phone"), ("+12125550102", "not a mentee"), ("Ana", "nobody")],
)
async def test_whoever_is_not_a_mentee_is_named_as_the_mistake(person: str, told: str) -> None:
    done = await run("preview", person)

    assert done.exit_code == 1
    assert told in done.stderr


@pytest.mark.usefixtures("settle")
@pytest.mark.parametrize(("day", "said"), [(date.min, "Not due"), (date(9998, 12, 31), "not decided yet")])
async def test_days_out_of_all_reach_can_be_asked_about(conn: Connection, people: Cast, day: date, said: str) -> None:
    assert said in await explain(str(people.mentee.id), day)


@pytest.mark.usefixtures("settle")
async def test_the_last_year_there_is_cannot_be_asked_about(people: Cast) -> None:
    done = await run("explain", str(people.mentee.id), str(date.max))

    assert done.exit_code == 2
    assert "before the year 9999" in done.output


@pytest.mark.usefixtures("settle")
async def test_without_a_database_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKIN_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/none")

    done = await run("explain", "+12125550101", str(MONDAY))

    assert done.exit_code == 1
    assert len(done.output.splitlines()) == 1
