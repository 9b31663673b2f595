"""What a mentee agrees to, or takes back: by themselves in the app, or on paper as an operator writes it down."""

from datetime import datetime

from checkin import core, store
from checkin.core.consents import Purpose
from checkin.core.errors import Conflict, UnknownPerson
from checkin.core.people import Person, Role
from checkin.flows import enrolment
from checkin.store.consents import Consent
from checkin.store.pool import Connection

KEPT_BY_THE_CARRIER = frozenset({"sms", "carrier"})


async def agree(conn: Connection, mentee: Person, purpose: Purpose, version: str, now: datetime) -> None:
    """Take a mentee's own yes to *purpose* in the words of *version*, read in the app: once, however often it comes.

    Other words take the place of earlier ones. Raises UnknownPerson for anybody else, and Conflict for words that
    are not the ones of now, and for texts that were stopped by text.
    """
    async with conn.transaction():
        person = await _locked(conn, mentee)
        program = await store.people.program(conn, person.program_id)
        if version not in core.consents.versions(purpose, program.name):
            raise Conflict("these are not the words that can be agreed to now; read them again")
        latest = await store.consents.latest(conn, person.id, purpose)
        stands = latest is not None and latest.withdrawn_at is None
        if purpose is Purpose.check_ins_by_sms and (person.opted_out or not stands):
            _refuse_after_stop(person, latest)
            await enrolment.let_texts_come(conn, person, version, "app", now)
            return
        if stands and latest is not None and latest.version == version:
            return
        if stands:
            await store.consents.withdraw(conn, person.id, purpose, "app", now)
        await store.consents.give(conn, person.id, purpose, version, "app", now)
        await store.audit.add(conn, person.id, person.id, Role.mentee, "consent.given", now, purpose)


async def take_back(conn: Connection, mentee: Person, purpose: Purpose, now: datetime) -> None:
    """Take a mentee's own consent to *purpose* back: once, however often it comes. What has not left does not leave.

    Raises UnknownPerson for anybody but a mentee.
    """
    async with conn.transaction():
        person = await _locked(conn, mentee)
        if purpose is Purpose.check_ins_by_sms:
            await _stop_texts(conn, person, now)
        elif await _end(conn, person, purpose, "app", now):
            await store.audit.add(conn, person.id, person.id, Role.mentee, "consent.withdrawn", now, purpose)


async def give(conn: Connection, mentee: Person, purpose: str, form: str, now: datetime) -> None:
    """Write that *mentee* agreed to *purpose* in the words of a paper *form*. Raises UnknownPerson for anybody else."""
    async with conn.transaction():
        person = await _locked(conn, mentee)
        if await store.consents.give(conn, person.id, purpose, form, "paper", now):
            await store.audit.add(conn, person.id, None, "operator", "consent.given", now, purpose)


async def withdraw(conn: Connection, mentee: Person, purpose: str, now: datetime) -> None:
    """Take *mentee*'s consent to *purpose* back, from now on. Raises UnknownPerson for anybody else."""
    async with conn.transaction():
        person = await _locked(conn, mentee)
        if await _end(conn, person, purpose, "paper", now):
            await store.audit.add(conn, person.id, None, "operator", "consent.withdrawn", now, purpose)


async def _locked(conn: Connection, mentee: Person) -> Person:
    person = (await store.roster.lock(conn, mentee.id)).get(mentee.id)
    if person is None or Role.mentee not in person.roles:
        raise UnknownPerson("only mentees give this consent")
    return person


def _refuse_after_stop(person: Person, latest: Consent | None) -> None:
    """Raise Conflict where the carrier holds a STOP of theirs: whatever we sent, it would not let it through."""
    if person.opted_out and (latest is None or latest.withdrawn_source in KEPT_BY_THE_CARRIER):
        raise Conflict("texts were stopped by text, and only START from the same phone lets them come again")


async def _stop_texts(conn: Connection, person: Person, now: datetime) -> None:
    """Let nothing more go to a person, as STOP by text does; nothing if nothing goes to them already."""
    if person.opted_out:
        return
    await store.consents.opt_out(conn, [person.id], "app", now)
    if person.phone is not None:
        await store.closings.cancel_to(conn, person.phone, now, only=person.id)
    await store.alerts.let_go(conn, person.id, now)
    program = await store.people.program(conn, person.program_id)
    await enrolment.tell_of_stop(conn, person, program, "app", now)


async def _end(conn: Connection, person: Person, purpose: str, source: str, now: datetime) -> bool:
    """End a consent that stands; the clinical contact's open questions are called back, and go to whoever is next."""
    ended = await store.consents.withdraw(conn, person.id, purpose, source, now)
    if ended and purpose == Purpose.clinical_contact:
        cancelled = await store.alert_steps.cancel_to_clinic(conn, person.id, now)
        await store.alert_steps.undelivered(conn, cancelled, now)
    return ended
