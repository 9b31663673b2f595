"""A push says which message it is, and to open the app: nothing of anybody, whatever it is about, on any service."""

import re

import pytest
from msgspec.structs import replace

from checkin import core, flows
from checkin.core.people import Person
from checkin.core.pushes import Provider
from checkin.flows.roster import Edit
from checkin.store.pool import Connection
from tests import pretend_twilio
from tests.flows.pushing import DUE, SECOND, Both, add_device, choose_push, nudge
from tests.people import DAY, FALLING, MONDAY, Cast, answer, check_in_daily
from tests.phones import text
from tests.pretend_twilio import PretendTwilio

CANARIES = ("canary", "Ana", "Ben", "Harbor", "2125550101", "2125550102", "mood", "hope", "check")
ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
OPEN = {"en": "Open the app.", "es": "Abre la aplicación."}


async def name_and_note(conn: Connection, people: Cast) -> Person:
    """Let the mentee be called a canary, and write one in a note, and fall; returns her as she is then."""
    await check_in_daily(conn, people.mentee, FALLING, until=MONDAY - DAY)
    noted = replace(answer(MONDAY - DAY, 1, 2, note="canary in a note"), note_shared=True)
    await flows.check_ins.record(conn, people.mentee.id, noted, noted.answered_at)
    edit = Edit(name="Ana Canary")
    return await flows.roster.change(conn, people.mentee, edit, DUE, actor=people.mentee.id, role="mentee")


@pytest.mark.parametrize("provider", list(Provider))
@pytest.mark.parametrize("language", list(OPEN))
async def test_a_nudge_and_a_crisis_push_the_same_three_words_and_an_id(
    conn: Connection, people: Cast, ways: Both, pretend: PretendTwilio, provider: Provider, language: str
) -> None:
    mentee = await name_and_note(conn, people)
    await conn.execute("update people set language = $1", language)
    await conn.execute("update programs set first_names = true")
    for owner in (mentee, people.mentor):
        token = f"device-{owner.id}" if provider is Provider.fcm else ways.service.browser().token()
        await add_device(conn, owner, token, provider)
    await choose_push(conn, mentee)
    await nudge(conn)
    await ways.beat(DUE)
    await text(conn, mentee, "I want to kill myself canary")
    await flows.alerts.move_due(conn, DUE)
    pretend.plan([pretend_twilio.error(400, 30007)] * 10)

    await ways.beat(DUE + SECOND)
    await ways.beat(DUE + 2 * SECOND)

    lanes = await conn.fetch("select id::text, lane from outbox where way = 'push' and status = 'sent'")
    assert {row["lane"] for row in lanes} == {"nudge", "crisis"}
    assert {taken.shown for taken in ways.service.taken} == {OPEN[language]}
    assert {taken.payload["id"] for taken in ways.service.taken} == {row["id"] for row in lanes}
    assert all(taken.payload.keys() == {"id"} for taken in ways.service.taken)
    wire = b" ".join(taken.raw for taken in ways.service.taken).decode()
    assert ID.search(wire)
    assert [word for word in CANARIES if word in wire] == []


def test_every_language_has_its_words() -> None:
    assert {language: core.nudge_words.open_the_app(language) for language in core.texts.LANGUAGES} == OPEN
    assert core.nudge_words.open_the_app("fr") == OPEN["en"]
