"""Alerts move until a human has one."""

from datetime import datetime, timedelta

import pytest

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.errors import UnknownAlert
from checkin.core.texts import Text
from checkin.store.pool import Connection
from tests.people import NOW, Cast
from tests.phones import sent_to, text, told

FOUR_HOURS = timedelta(hours=4)


async def raised(conn: Connection, people: Cast, *, at: datetime = NOW, kind: Kind = Kind.call_me) -> int:
    """Raise an alert for the mentee and return its number."""
    await store.alerts.raise_for(conn, people.mentee.id, kind, {}, at)
    number: int = await conn.fetchval("select number from alerts order by raised_at desc limit 1")
    return number


async def steps(conn: Connection) -> list[tuple[str, str]]:
    return [
        (row["role"], row["result"]) for row in await conn.fetch("select role, result from alert_steps order by step")
    ]


async def test_the_mentor_is_asked_first_and_only_the_mentor(conn: Connection, people: Cast) -> None:
    number = await raised(conn, people)

    await flows.alerts.move_due(conn, NOW)

    assert await sent_to(conn, people.mentor) == [told(Text.alert, number=number)]
    assert await sent_to(conn, people.cover) == await sent_to(conn, people.coordinator) == []


async def test_unanswered_it_goes_to_the_cover_then_the_coordinator_then_the_coordinator_again(
    conn: Connection, people: Cast
) -> None:
    morning = NOW - timedelta(hours=6)
    await raised(conn, people, at=morning)

    for hours in (0, 4, 8, 24):
        await flows.alerts.move_due(conn, morning + timedelta(hours=hours))

    asked = "asked"
    assert await steps(conn) == [("mentor", asked), ("cover", asked), ("coordinator", asked), ("coordinator", asked)]


async def test_nothing_moves_before_its_time(conn: Connection, people: Cast) -> None:
    await raised(conn, people)
    await flows.alerts.move_due(conn, NOW)

    counts = await flows.alerts.move_due(conn, NOW + FOUR_HOURS - timedelta(seconds=1))

    assert not counts


@pytest.mark.parametrize(
    ("column", "result"), [("opted_out_at", "opted_out"), ("unreachable_at", "unreachable"), ("phone", "no_phone")]
)
async def test_who_cannot_be_texted_is_passed_over_at_once_and_the_step_says_why(
    conn: Connection, people: Cast, column: str, result: str
) -> None:
    value = "null, phone_hash = null" if column == "phone" else "now()"
    await conn.execute(f"update people set {column} = {value} where id = $1", people.mentor.id)
    await raised(conn, people)

    await flows.alerts.move_due(conn, NOW)

    assert await steps(conn) == [("mentor", result), ("cover", "asked")]


async def test_of_two_covers_the_one_who_can_be_asked_is(conn: Connection, people: Cast) -> None:
    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, "cover", NOW - timedelta(hours=1))
    gone = [people.mentor.id, people.other_mentor.id]
    await conn.execute("update people set unreachable_at = now() where id = any ($1)", gone)
    await raised(conn, people)

    await flows.alerts.move_due(conn, NOW)

    assert await steps(conn) == [("mentor", "unreachable"), ("cover", "unreachable"), ("cover", "asked")]
    assert len(await sent_to(conn, people.cover)) == 1


async def test_with_nobody_assigned_the_coordinator_is_asked(conn: Connection, people: Cast) -> None:
    await conn.execute("update assignments set ends_at = $1", NOW - timedelta(days=1))
    await raised(conn, people)

    await flows.alerts.move_due(conn, NOW)

    assert await steps(conn) == [("mentor", "empty"), ("cover", "empty"), ("coordinator", "asked")]


async def test_with_nobody_at_all_it_stays_open_and_is_tried_again(conn: Connection, people: Cast) -> None:
    await conn.execute("update people set opted_out_at = now() where 'mentee' <> all (roles)")
    await raised(conn, people)

    first = await flows.alerts.move_due(conn, NOW)
    await conn.execute("update people set opted_out_at = null where id = $1", people.coordinator.id)
    second = await flows.alerts.move_due(conn, NOW + FOUR_HOURS)

    assert (first["nobody"], second["asked"]) == (1, 1)
    assert len(await sent_to(conn, people.coordinator)) == 1


async def test_at_night_an_ordinary_alert_waits_for_the_morning(conn: Connection, people: Cast) -> None:
    eleven_at_night = NOW + timedelta(hours=8)
    await raised(conn, people, at=eleven_at_night)

    waiting = await flows.alerts.move_due(conn, eleven_at_night)
    asked = await flows.alerts.move_due(conn, eleven_at_night + timedelta(hours=9))

    assert (waiting["waiting"], asked["asked"]) == (1, 1)


async def test_at_night_a_crisis_does_not_wait(conn: Connection, people: Cast) -> None:
    eleven_at_night = NOW + timedelta(hours=8)
    await raised(conn, people, at=eleven_at_night, kind=Kind.crisis)

    counts = await flows.alerts.move_due(conn, eleven_at_night)

    assert counts["asked"] == 1
    assert await conn.fetchval("select lane::text from outbox") == "crisis"


async def test_taken_it_moves_no_further_for_two_days(conn: Connection, people: Cast) -> None:
    await raised(conn, people)
    await flows.alerts.move_due(conn, NOW)
    await text(conn, people.mentor, "OK", at=NOW)

    counts = await flows.alerts.move_due(conn, NOW + timedelta(hours=47, minutes=59))

    assert not counts


async def test_snoozed_its_owner_is_asked_again_and_silence_moves_it_on(conn: Connection, people: Cast) -> None:
    morning = NOW - timedelta(hours=6)
    await raised(conn, people, at=morning)
    await flows.alerts.move_due(conn, morning)
    await text(conn, people.mentor, "SNOOZE", at=morning)

    for hours in (4, 8):
        await flows.alerts.move_due(conn, morning + timedelta(hours=hours))

    assert await steps(conn) == [("mentor", "asked"), ("mentor", "asked"), ("cover", "asked")]


async def test_a_second_cause_adds_to_the_open_alert(conn: Connection, people: Cast) -> None:
    await raised(conn, people)
    await raised(conn, people)

    alerts = await store.alerts.open_for(conn, people.mentor.id, NOW)

    assert [len(alert.evidence) for alert in alerts] == [2]


async def test_a_former_mentor_has_no_say(conn: Connection, people: Cast) -> None:
    await raised(conn, people)
    alert = (await store.alerts.open_for(conn, people.mentor.id, NOW))[0]
    await conn.execute("update assignments set ends_at = $1 where mentor_id = $2", NOW, people.mentor.id)

    with pytest.raises(UnknownAlert):
        await flows.alerts.acknowledge(conn, people.mentor, alert.id, "app", NOW)
