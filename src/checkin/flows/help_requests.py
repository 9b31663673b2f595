"""Practical help is asked for, taken and brought to an end; the alert about it is announced, moved and closed along."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from checkin import core, store
from checkin.core.alerts import Kind
from checkin.core.errors import AlreadyEnded, UnknownHelpRequest, UnknownPerson
from checkin.core.help_requests import Outcome, Status, Topic
from checkin.core.people import Person, Role
from checkin.flows import alerts, safety
from checkin.store.alerts import OpenAlert, Spot
from checkin.store.help_requests import HelpRequest
from checkin.store.pool import Connection


async def ask(
    conn: Connection,
    mentee: Person,
    topic: Topic,
    words: str | None,
    now: datetime,
    *,
    sid: str | None = None,
    wanted: date | None = None,
) -> UUID:
    """Keep a request and raise the alert that announces it; the same again on the same day is the same request.

    *sid* is the text it came by, *wanted* the mentee's day it is needed on. An alert that somebody has
    already is announced again. Raises UnknownPerson unless *mentee* is an active one, and BadInput for a day out of
    reach. Returns the request's id.
    """
    async with conn.transaction():
        await lock(conn, mentee.id)
        due_on = core.help_requests.due_day(wanted, now, mentee.time_zone)
        words = words[: core.help_requests.LONGEST_WORDS] if words else None
        today = core.wall.local_day(now, mentee.time_zone)
        closed = await store.help_requests.closed_count(conn, mentee.id)
        request_id = store.help_requests.identify(conn, mentee.id, today, topic, words, closed)
        if await store.help_requests.is_known(conn, mentee.id, request_id):
            return request_id
        evidence = {"topic": topic.value, "request": str(request_id), **({} if sid is None else {"inbox": sid})}
        await store.alerts.raise_for(conn, mentee.id, Kind.practical_help, evidence, now)
        await store.help_requests.announce_again(conn, mentee.id, now)
        source = "app" if sid is None else "sms"
        await store.help_requests.add(conn, mentee.id, request_id, topic, words, source, due_on, now)
        await store.audit.add(conn, mentee.id, mentee.id, Role.mentee, "help.asked", now, str(request_id))
        if sid is None and words:  # a text was screened as a whole when it came in
            await _hear_danger(conn, mentee, request_id, words, now)
    return request_id


async def _hear_danger(conn: Connection, mentee: Person, request_id: UUID, words: str, now: datetime) -> None:
    """Raise the alert for what the words of a request were found to say; they are answered like a note."""
    found = safety.note_cause(safety.screen(words), request_id)
    if found is not None:
        await store.alerts.raise_for(conn, mentee.id, found.kind, found.evidence, now, found.urgency)


async def call(conn: Connection, mentee_id: UUID, now: datetime) -> datetime:
    """Let the mentor be asked to call, like CALL by text; returns since when, which is earlier while one is open.

    Raises UnknownPerson unless *mentee_id* is an active mentee.
    """
    async with conn.transaction():
        await lock(conn, mentee_id)
        since = await store.help_requests.call_since(conn, mentee_id)
        if since is not None:
            return since
        await store.alerts.raise_for(conn, mentee_id, Kind.call_me, {"source": "app"}, now)
        await store.audit.add(conn, mentee_id, mentee_id, Role.mentee, "call.asked", now)
        return now


async def lock(conn: Connection, mentee_id: UUID) -> None:
    """Let one mentee's requests be made one after the other. Raises UnknownPerson unless they are an active mentee."""
    if not await store.help_requests.lock_mentee(conn, mentee_id):
        raise UnknownPerson("there is no active mentee by that id")


async def comes_back_at(conn: Connection, alert: OpenAlert, now: datetime) -> datetime | None:
    """Return when whoever takes *alert* by text is asked how it went: when the first request under it is overdue."""
    due = await store.help_requests.due_under(conn, alert.mentee_id, alert.id)
    mentee = await store.people.by_id(conn, alert.mentee_id)
    if not due or mentee is None:
        return None
    return core.help_requests.asked_again_at(due, now, mentee.time_zone)


class Told(Struct, frozen=True):
    """A request as *reader*, whose business it is, is told of it."""

    reader: Person
    mentee: Person
    request: HelpRequest


async def look_through(
    conn: Connection, reader_id: UUID, after: Spot | None, most: int, now: datetime
) -> tuple[list[Told], bool]:
    """Return up to *most* requests that are somebody's business and not dealt with, and whether there are more.

    What was asked first is in front.
    """
    async with conn.transaction():
        reader = await store.people.by_id(conn, reader_id)
        if reader is None:
            return [], False
        found = await store.help_requests.open_for(conn, reader.id, now, after, most + 1)
        return [await _tell(conn, reader, one, now) for one in found[:most]], len(found) > most


async def tell(conn: Connection, reader: Person, request: HelpRequest, now: datetime) -> Told:
    """Return what *reader*, who answered *request* just now, is told of it."""
    async with conn.transaction():
        return await _tell(conn, reader, request, now)


async def _tell(conn: Connection, reader: Person, request: HelpRequest, now: datetime) -> Told:
    """Write down that *reader* looked at a request, and whose it is."""
    mentee = await store.people.by_id(conn, request.mentee_id)
    assert mentee is not None
    role = core.people.acting_role(reader)
    await store.audit.add(conn, mentee.id, reader.id, role, "help.read", now, str(request.id))
    return Told(reader, mentee, request)


async def find(conn: Connection, actor: Person, request_id: UUID, now: datetime) -> HelpRequest:
    """Return a request that is *actor*'s business now. Raises UnknownHelpRequest for every other."""
    found = await store.help_requests.find_for(conn, actor.id, now, request_id)
    if found is None:
        raise UnknownHelpRequest("there is no request for help by that id for you")
    return found


async def take(conn: Connection, actor: Person, request_id: UUID, due_on: date | None, now: datetime) -> HelpRequest:
    """Let *actor* have a request, and with it the alert; it comes back to them when its day is over.

    It stays with somebody else who has it. *due_on* sets another day. Raises UnknownHelpRequest, AlreadyEnded, and
    BadInput for a day out of reach.
    """
    async with conn.transaction():
        request, alert = await _locked(conn, actor, request_id, now)
        _refuse_ended(request)
        if alert.acknowledged_by not in (None, actor.id):
            return request
        mentee = await store.people.by_id(conn, request.mentee_id)
        assert mentee is not None
        if due_on is not None:
            await store.help_requests.postpone(conn, request, core.help_requests.due_day(due_on, now, mentee.time_zone))
        due = await store.help_requests.due_under(conn, request.mentee_id, request.alert_id)
        again_at = core.help_requests.asked_again_at(due, now, mentee.time_zone)
        await alerts.take(conn, actor, alert, "app", now, again_at)
        return await find(conn, actor, request_id, now)


async def end(
    conn: Connection, actor: Person, request_id: UUID, outcome: Outcome, note: str | None, now: datetime
) -> HelpRequest:
    """Write what became of a request; the alert is closed with the last thing that was asked under it.

    Who says again what they ended it with changes nothing. Raises UnknownHelpRequest, and AlreadyEnded.
    """
    async with conn.transaction():
        request, alert = await _locked(conn, actor, request_id, now)
        if request.standing.outcome == outcome and request.note == note and await _ended(conn, actor, request):
            return request
        _refuse_ended(request)
        await store.help_requests.close(conn, request, actor.id, outcome, note, now)
        role = core.people.acting_role(actor)
        await store.audit.add(conn, request.mentee_id, actor.id, role, "help.ended", now, str(request.id))
        asked_for_more = any("request" not in cause for cause in alert.evidence)
        due = await store.help_requests.due_under(conn, request.mentee_id, request.alert_id)
        if not due and not asked_for_more:
            await alerts.close(conn, actor, alert, "app", core.help_requests.alert_outcome(outcome), None, now)
        return await find(conn, actor, request_id, now)


async def _locked(conn: Connection, actor: Person, request_id: UUID, now: datetime) -> tuple[HelpRequest, OpenAlert]:
    """Return a request with its alert locked. Raises UnknownHelpRequest."""
    request = await find(conn, actor, request_id, now)
    alert = await store.alerts.lock(conn, request.mentee_id, request.alert_id)
    request = await find(conn, actor, request_id, now)  # as it stands now that nobody else can end it
    return request, alert


async def _ended(conn: Connection, actor: Person, request: HelpRequest) -> bool:
    """Whether it was *actor* who ended the request."""
    return await store.audit.has_done(conn, request.mentee_id, actor.id, "help.ended", str(request.id))


def _refuse_ended(request: HelpRequest) -> None:
    if request.standing.status in (Status.done, Status.dropped):
        raise AlreadyEnded("this request has its outcome already")
