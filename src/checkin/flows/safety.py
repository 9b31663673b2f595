"""Danger is heard: every text and note is screened, people are told, and the answer names a crisis line."""

from datetime import datetime
from uuid import UUID

import phonenumbers
import structlog

from checkin import core, store
from checkin.core.alerts import Kind
from checkin.core.danger import Screening, Tier
from checkin.core.delivery import Lane
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.flows import say
from checkin.store.check_ins import Cause
from checkin.store.outbox import Letter
from checkin.store.people import Program
from checkin.store.pool import Connection

log = structlog.get_logger()


def screen(text: str) -> Screening:
    """Screen a text or note. A screen that fails is logged, and what it read counts as tier B."""
    found, error = core.danger.screen_safely(text)
    if error is not None:
        log.error("screen.failed", error=type(error).__name__)
    return found


def cause(found: Screening, source: str) -> Cause | None:
    """Return what raises the alert for a screening: its tier and family, never the words."""
    if found.tier is Tier.none:
        return None
    evidence = {"tier": found.tier.value, "family": found.family or "", "now": found.now, "source": source}
    return Cause(Kind.crisis, core.alerts.urgency_of(found), evidence)


async def raise_for(conn: Connection, person_id: UUID, found: Screening, sid: str, now: datetime) -> None:
    """Raise or join the alert for what a text was found to say."""
    raised = cause(found, "text")
    if raised is not None:
        evidence = {**raised.evidence, "inbox": sid}
        await store.alerts.raise_for(conn, person_id, raised.kind, evidence, now, raised.urgency)


def answer(found: Screening, language: str, program: Program) -> str | None:
    """Return the text that answers danger: it names the crisis line, and repeats nothing that was said."""
    match found.tier:
        case Tier.a | Tier.b:
            return say.words(Text.crisis, language, program)
        case Tier.c:
            return say.words(Text.emergency_other if found.now else Text.supportive, language, program)
        case Tier.none:
            return None


async def answer_note(conn: Connection, mentee: Person, program: Program, alert_id: UUID, now: datetime) -> None:
    """Text the crisis line to somebody whose note in the app raised an alert; once an alert."""
    if mentee.phone is None or mentee.opted_out or mentee.unreachable:
        return
    letter = Letter(
        about=mentee.id,
        to=mentee.id,
        phone=mentee.phone,
        lane=Lane.CRISIS,
        key=f"crisis:{alert_id}",
        body=say.words(Text.crisis, mentee.language, program),
        not_before=now,
        expires_at=now + say.REPLY_EXPIRES,
    )
    await store.outbox.enqueue(conn, [letter], now)


async def answer_stranger(conn: Connection, phone: str, now: datetime) -> None:
    """Text crisis resources to a number we do not know, at most once a day."""
    nobody = UUID(bytes=store.people.phone_hash(conn, phone)[:16])
    letter = Letter(
        about=nobody,
        to=None,
        phone=phone,
        lane=Lane.CRISIS,
        key=f"unknown_crisis:{now.date()}",
        body=core.texts.render(Text.unknown_crisis, "en", country=country_of(phone)),
        not_before=now,
        expires_at=now + say.REPLY_EXPIRES,
    )
    await store.outbox.enqueue(conn, [letter], now)


def country_of(phone: str) -> str:
    """Return the country (ISO 3166-1) a number belongs to, "US" where it tells none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone)) or "US"
    except phonenumbers.NumberParseException:
        return "US"
