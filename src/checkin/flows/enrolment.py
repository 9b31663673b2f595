"""People come in by their own yes, and leave whenever they like."""

from datetime import datetime, timedelta
from hashlib import sha256

from checkin import core, store
from checkin.core.delivery import Lane
from checkin.core.people import Person, Role, Status
from checkin.core.replies import Reading
from checkin.core.texts import Text
from checkin.flows import delivery, say
from checkin.store.outbox import Letter
from checkin.store.people import Program
from checkin.store.pool import Connection

INVITE_EXPIRES = timedelta(days=3)


async def invite(conn: Connection, person: Person, program: Program, now: datetime) -> None:
    """Ask a new mentee by text whether they want this, in their hours; their yes makes them active."""
    if person.phone is None:
        return
    quiet = core.wall.is_quiet(now, person.time_zone, program.texts_until, program.texts_from)
    opens = core.wall.quiet_ends(now, person.time_zone, program.texts_until, program.texts_from) if quiet else now
    letter = Letter(
        about=person.id,
        to=person.id,
        phone=person.phone,
        lane=Lane.REPLY,
        key="invite",
        body=say.words(Text.invite, person.language, program),
        not_before=opens,
        expires_at=opens + INVITE_EXPIRES,
    )
    await store.outbox.enqueue(conn, [letter], now)


def version(person: Person, program: Program) -> str:
    """Return a name for the very words a person agrees to."""
    return sha256(say.words(Text.invite, person.language, program).encode()).hexdigest()[:12]


async def join(conn: Connection, person: Person, program: Program, now: datetime) -> str | None:
    """Take somebody's yes: the first makes them active, a later one turns texts on again. Returns the answer."""
    was_in = person.status is Status.active and not person.opted_out
    await store.consents.opt_in(conn, person.id, version(person, program), "sms", now)
    await store.audit.add(conn, person.id, person.id, min(person.roles), "texts.started", now)
    if was_in:
        return None
    text = Text.welcome if person.status is Status.invited else Text.welcome_back
    return say.words(text, person.language, program)


async def leave(
    conn: Connection, person: Person, program: Program, phone: str, reading: Reading, now: datetime
) -> None:
    """Stop every text to this number, and tell who should know. The carrier says goodbye; we add nothing."""
    await delivery.stop_texts(conn, [person.id], phone, "sms", now)
    await store.audit.add(conn, person.id, person.id, min(person.roles), "texts.stopped", now)
    if person.is_a(Role.mentee):
        evidence = {"source": "text"}
        await store.alerts.raise_for(conn, person.id, core.alerts.Kind.opted_out, evidence, now)
    if reading.wrong_number:
        await say.tell_coordinators(conn, program, person.id, Text.wrong_number, "wrong_number", now)
    if person.is_a(Role.mentor):
        key = f"mentor_stopped:{now.date()}"
        await say.tell_coordinators(conn, program, person.id, Text.mentor_stopped, key, now)
