"""Texts from a phone that several people have: never guessed between, but an opt-out and danger are for all of them."""

from datetime import timedelta
from typing import Literal

import pytest

from checkin import flows, store
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.flows.inbound import InboundText
from checkin.store.pool import Connection
from tests.people import NOW, Cast
from tests.phones import sent_to, text, told

PLAIN = "i want to kill myself"
PLAIN_ES = "me quiero matar"
AN_HOUR = timedelta(hours=1)


async def share(conn: Connection, one: Person, other: Person) -> None:
    """Let *other* have the phone of *one*."""
    await conn.execute(
        "update people set phone_hash = (select phone_hash from people where id = $1) where id = $2", one.id, other.id
    )


async def answers(conn: Connection) -> list[str]:
    """Return the texts that went to a number and to nobody by name."""
    rows = await conn.fetch("select id, body from outbox where person_id is null order by created_at, id")
    return [conn.vault.open("outbox.body", row["id"], row["body"]) for row in rows]


async def audited(conn: Connection) -> list[str]:
    rows = await conn.fetch("select action from audit where action like 'texts.%' order by at, id")
    return [row["action"] for row in rows]


@pytest.mark.parametrize("opt_out", [None, "STOP"])
async def test_a_stop_is_everybodys_and_told_as_everybodys(
    conn: Connection, people: Cast, opt_out: Literal["STOP"] | None
) -> None:
    await share(conn, people.mentee, people.other_mentor)
    incoming = InboundText(sid="SM1", phone=people.mentee.phone or "", body="STOP", opt_out=opt_out)

    assert await flows.inbound.receive(conn, incoming, NOW) == "opt_out"

    assert await conn.fetchval("select count(*) from people where opted_out_at is not null") == 2
    assert await audited(conn) == ["texts.stopped"] * 2
    assert [alert.kind for alert in await store.alerts.open_for(conn, people.mentor.id, NOW)] == ["opted_out"]
    assert set(await sent_to(conn, people.coordinator)) == {told(Text.shared_phone), told(Text.mentor_stopped)}


async def test_a_start_is_told_again_to_who_can_sort_it_out(conn: Connection, people: Cast) -> None:
    await share(conn, people.mentee, people.other_mentee)
    for words in ("STOP", "START", "START", "7 5"):
        await text(conn, people.mentee, words)

    assert await sent_to(conn, people.coordinator) == [told(Text.shared_phone)] * 2
    assert await conn.fetchval("select count(*) from people where opted_out_at is not null") == 2


async def test_danger_is_answered_each_time_as_the_sharers_have_it_in_common(conn: Connection, people: Cast) -> None:
    await share(conn, people.mentee, people.other_mentee)
    await conn.execute("update people set language = 'es'")
    await conn.execute("update programs set crisis_line = 'call 555 0100'")

    for hours in range(2):
        await text(conn, people.mentee, PLAIN, at=NOW + hours * AN_HOUR)

    program = await store.people.program(conn, people.program)
    assert await answers(conn) == [flows.say.words(Text.crisis, "es", program)] * 2


@pytest.mark.parametrize(("words", "language"), [(PLAIN, "en"), (PLAIN_ES, "es")])
async def test_sharers_of_two_languages_are_answered_in_that_of_the_words(
    conn: Connection, people: Cast, words: str, language: str
) -> None:
    await share(conn, people.mentee, people.other_mentee)

    await text(conn, people.mentee, words)

    assert await answers(conn) == [told(Text.crisis, language)]


async def test_sharers_of_two_programs_are_answered_in_the_name_of_none(conn: Connection, people: Cast) -> None:
    await share(conn, people.mentee, people.stranger)

    await text(conn, people.mentee, PLAIN_ES)

    assert await answers(conn) == [told(Text.unknown_crisis, "en")]


async def test_somebody_else_in_danger_is_answered_with_whom_to_call_first(conn: Connection, people: Cast) -> None:
    await share(conn, people.mentee, people.other_mentee)

    await text(conn, people.mentee, "my brother is going to jump off the bridge right now")

    assert await answers(conn) == [told(Text.emergency_other)]
    assert await conn.fetchval("select count(*) from alerts where kind = 'crisis' and urgency = 'soon'") == 2


@pytest.mark.parametrize("words", ["STOP", f"stop texting me {PLAIN}"])
async def test_after_a_stop_danger_is_heard_and_not_answered(conn: Connection, people: Cast, words: str) -> None:
    await share(conn, people.mentee, people.other_mentee)
    await text(conn, people.mentee, words)

    await text(conn, people.mentee, PLAIN)

    assert await answers(conn) == []
    assert await conn.fetchval("select count(*) from alerts where kind = 'crisis'") == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (PLAIN, [told(Text.unknown_crisis)]),
        (PLAIN_ES, [told(Text.unknown_crisis, "es")]),
        (f"stop texting me {PLAIN}", []),
    ],
)
async def test_a_stranger_is_answered_in_the_language_of_their_words(
    conn: Connection, people: Cast, words: str, expected: list[str]
) -> None:
    await flows.inbound.receive(conn, InboundText(sid="SM1", phone="+12125559999", body=words), NOW)

    assert await answers(conn) == expected
