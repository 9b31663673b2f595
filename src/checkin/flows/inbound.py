"""A text comes in: it is kept once, read, and carried out in one transaction; every answer leaves by the outbox."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from checkin import core, store
from checkin.core.delivery import Lane
from checkin.core.people import Person, Role
from checkin.core.replies import Kind, Reading
from checkin.core.texts import Text
from checkin.flows import delivery, mentee_texts, mentor_texts
from checkin.store.outbox import Letter
from checkin.store.pool import Connection

REPLY_EXPIRES = timedelta(hours=1)
A_DAY = timedelta(days=1)


class InboundText(Struct, frozen=True, kw_only=True):
    """One text as the carrier handed it over. *phone* is the sender's (E.164).

    *opt_out* is set when the carrier itself has taken the text for STOP, START or HELP, and has answered it.
    """

    sid: str
    phone: str
    body: str
    opt_out: Literal["STOP", "START", "HELP"] | None = None


async def receive(conn: Connection, text: InboundText, now: datetime) -> str:
    """Keep a text and do what it says; returns what it was taken for.

    The first text under an id stands: the same one again is "repeated", another one under its id "conflicting".
    """
    async with conn.transaction():
        senders = await store.people.by_phone(conn, text.phone)
        body = core.normalise.clean(text.body)
        if len(senders) != 1:
            return await _from_no_one_person(conn, text, body, senders, now)
        sender = senders[0]
        as_mentor = core.replies.read_mentor(body) if _may_have_alerts(sender) else None
        reading = await _read_as_mentee(conn, sender, text, body, now)
        if as_mentor is not None and (as_mentor.kind is not Kind.other or Role.mentee not in sender.roles):
            reading = as_mentor
        if not await store.inbox.remember(conn, text.sid, sender.id, body, reading.kind, now):
            return await _known(conn, text, body)
        answer = await _carry_out(conn, sender, reading, reading is as_mentor, text, body, now)
        if answer is not None and not text.opt_out:
            await _reply(conn, sender, text.sid, answer, now)
        return reading.kind


async def _from_no_one_person(
    conn: Connection, text: InboundText, body: str, senders: list[Person], now: datetime
) -> str:
    """Keep a text from a number nobody has, or several share; only an opt-out needs no guess."""
    reading = core.replies.read_mentee(body)
    what = "shared_phone" if senders else "unknown_number"
    if not await store.inbox.remember(conn, text.sid, None, body, what, now):
        return await _known(conn, text, body)
    if senders and (text.opt_out == "STOP" or reading.kind is Kind.opt_out):
        await delivery.stop_texts(conn, [person.id for person in senders], text.phone, now)
        return "opt_out"
    return what


async def _known(conn: Connection, text: InboundText, body: str) -> str:
    return "repeated" if await store.inbox.is_same(conn, text.sid, body) else "conflicting"


def _may_have_alerts(person: Person) -> bool:
    return person.is_a(Role.mentor) or person.is_a(Role.coordinator)


async def _read_as_mentee(conn: Connection, sender: Person, text: InboundText, body: str, now: datetime) -> Reading:
    match text.opt_out:
        case "STOP":
            return Reading(kind=Kind.opt_out)
        case "START":
            return Reading(kind=Kind.opt_in)
        case "HELP":
            return Reading(kind=Kind.help)
        case None:
            context = await mentee_texts.context_of(conn, sender, now)
            return core.replies.read_mentee(body, context=context)


async def _carry_out(
    conn: Connection, sender: Person, reading: Reading, as_mentor: bool, text: InboundText, body: str, now: datetime
) -> str | None:
    """Do what a text says; returns the answer to send, if any."""
    if sender.is_a(Role.mentee) and reading.kind in (Kind.opt_out, Kind.help, Kind.call_me):
        await mentee_texts.keep_scores(conn, sender, reading, now)  # "7 5 STOP" says both
    match reading.kind:
        case Kind.opt_out:
            await _opt_out(conn, sender, reading, text, now)
            return None
        case Kind.opt_in:
            await store.people.opt_in(conn, sender.id)
            welcome = Text.welcome if sender.status is core.people.Status.invited else Text.welcome_back
            return core.texts.render(welcome, sender.language)
        case Kind.help:
            helped = Text.help if Role.mentee in sender.roles else Text.mentor_help
            return core.texts.render(helped, sender.language)
        case _ if as_mentor:
            return await mentor_texts.carry_out(conn, sender, reading, now)
        case _ if sender.is_a(Role.mentee):
            answer = await mentee_texts.carry_out(conn, sender, reading, text.sid, body, now)
            return None if sender.opted_out else answer
        case _:
            return None


async def _opt_out(conn: Connection, sender: Person, reading: Reading, text: InboundText, now: datetime) -> None:
    """Stop every text to this number; a mentee's mentor hears of it. The carrier says goodbye, we add nothing."""
    await delivery.stop_texts(conn, [sender.id], text.phone, now)
    await store.audit.add(conn, sender.id, sender.id, min(sender.roles), "texts.stopped", now)
    if sender.is_a(Role.mentee):
        evidence = {"source": "text"}
        await store.alerts.raise_for(conn, sender.id, core.alerts.Kind.opted_out, evidence, now)


async def _reply(conn: Connection, to: Person, sid: str, body: str, now: datetime) -> None:
    letter = Letter(
        about=to.id,
        to=to,
        lane=Lane.REPLY,
        key=f"reply:{sid}",
        body=body,
        not_before=now,
        expires_at=now + REPLY_EXPIRES,
    )
    await store.outbox.enqueue(conn, [letter], now)
