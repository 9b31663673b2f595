"""Danger in notes from the app is answered by text: each note once, whatever becomes of the alert it raised."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from checkin import flows, store
from checkin.core.help_requests import Topic
from checkin.core.texts import Text
from checkin.store.pool import Connection
from tests.people import DAY, MONDAY, NOW, Cast, answer
from tests.phones import sent_to, text, told

PLAIN = "i want to kill myself"
INDIRECT = "everyone would be better off without me"
PAST = "my friend died by suicide last year"
OF_ANOTHER = "my brother is going to jump off the bridge right now"
A_MINUTE = timedelta(minutes=1)


async def note(conn: Connection, people: Cast, words: str, at: datetime = NOW, day: date = MONDAY) -> None:
    await flows.check_ins.record(conn, people.mentee.id, answer(day, 2, 1, note=words, at=at), at)


async def beats(conn: Connection, start: datetime, minutes: Sequence[int] = (0, 1, 5, 15, 30)) -> None:
    for minute in minutes:
        await flows.alerts.move_due(conn, start + minute * A_MINUTE)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (PLAIN, [Text.crisis]),
        (INDIRECT, [Text.crisis]),
        (PAST, [Text.supportive]),
        (OF_ANOTHER, [Text.emergency_other]),
        ("slept well", []),
    ],
)
async def test_a_note_has_the_answer_that_a_text_has(
    conn: Connection, people: Cast, words: str, expected: list[Text]
) -> None:
    await note(conn, people, words)

    await beats(conn, NOW)

    assert await sent_to(conn, people.mentee) == [told(one) for one in expected]


async def test_a_note_that_joins_an_open_alert_is_answered(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, PAST)
    await beats(conn, NOW + A_MINUTE)

    await note(conn, people, PLAIN, NOW + 60 * A_MINUTE)
    await beats(conn, NOW + 60 * A_MINUTE)

    assert await sent_to(conn, people.mentee) == [told(Text.supportive), told(Text.crisis)]


async def test_a_note_under_an_alert_that_somebody_has_is_answered(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, INDIRECT, at=NOW)
    await beats(conn, NOW, [0])
    await text(conn, people.mentor, "OK", at=NOW + A_MINUTE)

    tomorrow = NOW + 20 * 60 * A_MINUTE
    await note(conn, people, INDIRECT, tomorrow, MONDAY + DAY)
    await beats(conn, tomorrow)

    assert await sent_to(conn, people.mentee) == [told(Text.crisis)] * 2


async def test_a_note_is_answered_where_nobody_can_be_asked(conn: Connection, people: Cast) -> None:
    await conn.execute("update people set opted_out_at = $2 where id <> $1", people.mentee.id, NOW - DAY)
    await note(conn, people, PLAIN)

    await beats(conn, NOW)

    assert await sent_to(conn, people.mentee) == [told(Text.crisis)]


async def test_a_note_is_answered_though_its_alert_is_closed_at_that_moment(conn: Connection, people: Cast) -> None:
    await text(conn, people.mentee, INDIRECT, at=NOW)
    await beats(conn, NOW, [0])
    await note(conn, people, PLAIN, NOW + 10 * A_MINUTE)

    await text(conn, people.mentor, "CALLED", at=NOW + 10 * A_MINUTE)
    await beats(conn, NOW + 10 * A_MINUTE)

    assert await sent_to(conn, people.mentee) == [told(Text.crisis)] * 2


async def test_a_text_after_a_note_is_answered_once(conn: Connection, people: Cast) -> None:
    await note(conn, people, PAST)
    await beats(conn, NOW)

    await text(conn, people.mentee, PLAIN, at=NOW + 60 * A_MINUTE)
    await beats(conn, NOW + 60 * A_MINUTE)

    assert await sent_to(conn, people.mentee) == [told(Text.supportive), told(Text.crisis)]


async def test_each_note_is_answered_once_and_those_that_come_together_once(conn: Connection, people: Cast) -> None:
    await note(conn, people, PAST)
    await note(conn, people, PLAIN, day=MONDAY - DAY)
    await beats(conn, NOW)
    await note(conn, people, INDIRECT, NOW + 60 * A_MINUTE)
    await note(conn, people, INDIRECT, NOW + 60 * A_MINUTE)
    await beats(conn, NOW + 60 * A_MINUTE)

    assert await sent_to(conn, people.mentee) == [told(Text.crisis)] * 2


async def test_the_words_of_a_request_are_answered_like_a_note(conn: Connection, people: Cast) -> None:
    await flows.help_requests.ask(conn, people.mentee, Topic.other, PAST, NOW)

    await beats(conn, NOW)

    assert await sent_to(conn, people.mentee) == [told(Text.supportive)]


@pytest.mark.parametrize(
    "change",
    [
        "update people set opted_out_at = $2 where id = $1",
        "update people set unreachable_at = $2 where id = $1",
        "update consents set withdrawn_at = $2, withdrawn_source = 'app' where person_id = $1",
    ],
)
async def test_nobody_is_texted_whom_no_text_may_reach_nor_later(conn: Connection, people: Cast, change: str) -> None:
    await conn.execute(change, people.mentee.id, NOW)
    await note(conn, people, PLAIN)
    await beats(conn, NOW)
    await text(conn, people.mentee, "START", at=NOW + 40 * A_MINUTE)

    await beats(conn, NOW + 60 * A_MINUTE)

    assert told(Text.crisis) not in await sent_to(conn, people.mentee)
    assert await store.alerts.open_for(conn, people.mentor.id, NOW) != []
