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
from checkin.store.danger_notes import DangerNote
from checkin.store.outbox import Letter
from checkin.store.pool import Connection

log = structlog.get_logger()


def screen(text: str) -> Screening:
    """Screen a text or note. A screen that fails is logged, and what it read counts as tier B."""
    found, error = core.danger.screen_safely(text)
    if error is not None:
        log.error("screen.failed", error=type(error).__name__)
    return found


def note_cause(found: Screening, note_id: UUID) -> Cause | None:
    """Return what raises the alert for what a note was found to say. `answer_notes` answers it, by its id."""
    return _cause(found, {"source": "note", "unanswered": str(note_id)})


async def raise_for(conn: Connection, person_id: UUID, found: Screening, sid: str, now: datetime) -> None:
    """Raise or join the alert for what a text was found to say."""
    raised = _cause(found, {"source": "text", "inbox": sid})
    if raised is not None:
        await store.alerts.raise_for(conn, person_id, raised.kind, raised.evidence, now, raised.urgency)


def _cause(found: Screening, said: dict[str, str]) -> Cause | None:
    """Return what raises the alert for a screening: its tier and family, and where it was *said*, never the words."""
    if found.tier is Tier.none:
        return None
    evidence = {"tier": found.tier.value, "family": found.family or "", "now": found.now, **said}
    return Cause(Kind.crisis, core.alerts.urgency_of(found), evidence)


def answer(found: Screening) -> Text | None:
    """Return the text that answers danger: it names the crisis line, and repeats nothing that was said."""
    match found.tier:
        case Tier.a | Tier.b:
            return Text.crisis
        case Tier.c:
            return Text.emergency_other if found.now else Text.supportive
        case Tier.none:
            return None


def lane_of(found: Screening) -> Lane:
    """Return how the answer to *found* leaves: danger now goes before all else, whatever was answered before."""
    return Lane.CRISIS if found.is_pressing else Lane.REPLY


async def answer_notes(conn: Connection, limit: int, now: datetime, only: UUID | None = None) -> None:
    """Answer danger in notes by text, up to *limit* people's or *only* one's, whatever becomes of their alerts.

    Notes of one person that wait together have one answer, to the worst of them: a phone may bring a week of them.
    Whom no text may reach now is not texted later either.
    """
    async with conn.transaction():
        worst: dict[UUID, DangerNote] = {}
        for note in sorted(await store.danger_notes.take(conn, limit, only), key=_how_far):
            worst.setdefault(note.mentee_id, note)
        for note in worst.values():
            await _answer_note(conn, note, now)


def _how_far(note: DangerNote) -> tuple[Tier, bool]:
    return note.found.tier, not note.found.now  # A before B before C


async def _answer_note(conn: Connection, note: DangerNote, now: datetime) -> None:
    mentee = await store.people.by_id(conn, note.mentee_id)
    if mentee is None or core.alerts.why_not(mentee) != "asked":
        return
    if not await store.consents.stands(conn, mentee.id, store.consents.TEXTS):
        return
    text = answer(note.found)
    if text is not None:
        said = say.answer(text, mentee, await store.people.program(conn, mentee.program_id))
        await say.reply(conn, mentee, str(note.id), said, lane_of(note.found), now)


async def answer_sharers(
    conn: Connection, sharers: list[Person], found: Screening, phone: str, sid: str, now: datetime
) -> None:
    """Answer danger in a text from a *phone* that several people have, in the program and language they agree on.

    Nothing is sent if all of them have stopped texts.
    """
    if all(person.opted_out for person in sharers):
        return
    languages, programs = {person.language for person in sharers}, {person.program_id for person in sharers}
    language = languages.pop() if len(languages) == 1 else found.language
    text, body = answer(found), _for_anybody(phone, language)
    if text is not None and len(programs) == 1:
        body = say.words(text, language, await store.people.program(conn, programs.pop()))
    await _answer_number(conn, phone, f"reply:{sid}", body, now)


async def answer_stranger(conn: Connection, found: Screening, phone: str, now: datetime) -> None:
    """Text crisis resources to a number we do not know, at most once a day."""
    await _answer_number(conn, phone, f"unknown_crisis:{now.date()}", _for_anybody(phone, found.language), now)


def _for_anybody(phone: str, language: str) -> str:
    return core.texts.render(Text.unknown_crisis, language, country=country_of(phone))


async def _answer_number(conn: Connection, phone: str, key: str, body: str, now: datetime) -> None:
    nobody = UUID(bytes=store.people.phone_hash(conn, phone)[:16])
    letter = Letter(
        about=nobody,
        to=None,
        phone=phone,
        lane=Lane.CRISIS,
        key=key,
        body=body,
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
