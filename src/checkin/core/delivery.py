"""What becomes of a message: its lane, its status, and what every answer of the carrier asks of us."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from msgspec import Struct

from checkin.core import carrier_errors
from checkin.core.carrier_errors import Remedy

HEARING_TIME: Final = timedelta(seconds=60)
"""How long we wait for the callback that proves an uncertain attempt went out."""

HANDSET_WAIT: Final = timedelta(minutes=30)
"""How long a phone that could not be reached is left alone before its one retry."""


class Status(StrEnum):
    """Where a message stands; `sent` means that the carrier has it, in whatever state it is there."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Lane(StrEnum):
    """Why a message is sent; sort by `place`, never by the word."""

    CRISIS = "crisis"
    ALERT = "alert"
    REPLY = "reply"
    NUDGE = "nudge"
    CODE = "code"


class Accepted(Struct, frozen=True):
    """The carrier has the message and calls it *sid*."""

    sid: str


class Refused(Struct, frozen=True):
    """The carrier definitely did not take it: its error code if it gave one, and the HTTP status."""

    code: int | None
    status: int


class Busy(Struct, frozen=True):
    """Not accepted, and safe to try again: a rate limit, or nobody could be reached at all."""

    code: int | None
    retry_after: timedelta | None


class Uncertain(Struct, frozen=True):
    """It may have gone out. The reason is one of our own fixed phrases, never the carrier's words."""

    reason: str


Answer = Accepted | Refused | Busy | Uncertain


class Undelivered(Struct, frozen=True):
    """The carrier took it and calls it *sid*, and it did not arrive: its error code if it gave one."""

    sid: str
    code: int | None


class Sent(Struct, frozen=True):
    """Mark it sent under the carrier's id."""

    sid: str


class Again(Struct, frozen=True):
    """Put it back, not before *at*; carry out *remedy* beside it where it is `STOP_SENDER`."""

    at: datetime
    remedy: Remedy
    code: int | None


class Unsure(Struct, frozen=True):
    """Mark it uncertain; if no callback has come by *check_at*, look it up."""

    check_at: datetime


class Dropped(Struct, frozen=True):
    """Do not send it again, and carry out *remedy*. Where `moves_on(lane)`, the alert moves on whatever the remedy."""

    remedy: Remedy
    code: int | None


Decision = Sent | Again | Unsure | Dropped


_PLACE: Final = {Lane.CRISIS: 0, Lane.ALERT: 1, Lane.REPLY: 2, Lane.CODE: 3, Lane.NUDGE: 4}

_LONGEST_VALIDITY: Final = {Lane.NUDGE: timedelta(hours=1), Lane.CODE: timedelta(minutes=5)}

_RANK: Final = {
    Status.QUEUED: 0,
    Status.CLAIMED: 0,
    Status.UNCERTAIN: 0,
    Status.EXPIRED: 0,
    Status.CANCELLED: 0,
    Status.SENT: 1,
    Status.UNDELIVERED: 2,
    Status.FAILED: 2,
    Status.DELIVERED: 3,
}

_REPORTED: Final = {
    "accepted": Status.SENT,
    "scheduled": Status.SENT,
    "queued": Status.SENT,
    "sending": Status.SENT,
    "sent": Status.SENT,
    "undelivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "delivered": Status.DELIVERED,
    "read": Status.DELIVERED,
}

_FIRST_WAIT: Final = {
    Remedy.BACK_OFF: timedelta(seconds=2),
    Remedy.WAIT_FOR_ROOM: timedelta(minutes=1),
    Remedy.STOP_SENDER: timedelta(minutes=1),
}

_LONGEST_WAIT: Final = {
    Remedy.BACK_OFF: timedelta(minutes=2),
    Remedy.WAIT_FOR_ROOM: timedelta(minutes=15),
    Remedy.STOP_SENDER: timedelta(minutes=5),
}


def place(lane: Lane) -> int:
    """Return the place in the queue, 0 first; a login code, good for five minutes, goes before the nudges."""
    return _PLACE[lane]


def validity(lane: Lane, now: datetime, expires_at: datetime) -> timedelta:
    """Return how long the carrier may keep a message before it leaves; past that it is let go (its error 30036)."""
    left = expires_at - now
    return min(left, _LONGEST_VALIDITY.get(lane, left))


def moves_on(lane: Lane) -> bool:
    """Say whether somebody else must hear of it when a message in this lane does not arrive."""
    return lane in (Lane.CRISIS, Lane.ALERT)


def advance(current: Status, reported: str, *, of_latest: bool = False) -> Status:
    """Return the status after the carrier *reported* a word, which may be late, repeated, out of order or new.

    The highest rank wins, so that any order of the same callbacks ends the same: sent, then undelivered or
    failed (the first one stays), then delivered. Any known word proves that the attempt went out, also when we
    never heard the answer. A cancelled or expired message stays so, unless it reached the phone after all, or the
    report is *of_latest*, the attempt that was under way when it was cancelled: it had left before.
    """
    proposed = _REPORTED.get(reported)
    if proposed is None or _RANK[proposed] <= _RANK[current]:
        return current
    if current is Status.CANCELLED and of_latest and proposed is Status.SENT:
        return proposed
    if current in (Status.CANCELLED, Status.EXPIRED) and proposed is not Status.DELIVERED:
        return current
    return proposed


def is_known(word: str) -> bool:
    """Say whether we know what the carrier's *word* says of a message."""
    return word in _REPORTED


def did_arrive(word: str) -> bool:
    """Say whether nothing in the carrier's *word* tells that a message did not arrive."""
    return _REPORTED.get(word) not in (Status.UNDELIVERED, Status.FAILED)


def after(answer: Answer, lane: Lane, attempts: int, now: datetime, expires_at: datetime, jitter: float) -> Decision:
    """Decide what follows the carrier's *answer* to the latest of *attempts* (1 and up).

    *jitter* is a random number from 0 to 1 that the caller draws: it takes up to half off a waiting time.
    """
    match answer:
        case Accepted(sid):
            return Sent(sid)
        case Uncertain():
            return Unsure(now + HEARING_TIME)
        case Busy(code, retry_after):
            wait = _back_off(Remedy.BACK_OFF, attempts, jitter) + (retry_after or timedelta())
            return _again(Remedy.BACK_OFF, code, lane, now, wait, expires_at)
        case Refused(code, status):
            return after_failure(code, status, lane, attempts, now, expires_at, jitter)
        case other:
            assert_never(other)


def after_failure(
    code: int | None,
    status: int | None,
    lane: Lane,
    attempts: int,
    now: datetime,
    expires_at: datetime,
    jitter: float,
    *,
    before: int | None = None,
) -> Again | Unsure | Dropped:
    """Decide what follows a refusal, or an `undelivered` or `failed` callback (*status* None); see `after`.

    *before* is the error code that had it tried again, if it was: a phone that could not be reached gets one retry,
    however often the carrier was busy.
    """
    chosen = carrier_errors.remedy(code, status)
    match chosen:
        case Remedy.CHECK:
            return Unsure(now + HEARING_TIME)
        case Remedy.BACK_OFF | Remedy.WAIT_FOR_ROOM | Remedy.STOP_SENDER:
            return _again(chosen, code, lane, now, _back_off(chosen, attempts, jitter), expires_at)
        case Remedy.RETRY_LATER if moves_on(lane):
            return Dropped(Remedy.NEXT_CHANNEL, code)
        case Remedy.RETRY_LATER if before is not None and carrier_errors.remedy(before, None) is chosen:
            return Dropped(Remedy.LET_GO, code)
        case Remedy.RETRY_LATER:
            return _again(chosen, code, lane, now, HANDSET_WAIT, expires_at)
        case _:
            return Dropped(chosen, code)


def after_silence(lane: Lane, now: datetime, expires_at: datetime, not_taken: bool) -> Again | Dropped:
    """Decide about an uncertain message of which no callback came, and which the carrier's list does not hold.

    An alert is sent again, for a duplicate is better than a miss; of the others a miss is better than two, unless
    it was surely *not_taken*: the carrier was asked, and it has reported of others since, or nothing was attempted.
    """
    if moves_on(lane) or not_taken:
        return _again(Remedy.CHECK, None, lane, now, timedelta(), expires_at)
    return Dropped(Remedy.LET_GO, None)


def says_about_set_up(decision: Decision) -> bool | None:
    """Say whether the carrier's answer proves our set-up broken (False) or working (True); None if it does not tell."""
    match decision:
        case Sent():
            return True
        case Again(_, chosen, _) if chosen is Remedy.STOP_SENDER:
            return False
        case Dropped(chosen, _):
            return chosen is not Remedy.STOP_SENDER
        case Again() | Unsure():
            return None
        case other:
            assert_never(other)


def _back_off(chosen: Remedy, attempts: int, jitter: float) -> timedelta:
    doublings = min(max(attempts - 1, 0), 16)
    wait = min(_FIRST_WAIT[chosen] * (1 << doublings), _LONGEST_WAIT[chosen])
    return wait * (1 - jitter / 2)


def _again(
    chosen: Remedy, code: int | None, lane: Lane, now: datetime, wait: timedelta, expires_at: datetime
) -> Again | Dropped:
    if now + wait < expires_at:
        return Again(now + wait, chosen, code)
    if chosen is Remedy.STOP_SENDER:
        return Dropped(chosen, code)
    return Dropped(Remedy.NEXT_CHANNEL if moves_on(lane) else Remedy.LET_GO, code)
