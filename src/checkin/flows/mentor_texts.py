"""What a mentor's text does: take an alert, pass it on, put it off, close it, or ask for its page."""

from datetime import datetime, timedelta
from typing import Final

from checkin import store
from checkin.core.alerts import ASKED_AGAIN_AFTER, Outcome
from checkin.core.errors import UnknownAlert
from checkin.core.people import Person
from checkin.core.replies import Kind, Reading
from checkin.core.texts import Text
from checkin.flows import alerts, help_requests, links, say
from checkin.flows.links import Site
from checkin.flows.say import Reply
from checkin.store.alert_steps import Became
from checkin.store.alerts import OpenAlert
from checkin.store.people import Program
from checkin.store.pool import Connection

OUTCOMES: Final = {Kind.called: Outcome.talked, Kind.safe: Outcome.safe, Kind.referred: Outcome.referred}
TRIES: Final = {Kind.left_message: Outcome.left_message, Kind.no_answer: Outcome.no_answer}
TAKES: Final = {Kind.acknowledge: None, Kind.snooze: ASKED_AGAIN_AFTER}
TRIED: Final = dict.fromkeys(TRIES, ASKED_AGAIN_AFTER)
ABOUT_ALERT: Final = frozenset({Kind.pass_on, Kind.link}).union(OUTCOMES, TAKES, TRIED)


async def carry_out(
    conn: Connection, mentor: Person, program: Program, reading: Reading, site: Site, now: datetime
) -> Reply | None:
    """Do what *reading* says, with the alert it means where it means one; returns the answer to send.

    A link that is asked for leads to the alert's page at *site*.
    """
    match reading.kind:
        case Kind.ignore:
            return None
        case Kind.other:
            return say.answer(Text.mentor_unclear, mentor, program)
        case Kind.away:
            days = reading.days or 7
            await store.absences.end(conn, mentor.id, now)
            await store.absences.begin(conn, mentor.id, now, now + timedelta(days=days))
            await store.alerts.let_go(conn, mentor.id, now)
            return say.answer(Text.away_until, mentor, program, days=days)
        case Kind.back:
            await store.absences.end(conn, mentor.id, now)
            return say.answer(Text.back, mentor, program)
        case _:
            return await _about_alert(conn, mentor, program, reading, site, now)


async def _about_alert(
    conn: Connection, mentor: Person, program: Program, reading: Reading, site: Site, now: datetime
) -> Reply | None:
    meant = await alerts_meant(conn, mentor, reading.number, now)
    if not meant:
        return say.answer(Text.alert_unknown, mentor, program)
    alert = meant[0]
    if len(meant) > 1:
        return say.answer(Text.alert_which, mentor, program, number=alert.number)
    if reading.kind is Kind.link:
        sent = await links.send_new(conn, mentor, alert, site, now)
        return None if sent else say.answer(Text.no_more_links, mentor, program, number=alert.number)
    try:
        text = await _do(conn, mentor, reading, alert, now)
    except UnknownAlert:
        text = Text.alert_unknown
    return say.answer(text, mentor, program, number=alert.number)


def is_about_alert(reading: Reading) -> bool:
    """Whether a mentor's text is about an alert, and not about themselves."""
    return reading.kind in ABOUT_ALERT


async def alerts_meant(conn: Connection, mentor: Person, number: int | None, now: datetime) -> list[OpenAlert]:
    """Return the alerts that may be meant: by number, any of theirs; without one, those they were asked about."""
    found = await store.alerts.open_for(conn, mentor.id, now, number)
    if number is not None:
        return found[:1]
    asked = await store.alert_steps.asked(conn, mentor.id)
    return [alert for alert in found if alert.id in asked]


async def _do(conn: Connection, mentor: Person, reading: Reading, alert: OpenAlert, now: datetime) -> Text:
    if reading.kind is Kind.pass_on:
        passed = await alerts.hand_over(conn, mentor, alert, "sms", now)
        return Text.alert_passed if passed else Text.alert_taken
    if reading.kind in OUTCOMES:
        await alerts.close(conn, mentor, alert, "sms", OUTCOMES[reading.kind], reading.note, now)
        return Text.alert_closed
    wait = {**TAKES, **TRIED}[reading.kind]
    again_at = await help_requests.comes_back_at(conn, alert, now) if wait is None else now + wait
    became: Became = "taken" if wait is None else "put_off"
    after = await alerts.take(conn, mentor, alert, "sms", now, again_at, became=became)
    if after.acknowledged_by != mentor.id:
        return Text.alert_taken
    if reading.kind in TRIES:
        await store.looks.note_try(conn, alert.mentee_id, alert.id, TRIES[reading.kind], reading.note)
    return Text.alert_yours if wait is None else Text.alert_later
