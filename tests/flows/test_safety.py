"""Danger is heard, whoever writes it and wherever: people are told, and the answer names a crisis line."""

from datetime import timedelta

import pytest

from checkin import core, flows, store
from checkin.core.texts import Text
from checkin.flows.inbound import InboundText
from checkin.store.pool import Connection
from tests.people import MONDAY, NOW, Cast, answer
from tests.phones import sent_to, text, told

PLAIN = "i want to kill myself"
PLAIN_ES = "me quiero matar"
DENIED = "not suicidal, just tired"
OF_ANOTHER = "my brother is going to jump off the bridge right now"
NIGHT = NOW + timedelta(hours=8)
"""23:00 in New York."""


async def crises(conn: Connection, people: Cast) -> list[tuple[str, str]]:
    rows = await conn.fetch("select urgency::text, evidence -> 0 ->> 'tier' as tier from alerts where kind = 'crisis'")
    return [(row["urgency"], row["tier"]) for row in rows]


async def asked(conn: Connection) -> list[tuple[str, str]]:
    return [
        (row["role"], row["result"]) for row in await conn.fetch("select role, result from alert_steps order by step")
    ]


async def test_plain_words_tell_mentor_and_coordinator_together_at_night(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, PLAIN, at=NIGHT)

    await flows.alerts.move_due(conn, NIGHT)

    assert await crises(conn, people) == [("now", "A")]
    assert await asked(conn) == [("mentor", "asked"), ("coordinator", "asked")]
    number = await conn.fetchval("select number from alerts")
    expected = [told(Text.crisis_alert, number=number)]
    assert await sent_to(conn, people.mentor) == await sent_to(conn, people.coordinator) == expected
    assert await sent_to(conn, people.mentee) == [told(Text.crisis)]


async def test_unanswered_the_cover_hears_in_five_minutes_and_the_coordinator_again_and_again(
    conn: Connection, people: Cast
) -> None:
    await text(conn, people.mentee, PLAIN, at=NIGHT)

    for minutes in (0, 5, 10, 25, 40):
        await flows.alerts.move_due(conn, NIGHT + timedelta(minutes=minutes, seconds=1))

    roles = [role for role, result in await asked(conn) if result == "asked"]
    assert roles == ["mentor", "coordinator", "cover", "coordinator", "coordinator", "coordinator"]


async def test_a_mentor_on_leave_is_stood_in_for_at_once(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentor, "AWAY 3")
    await text(conn, people.mentee, PLAIN)

    await flows.alerts.move_due(conn, NOW + timedelta(seconds=1))

    assert await asked(conn) == [("mentor", "away"), ("cover", "asked"), ("coordinator", "asked")]


async def test_indirect_words_go_to_the_mentor_first(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "everyone would be better off without me", at=NIGHT)

    await flows.alerts.move_due(conn, NIGHT)

    assert await crises(conn, people) == [("soon", "B")]
    assert await asked(conn) == [("mentor", "asked")]
    assert await sent_to(conn, people.mentee) == [told(Text.crisis)]


async def test_denied_words_are_answered_and_can_wait(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, DENIED)

    await flows.alerts.move_due(conn, NOW + timedelta(seconds=1))

    assert await crises(conn, people) == [("digest", "C")]
    assert await sent_to(conn, people.mentee) == [told(Text.supportive)]
    number = await conn.fetchval("select number from alerts")
    assert await sent_to(conn, people.mentor) == [told(Text.notice, number=number)]


async def test_somebody_else_in_danger_this_minute_waits_for_nobody(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, OF_ANOTHER, at=NIGHT)

    await flows.alerts.move_due(conn, NIGHT)

    assert await crises(conn, people) == [("soon", "C")]
    number = await conn.fetchval("select number from alerts")
    assert await sent_to(conn, people.mentor) == [told(Text.crisis_alert, number=number)]
    assert await sent_to(conn, people.mentee) == [told(Text.emergency_other)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [(PLAIN, Text.crisis), ("no puedo más", Text.crisis), (OF_ANOTHER, Text.emergency_other)],
)
async def test_danger_is_answered_however_many_answers_went_before(
    conn: Connection, people: Cast, words: str, expected: Text
) -> None:
    for minute in range(3):
        await text(conn, people.mentee, "SKIP", at=NOW + timedelta(minutes=minute))

    await text(conn, people.mentee, words, at=NOW + timedelta(minutes=4))

    assert (await sent_to(conn, people.mentee))[3:] == [told(expected)]


async def test_scores_beside_danger_are_kept(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, f"2 1 {PLAIN}")

    stored = await store.check_ins.one(conn, people.mentee.id, MONDAY)
    assert stored is not None
    assert (stored.mood, stored.hope) == (2, 1)
    assert await sent_to(conn, people.mentee) == [told(Text.crisis)]


async def test_worse_words_make_an_open_alert_urgent_and_take_it_from_whoever_has_it(
    conn: Connection, people: Cast
) -> None:
    await text(conn, people.mentee, DENIED, at=NOW)
    await flows.alerts.move_due(conn, NOW)
    await text(conn, people.mentor, "OK", at=NOW + timedelta(minutes=1))

    await text(conn, people.mentee, PLAIN, at=NIGHT)
    await flows.alerts.move_due(conn, NIGHT)

    assert await crises(conn, people) == [("now", "C")]
    assert await asked(conn) == [("mentor", "asked"), ("mentor", "asked"), ("coordinator", "asked")]


async def test_danger_in_an_opt_out_alerts_people_and_is_not_answered(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, f"stop texting me {PLAIN}")

    person = await store.people.by_id(conn, people.mentee.id)
    assert person is not None
    assert person.opted_out
    assert await crises(conn, people) == [("now", "A")]
    assert await sent_to(conn, people.mentee) == []


async def test_danger_in_spanish_is_answered_in_spanish(conn: Connection, people: Cast) -> None:
    await text(conn, people.other_mentee, PLAIN_ES)

    assert await sent_to(conn, people.other_mentee) == [told(Text.crisis, "es")]


async def test_danger_in_a_note_from_the_app_is_heard_and_answered_by_text(conn: Connection, people: Cast) -> None:
    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, 2, 1, note=PLAIN), NOW)

    await flows.alerts.move_due(conn, NOW)
    await flows.alerts.move_due(conn, NOW + timedelta(minutes=5))

    assert await crises(conn, people) == [("now", "A")]
    assert await sent_to(conn, people.mentee) == [told(Text.crisis)]


async def test_history_that_is_brought_in_calls_nobody(conn: Connection, people: Cast) -> None:
    said = core.check_ins.Answer(
        day=MONDAY,
        mood=1,
        hope=1,
        note=PLAIN,
        answered_at=NOW,
        time_zone=people.mentee.time_zone,
        source=core.check_ins.Source.imported,
    )

    await flows.check_ins.record(conn, people.mentee.id, said, NOW)

    assert await crises(conn, people) == []


async def test_a_mentor_in_danger_is_heard_by_the_coordinator(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentor, PLAIN)

    await flows.alerts.move_due(conn, NOW + timedelta(seconds=1))

    assert await asked(conn) == [("mentor", "empty"), ("cover", "empty"), ("coordinator", "asked")]
    assert await sent_to(conn, people.mentor) == [told(Text.crisis)]


@pytest.mark.parametrize("danger", [PLAIN, OF_ANOTHER])
async def test_a_stranger_in_danger_gets_crisis_resources_once_a_day(
    conn: Connection, people: Cast, danger: str
) -> None:
    for number, words in enumerate([danger, danger, "7 5"]):
        incoming = InboundText(sid=f"SMx{number}", phone="+12125559999", body=words)
        await flows.inbound.receive(conn, incoming, NOW)

    rows = await conn.fetch("select id, body, lane::text from outbox")
    assert [row["lane"] for row in rows] == ["crisis"]
    assert conn.vault.open("outbox.body", rows[0]["id"], rows[0]["body"]) == told(Text.unknown_crisis)


async def test_danger_on_a_shared_phone_is_an_alert_for_everybody_on_it(conn: Connection, people: Cast) -> None:
    await conn.execute(
        "update people set phone_hash = (select phone_hash from people where id = $1) where id = $2",
        people.mentee.id,
        people.other_mentee.id,
    )

    assert await text(conn, people.mentee, PLAIN) == "shared_phone"

    assert await crises(conn, people) == [("now", "A"), ("now", "A")]
    assert await sent_to(conn, people.coordinator) == [told(Text.shared_phone)]


async def test_a_mentor_who_tells_of_danger_this_minute_is_heard_and_answered(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentor, f"CALLED 41 {OF_ANOTHER}")

    assert await crises(conn, people) == [("soon", "C")]
    assert await sent_to(conn, people.mentor) == [told(Text.emergency_other)]


async def test_a_mentor_who_tells_how_it_went_raises_nothing_new(conn: Connection, people: Cast) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, core.alerts.Kind.call_me, {}, NOW)
    number = await conn.fetchval("select number from alerts")

    await text(conn, people.mentor, f"CALLED {number} her friend died by suicide last year")

    assert await crises(conn, people) == []
    assert await sent_to(conn, people.mentor) == [told(Text.alert_closed, number=number)]


async def test_danger_after_a_stop_is_heard_and_the_stop_still_honoured(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, "STOP")

    await text(conn, people.mentee, PLAIN)

    assert await crises(conn, people) == [("now", "A")]
    assert await sent_to(conn, people.mentee) == []


async def test_scores_beside_words_worth_knowing_are_kept_and_answered_kindly(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, f"6 5 {DENIED}")

    assert await conn.fetchval("select mood from check_ins") == 6
    assert await sent_to(conn, people.mentee) == [told(Text.supportive)]


async def test_a_quoted_text_in_a_tapback_is_no_danger(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, f"Loved “{PLAIN}”")

    assert await crises(conn, people) == []
    assert await sent_to(conn, people.mentee) == []


@pytest.mark.parametrize("words", [PLAIN, DENIED, "everyone would be better off without me"])
async def test_no_words_are_kept_in_the_alert(conn: Connection, people: Cast, words: str) -> None:
    await text(conn, people.mentee, words)

    evidence = await conn.fetchval("select evidence::text from alerts")
    assert words not in evidence
