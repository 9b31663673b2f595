"""What is shown beside an alert: the notes that a mentee shares, and the last try to reach them."""

import pytest
from msgspec.structs import replace

from checkin import flows, store
from checkin.core.alerts import Kind, Outcome
from checkin.store.looks import Try
from checkin.store.pool import Connection
from tests.people import MONDAY, NOW, Cast, answer
from tests.phones import text


@pytest.mark.parametrize(("kind", "notes"), [("cover", ["a hard day"]), ("facilitator", []), ("clinical_contact", [])])
async def test_shared_notes_are_the_mentors_and_the_covers(
    conn: Connection, people: Cast, kind: str, notes: list[str]
) -> None:
    said = replace(answer(MONDAY, 5, 5, note="a hard day"), note_shared=True)
    await flows.check_ins.record(conn, people.mentee.id, said, NOW)
    await conn.execute("delete from assignments where kind = 'cover'")
    await store.people.assign(conn, people.mentee.id, people.other_mentor.id, kind, NOW)
    if kind == "clinical_contact":
        await store.consents.give(conn, people.mentee.id, store.consents.CLINIC, "1", "paper", NOW)
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
    [alert] = await store.alerts.open_for(conn, people.other_mentor.id, NOW)

    seen = await flows.looks.look(conn, people.other_mentor, alert, NOW)

    assert [note.words for note in seen.notes] == notes


async def test_a_clinical_contact_reads_alerts_only_while_the_mentee_agrees(conn: Connection, people: Cast) -> None:
    mentee, contact = people.mentee.id, people.other_mentor.id
    await conn.execute("delete from assignments where kind = 'cover'")
    await store.people.assign(conn, mentee, contact, store.consents.CLINIC, NOW)
    await store.alerts.raise_for(conn, mentee, Kind.call_me, {}, NOW)

    before = await store.alerts.open_for(conn, contact, NOW)
    await store.consents.give(conn, mentee, store.consents.CLINIC, "1", "paper", NOW)
    meanwhile = await store.alerts.open_for(conn, contact, NOW)
    await store.consents.withdraw(conn, mentee, store.consents.CLINIC, "paper", NOW)
    after = await store.alerts.open_for(conn, contact, NOW)

    assert (len(before), len(meanwhile), len(after)) == (0, 1, 0)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("MSG {} told her sister", Try(outcome=Outcome.left_message, note="told her sister")),
        ("NOANSWER {}", Try(outcome=Outcome.no_answer, note=None)),
        ("CALLED {} no answer", Try(outcome=Outcome.no_answer, note="no answer")),
        ("SNOOZE {}", Try(outcome=None, note=None)),
    ],
)
async def test_a_try_that_is_told_by_text_is_kept(conn: Connection, people: Cast, words: str, expected: Try) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
    await flows.alerts.move_due(conn, NOW)
    [alert] = await store.alerts.open_for(conn, people.mentor.id, NOW)

    await text(conn, people.mentor, words.format(alert.number))

    assert await store.looks.last_try(conn, people.mentee.id, alert.id) == expected


async def test_a_try_of_who_does_not_have_it_is_not_kept(conn: Connection, people: Cast) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
    [alert] = await store.alerts.open_for(conn, people.mentor.id, NOW)
    await text(conn, people.cover, f"OK {alert.number}")

    await text(conn, people.mentor, f"MSG {alert.number} told her sister")

    assert await store.looks.last_try(conn, people.mentee.id, alert.id) == Try(outcome=None, note=None)
