"""What a mentee's text does: answers, corrections, pauses, and asking for a person."""

from datetime import date, datetime, timedelta
from typing import Literal

from checkin import core, store
from checkin.core import alerts
from checkin.core.check_ins import Answer, CheckIn, Source
from checkin.core.help_requests import Topic
from checkin.core.people import Person, Role, Status
from checkin.core.replies import Context, Kind, Reading
from checkin.core.texts import Text
from checkin.flows import check_ins, help_requests, nudge_plans, say
from checkin.flows.say import Reply
from checkin.store.people import Program
from checkin.store.pool import Connection

COMPLETED_WITHIN = timedelta(hours=2)  # what is said this long after a text adds to it
LONGEST_NOTE = 4000  # characters kept as one day's note
A_MOMENT = timedelta(microseconds=1)


async def context_of(conn: Connection, mentee: Person, now: datetime) -> Context:
    """Return what a mentee's text is to be read against: whether they are in, and which score is still missing."""
    opted_in = mentee.status is Status.active and not mentee.opted_out
    if not mentee.is_a(Role.mentee):
        return Context(opted_in=opted_in)
    stored = await store.check_ins.one(conn, mentee.id, await day_of(conn, mentee, now))
    return Context(opted_in=opted_in, missing=_missing(stored, now))


def _missing(stored: CheckIn | None, now: datetime) -> Literal["mood", "hope"] | None:
    """Return the score that would still complete what is *stored*."""
    if stored is None or now - stored.answered_at > COMPLETED_WITHIN or (stored.mood is None and stored.hope is None):
        return None
    if stored.hope is None:
        return "hope"
    return "mood" if stored.mood is None else None


async def day_of(conn: Connection, mentee: Person, now: datetime) -> date:
    """Return the local day a text belongs to: until 03:00 yesterday, if it answers a nudge of then; else today.

    So does what follows within two hours on a text of yesterday.
    """
    day, today = core.wall.answer_day(now, mentee.time_zone), core.wall.local_day(now, mentee.time_zone)
    if day == today or await store.nudges.last_nudge_day(conn, mentee.id, now) == day:
        return day
    stored = await store.check_ins.one(conn, mentee.id, day)
    follows = stored is not None and stored.source is Source.sms and now - stored.answered_at <= COMPLETED_WITHIN
    return day if follows else today


async def carry_out(
    conn: Connection, mentee: Person, program: Program, reading: Reading, sid: str, body: str, now: datetime
) -> Reply | None:
    """Do what *reading* says; returns the answer to send, if any."""
    match reading.kind:
        case Kind.scores | Kind.correct | Kind.partial:
            text = await keep_scores(conn, mentee, reading, body, now)
            if reading.topic is not None:
                await _ask_for_help(conn, mentee, reading.topic, reading.note or body, sid, now)
                text = Text.will_help
        case Kind.skip:
            text = await _skip(conn, mentee, now)
        case Kind.pause:
            days = reading.days or 7
            await nudge_plans.pause(conn, mentee, days, now)
            return say.answer(Text.paused, mentee, program, days=days)
        case Kind.resume:
            await nudge_plans.pause(conn, mentee, 0, now)
            text = Text.resumed
        case Kind.call_me:
            await store.alerts.raise_for(conn, mentee.id, alerts.Kind.call_me, {"inbox": sid}, now)
            text = Text.will_call
        case Kind.practical_help:
            await _ask_for_help(conn, mentee, reading.topic or Topic.other, reading.note or body, sid, now)
            text = Text.will_help
        case Kind.unclear:
            text = await _keep_words(conn, mentee, body, now)
        case _:
            return None
    return None if text is None else say.answer(text, mentee, program)


async def keep_scores(conn: Connection, mentee: Person, reading: Reading, body: str, now: datetime) -> Text | None:
    """Record the scores in *reading*, completing what today already has; returns the text that answers it.

    A score alone takes nothing from a day that has both: what is said is kept with the day's words, and asked again.
    """
    if reading.mood is None and reading.hope is None:
        return None
    day = await day_of(conn, mentee, now)
    stored: CheckIn | None = await store.check_ins.one(conn, mentee.id, day)
    mood, hope = reading.mood, reading.hope
    if stored is not None and (mood is None or hope is None):
        if stored.report is not None:
            return await _keep_words(conn, mentee, body, now)
        if _missing(stored, now) is not None:
            mood = stored.mood if mood is None else mood
            hope = stored.hope if hope is None else hope
    await _record(conn, mentee, day, now, mood=mood, hope=hope, words=reading.note)
    if hope is None:
        return Text.ask_hope
    if mood is None:
        return Text.ask_mood
    return Text.changed if reading.kind is Kind.correct else Text.thanks


async def _skip(conn: Connection, mentee: Person, now: datetime) -> Text:
    """Record a skip, unless today already has an answer, which a skip must not take away."""
    day = await day_of(conn, mentee, now)
    if await store.check_ins.one(conn, mentee.id, day) is None:
        await _record(conn, mentee, day, now, skipped=True)
    return Text.skipped


async def _keep_words(conn: Connection, mentee: Person, body: str, now: datetime) -> Text:
    """Keep words we could not read as a note for today; returns the text that says so."""
    day = await day_of(conn, mentee, now)
    stored: CheckIn | None = await store.check_ins.one(conn, mentee.id, day)
    if body.strip():
        if stored is None:
            await _record(conn, mentee, day, now, words=body)
        else:
            mood, hope, skipped = stored.mood, stored.hope, stored.skipped
            await _record(conn, mentee, day, now, mood=mood, hope=hope, skipped=skipped, words=body)
    return Text.unclear


async def _ask_for_help(conn: Connection, mentee: Person, topic: str, words: str, sid: str, now: datetime) -> None:
    await help_requests.ask(conn, mentee, Topic(topic), words, now, sid=sid)


async def _record(
    conn: Connection,
    mentee: Person,
    day: date,
    now: datetime,
    *,
    mood: int | None = None,
    hope: int | None = None,
    skipped: bool = False,
    words: str | None = None,
) -> None:
    """Record an answer by text, its *words* added to the day's: those stay, and so does who may read them."""
    stored = await store.check_ins.one(conn, mentee.id, day)
    if stored is not None and stored.source is Source.sms and stored.answered_at >= now:
        answered_at = stored.answered_at + A_MOMENT  # texts count in the order they come, whatever clocks say
    else:
        answered_at = now
    answer = Answer(
        day=day,
        mood=mood,
        hope=hope,
        skipped=skipped,
        note=words if stored is None else _joined(stored.note, words),
        note_shared=stored is not None and stored.note_shared,
        answered_at=answered_at,
        time_zone=mentee.time_zone,
        source=Source.sms,
    )
    await check_ins.record(conn, mentee.id, answer, now)


def _joined(first: str | None, second: str | None) -> str | None:
    if first is not None and second is not None and f"\n{first}".endswith(f"\n{second}"):
        return first  # sent again
    whole = "\n".join(part for part in (first, second) if part)
    return whole[:LONGEST_NOTE] or None  # the inbox has every word
