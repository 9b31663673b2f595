"""A text comes in: it is screened, kept once, read, and carried out in one transaction; answers leave by the outbox."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from checkin import core, store
from checkin.core.danger import Screening
from checkin.core.people import Person, Role, Status
from checkin.core.replies import Kind, Reading
from checkin.core.texts import Text
from checkin.flows import enrolment, links, mentee_texts, mentor_texts, safety, say
from checkin.flows.links import Site
from checkin.flows.say import Reply
from checkin.store.people import Program
from checkin.store.pool import Connection

CARRIER_WORDS = {"STOP": Kind.opt_out, "START": Kind.opt_in, "HELP": Kind.help}


class InboundText(Struct, frozen=True, kw_only=True):
    """One text as the carrier handed it over. *phone* is the sender's (E.164).

    *opt_out* is set when the carrier itself has taken the text for STOP, START or HELP, and has answered it.
    """

    sid: str
    phone: str
    body: str
    opt_out: Literal["STOP", "START", "HELP"] | None = None


class Heard(Struct, frozen=True, kw_only=True):
    """A text from one person, understood: what it asks for, in which role, and how near danger is."""

    sender: Person
    program: Program
    text: InboundText
    body: str
    reading: Reading
    as_mentor: bool
    danger: Screening

    @property
    def reports_on_another(self) -> bool:
        """Whether a mentor tells how an alert went ("CALLED 41 she was suicidal"): the words are about the mentee."""
        return self.as_mentor and self.reading.kind is not Kind.other and not self.danger.is_pressing


async def receive(conn: Connection, text: InboundText, now: datetime, site: Site = links.NOWHERE) -> str:
    """Keep a text and do what it says; returns what it was taken for. A mentor may ask for a page at *site*.

    The first text under an id stands: the same one again is "repeated", another one under its id "conflicting".
    """
    body = core.normalise.clean(text.body)
    danger = safety.screen(body)
    async with conn.transaction():
        senders = await store.people.by_phone(conn, text.phone)
        if len(senders) != 1:
            return await _from_no_one_person(conn, text, body, danger, senders, now)
        heard = await _hear(conn, senders[0], text, body, danger, now)
        tier, kind = danger.tier.value, heard.reading.kind
        if not await store.inbox.remember(conn, text.sid, heard.sender.id, body, kind, tier, now):
            return await _known(conn, text, body)
        await store.people.reached(conn, store.people.phone_hash(conn, text.phone))
        answer = await _carry_out(conn, heard, site, now)
        if not heard.reports_on_another:
            await safety.raise_for(conn, heard.sender.id, danger, text.sid, now)
        await _answer(conn, heard, answer, now)
        return kind


async def _hear(
    conn: Connection, sender: Person, text: InboundText, body: str, danger: Screening, now: datetime
) -> Heard:
    """Read a text as the mentor's or coordinator's it may be, and as a mentee's where it is not one of theirs."""
    context = await mentee_texts.context_of(conn, sender, now)
    reading, as_mentor = _by_carrier(text), False
    if reading is None and (sender.is_a(Role.mentor) or sender.is_a(Role.coordinator)):
        reading, as_mentor = core.replies.read_mentor(body, context=context), True
    if reading is None or (as_mentor and Role.mentee in sender.roles):
        as_mentee = core.replies.read_mentee(body, context=context)
        if reading is None or await _is_mentees(conn, sender, reading, as_mentee, now):
            reading, as_mentor = as_mentee, False
    return Heard(
        sender=sender,
        program=await store.people.program(conn, sender.program_id),
        text=text,
        body=body,
        reading=reading,
        as_mentor=as_mentor,
        danger=danger,
    )


async def _is_mentees(conn: Connection, sender: Person, as_mentor: Reading, as_mentee: Reading, now: datetime) -> bool:
    """Say whether somebody who is both texts as a mentee: what says nothing to a mentor, or no alert of theirs."""
    if as_mentor.kind is Kind.other:
        return True
    if as_mentee.kind in (Kind.unclear, Kind.ignore) or not mentor_texts.is_about_alert(as_mentor):
        return False
    return not await mentor_texts.alerts_meant(conn, sender, as_mentor.number, now)


async def _from_no_one_person(
    conn: Connection, text: InboundText, body: str, danger: Screening, senders: list[Person], now: datetime
) -> str:
    """Keep a text from a number nobody has, or several share; only an opt-out and danger need no guess."""
    what = "shared_phone" if senders else "unknown_number"
    if not await store.inbox.remember(conn, text.sid, None, body, what, danger.tier.value, now):
        return await _known(conn, text, body)
    await store.people.reached(conn, store.people.phone_hash(conn, text.phone))
    reading = _by_carrier(text) or core.replies.read_mentee(body)
    may_answer = text.opt_out is None and reading.kind is not Kind.opt_out
    if not senders:
        if danger.is_pressing and may_answer:
            await safety.answer_stranger(conn, danger, text.phone, now)
        return what
    await _tell_of_sharers(conn, senders, reading, now)
    if reading.kind is Kind.opt_out:
        for person in senders:
            program = await store.people.program(conn, person.program_id)
            await enrolment.leave(conn, person, program, text.phone, reading, now)
        what = "opt_out"
    if danger.is_pressing:
        if may_answer:
            await safety.answer_sharers(conn, senders, danger, text.phone, text.sid, now)
        for person in senders:  # whose words they are is for a human to find out; a miss would be worse
            await safety.raise_for(conn, person.id, danger, text.sid, now)
    return what


async def _tell_of_sharers(conn: Connection, sharers: list[Person], reading: Reading, now: datetime) -> None:
    """Tell the coordinators that several people have one number: once a day, and again if it asks for texts."""
    again = "START:" if reading.kind is Kind.opt_in else ""
    for program_id in {person.program_id for person in sharers}:
        program = await store.people.program(conn, program_id)
        key = f"shared_phone:{again}{now.date()}"
        await say.tell_coordinators(conn, program, sharers[0].id, Text.shared_phone, key, now)


def _by_carrier(text: InboundText) -> Reading | None:
    """Return what the carrier itself has taken a text for, if it has."""
    return None if text.opt_out is None else Reading(kind=CARRIER_WORDS[text.opt_out])


async def _known(conn: Connection, text: InboundText, body: str) -> str:
    return "repeated" if await store.inbox.is_same(conn, text.sid, body) else "conflicting"


async def _carry_out(conn: Connection, heard: Heard, site: Site, now: datetime) -> Reply | None:
    """Do what a text says; returns the ordinary answer to it, if any."""
    sender, reading = heard.sender, heard.reading
    if sender.is_a(Role.mentee) and reading.kind in (Kind.opt_out, Kind.help, Kind.call_me):
        await mentee_texts.keep_scores(conn, sender, reading, heard.body, now)  # "7 5 STOP" says both
    match reading.kind:
        case Kind.opt_out:
            await enrolment.leave(conn, sender, heard.program, heard.text.phone, reading, now)
            return None
        case Kind.opt_in:
            return await enrolment.join(conn, sender, heard.program, now)
        case Kind.help:
            return await _help(conn, heard, now)
        case _ if heard.as_mentor:
            return await mentor_texts.carry_out(conn, sender, heard.program, reading, site, now)
        case _ if sender.status is Status.invited:
            return None if reading.kind is Kind.ignore else say.answer(Text.invite, sender, heard.program)
        case _ if sender.is_a(Role.mentee):
            return await mentee_texts.carry_out(conn, sender, heard.program, reading, heard.text.sid, heard.body, now)
        case _:
            return None


async def _help(conn: Connection, heard: Heard, now: datetime) -> Reply:
    """Answer HELP; a mentee's mentor gets a notice that can wait."""
    sender = heard.sender
    if Role.mentee not in sender.roles:
        return say.answer(Text.mentor_help, sender, heard.program)
    if sender.status is Status.active:
        evidence = {"topic": "help", "inbox": heard.text.sid}
        await store.alerts.raise_for(conn, sender.id, core.alerts.Kind.practical_help, evidence, now)
    return say.answer(Text.help, sender, heard.program)


async def _answer(conn: Connection, heard: Heard, ordinary: Reply | None, now: datetime) -> None:
    """Queue one answer: to danger before anything else; none to who is out, nor where the carrier has answered."""
    sender, kind = heard.sender, heard.reading.kind
    is_out = kind is Kind.opt_out or (sender.opted_out and kind is not Kind.opt_in)
    if is_out or heard.text.opt_out is not None:
        return
    supportive = None if heard.reports_on_another else safety.answer(heard.danger)
    said = ordinary if supportive is None else say.answer(supportive, sender, heard.program)
    if said is not None:
        await say.reply(conn, sender, heard.text.sid, said, safety.lane_of(heard.danger), now)
