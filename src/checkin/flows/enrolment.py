"""People come in by their own yes, and leave whenever they like."""

from datetime import datetime, timedelta

from checkin import core, store
from checkin.core.delivery import Lane
from checkin.core.people import Person, Role, Status
from checkin.core.replies import Reading
from checkin.core.texts import Text
from checkin.flows import refusals, say
from checkin.flows.say import Reply
from checkin.store.outbox import Letter
from checkin.store.people import Program
from checkin.store.pool import Connection

INVITE_EXPIRES = timedelta(days=3)


async def invite(conn: Connection, person: Person, program: Program, now: datetime, *, key: str = "invite") -> None:
    """Ask a new mentee by text whether they want this, in their hours; their yes makes them active.

    Once for each *key*.
    """
    if person.phone is None:
        return
    quiet = core.wall.is_quiet(now, person.time_zone, program.texts_until, program.texts_from)
    opens = core.wall.quiet_ends(now, person.time_zone, program.texts_until, program.texts_from) if quiet else now
    letter = Letter(
        about=person.id,
        to=person.id,
        phone=person.phone,
        lane=Lane.REPLY,
        key=key,
        body=say.words(Text.invite, person.language, program),
        not_before=opens,
        expires_at=opens + INVITE_EXPIRES,
    )
    await store.outbox.enqueue(conn, [letter], now)


def version(person: Person, program: Program) -> str:
    """Return a name for the very words a person agrees to."""
    return core.consents.version(say.words(Text.invite, person.language, program))


async def join(conn: Connection, person: Person, program: Program, now: datetime) -> Reply | None:
    """Take somebody's yes: the first makes them active, a later one turns texts on again. Returns the answer."""
    was_in = person.status is Status.active and not person.opted_out
    await let_texts_come(conn, person, version(person, program), "sms", now)
    if was_in:
        return None
    if Role.mentee not in person.roles:
        return say.answer(Text.mentor_welcome_back, person, program)
    return say.answer(Text.welcome if person.status is Status.invited else Text.welcome_back, person, program)


async def let_texts_come(conn: Connection, person: Person, agreed: str, source: str, now: datetime) -> None:
    """Turn texts on for somebody who *agreed* to that version of the words, and tell who should know.

    A yes of theirs that stands already is not written down again.
    """
    if await store.consents.opt_in(conn, person.id, agreed, source, now):
        await store.audit.add(conn, person.id, person.id, min(person.roles), "texts.started", now)
    if person.opted_out and person.is_a(Role.mentee):
        await store.alerts.raise_for(conn, person.id, core.alerts.Kind.came_back, _evidence(source), now)


async def leave(
    conn: Connection, person: Person, program: Program, phone: str, reading: Reading, now: datetime
) -> None:
    """Stop every text to this number, and tell who should know. The carrier says goodbye; we add nothing."""
    await refusals.stop_texts(conn, [person.id], phone, "sms", now)
    await tell_of_stop(conn, person, program, "sms", now)
    if reading.wrong_number:
        await say.tell_coordinators(conn, program, person.id, Text.wrong_number, f"wrong_number:{now.date()}", now)


async def tell_of_stop(conn: Connection, person: Person, program: Program, source: str, now: datetime) -> None:
    """Tell who should know that somebody's texts have stopped, and write it down."""
    await store.audit.add(conn, person.id, person.id, min(person.roles), "texts.stopped", now)
    if person.is_a(Role.mentee):
        await store.alerts.raise_for(conn, person.id, core.alerts.Kind.opted_out, _evidence(source), now)
    await say.tell_of_lost_reader(conn, program, person, Text.mentor_stopped, now)


def _evidence(source: str) -> dict[str, str]:
    return {"source": "text" if source == "sms" else source}
