"""Whoever alerts no longer reach is passed over at once, and the coordinators are told."""

from datetime import timedelta

import pytest

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.people import Person, Role
from checkin.core.texts import Text
from checkin.flows.delivery import Report
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection
from tests.people import NOW, ZONE, Cast
from tests.phones import sent_to, text, told

MINUTE = timedelta(minutes=1)
SENDER = "+15005550006"
SID = "SM" + "1" * 32


async def refused(conn: Connection, code: int) -> None:
    """Let the carrier say so of the one text that is due."""
    [message] = (await store.outbox.claim_due(conn, NOW, 2 * MINUTE, 10)).readable
    await store.outbox.mark_sent(conn, message, SID, NOW)
    report = Report(message=message.id, attempt=message.attempt_id, sid=SID, word="undelivered", code=code)
    await flows.delivery.hear_callback(conn, report, SENDER, NOW + MINUTE)


async def asked(conn: Connection) -> list[str]:
    rows = await conn.fetch("select role from alert_steps where result = 'asked' order by at, step")
    return [row["role"] for row in rows]


async def second_coordinator(conn: Connection, people: Cast) -> Person:
    row = NewPerson(
        line=0,
        program="",
        name="Hal",
        phone="+12125550155",
        roles=frozenset({Role.coordinator}),
        time_zone=ZONE,
        language="en",
        consented=True,
    )
    return await flows.people.add(conn, row, people.program, NOW)


async def test_what_a_mentor_was_asked_goes_on_at_their_stop(conn: Connection, people: Cast) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
    await store.alerts.raise_for(conn, people.mentee.id, Kind.silence, {}, NOW)
    await flows.alerts.move_due(conn, NOW)

    await text(conn, people.mentor, "STOP", at=NOW + MINUTE)
    await flows.alerts.move_due(conn, NOW + MINUTE)

    assert sorted((await asked(conn))[2:]) == ["coordinator", "cover"]
    assert told(Text.mentor_stopped) in await sent_to(conn, people.coordinator)


@pytest.mark.parametrize(
    ("code", "notice"),
    [(21610, Text.mentor_stopped), (21211, Text.mentor_unreachable), (30005, Text.mentor_unreachable)],
)
async def test_what_the_carrier_says_of_a_mentors_phone_is_told_and_all_they_were_asked_goes_on(
    conn: Connection, people: Cast, code: int, notice: Text
) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.silence, {}, NOW - MINUTE)
    await flows.alerts.move_due(conn, NOW - MINUTE)
    await conn.execute("update outbox set status = 'delivered', settled_at = $1", NOW)
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
    await flows.alerts.move_due(conn, NOW)

    await refused(conn, code)
    await flows.alerts.move_due(conn, NOW + MINUTE)

    assert (await asked(conn))[:2] == ["mentor", "mentor"]
    assert sorted((await asked(conn))[2:]) == ["coordinator", "cover"]
    assert notice in [one for one in Text if told(one) in await sent_to(conn, people.coordinator)]
    assert await conn.fetchval("select count(*) from alerts where kind in ('opted_out', 'unreachable')") == 0


async def test_a_lost_coordinator_is_told_to_the_others_once_a_day(conn: Connection, people: Cast) -> None:
    hal = await second_coordinator(conn, people)
    await flows.say.tell_coordinators(
        conn, await store.people.program(conn, people.program), hal.id, Text.shared_phone, "key", NOW
    )
    await conn.execute("update outbox set status = 'delivered', settled_at = $1 where person_id <> $2", NOW, hal.id)

    await refused(conn, 30005)
    await text(conn, hal, "STOP", at=NOW + 2 * MINUTE)
    await text(conn, hal, "STOP", at=NOW + 3 * MINUTE)

    heard = await sent_to(conn, people.coordinator)
    assert heard[1:] == [told(Text.mentor_unreachable), told(Text.mentor_stopped)]
