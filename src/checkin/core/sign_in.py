"""Signing in by a code in a text: how long it is good, how often one may be asked for, and when a session stands.

The figures follow NIST SP 800-63B (short-lived, single-use codes, few tries) and OWASP's advice on rotated refresh
tokens: one that is used again after its successor was used has been stolen, or its successor has.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from checkin.core import limits
from checkin.core.limits import Limit, Room
from checkin.core.people import Person, Status

DIGITS: Final = 6
CODES: Final = 10**DIGITS
CODE_LIFETIME: Final = timedelta(minutes=5)
MOST_TRIES: Final = 5  # the table of codes says so too
A_DAY: Final = timedelta(days=1)
AN_HOUR: Final = timedelta(hours=1)
# What must lie between two codes for one number, by how many in a row nobody signed in with; then a day.
WAITS: Final = (timedelta(), timedelta(seconds=60), timedelta(seconds=300))

PER_NUMBER: Final = Limit("number", 5, A_DAY)
PER_ADDRESS: Final = Limit("address", 20, AN_HOUR)
PER_RANGE: Final = Limit("range", 30, AN_HOUR)
RANGE: Final = 4  # last digits that numbers of one range differ in

SESSION_LIFETIME: Final = timedelta(days=60)  # after the latest renewal
GRACE: Final = timedelta(seconds=30)  # in which an answer that was lost on its way may be asked for again
MOST_SESSIONS: Final = 20
MOST_DEVICES: Final = 10


class Asked(Struct, frozen=True):
    """A code that was asked for: when (UTC), and whether somebody signed in with it."""

    at: datetime
    used: bool


class Standing(Struct, frozen=True, kw_only=True):
    """A session as it stands: which of its refresh tokens is good, and since when."""

    generation: int
    renewed_at: datetime
    expires_at: datetime
    ended: bool
    person: Status


class Verdict(StrEnum):
    """What becomes of a refresh token that is genuine: which is not to say that it is good."""

    renew = "renew"
    repeat = "repeat"
    revoke = "revoke"
    refuse = "refuse"


def per_service(codes_an_hour: int) -> Limit:
    """Return the limit on codes for everybody together."""
    return Limit("service", codes_an_hour, AN_HOUR)


def number_range(phone: str) -> str:
    """Return the range a phone (E.164) lies in: its first digits. Who is paid by the text asks for whole ranges."""
    return phone[:-RANGE]


def wait(asked: Sequence[Asked], now: datetime) -> Room:
    """Return how long a number must wait for its next code; *asked* are those of the last day, the newest first."""
    unused = 0
    for one in asked:
        if one.used:
            break
        unused += 1
    between = WAITS[unused] if unused < len(WAITS) else A_DAY
    left = timedelta() if unused == 0 else max(asked[0].at + between - now, timedelta())
    return Room(PER_NUMBER, 0, left) if left else Room(PER_NUMBER, PER_NUMBER.most - len(asked), left)


def may_ask(asked: Sequence[Asked], others: Sequence[Room], now: datetime) -> Room:
    """Return what is left to whoever asks for a code now; there is a wait if they may not.

    *others* are the limits that do not count by number.
    """
    newest = asked[: PER_NUMBER.most]
    use = limits.Use(len(newest), newest[-1].at if newest else None)
    return limits.tightest([wait(asked, now), limits.room(PER_NUMBER, use, now), *others])


def code(drawn: int) -> str:
    """Return a code for a number *drawn* at random from 0 to CODES - 1."""
    return f"{drawn:0{DIGITS}}"


def recipient(sharers: Sequence[Person]) -> Person | None:
    """Return who is sent a code to a phone that all *sharers* have: one active person who takes texts, or nobody."""
    match sharers:
        case [person] if person.status is Status.active and not person.opted_out:
            return person
        case _:
            return None


def judge(standing: Standing, generation: int, now: datetime) -> Verdict:
    """Return what becomes of a refresh token of *generation*.

    The newest is renewed; the one before repeats its answer while it may have been lost; any older one was stolen,
    or its successor was, so that the session ends.
    """
    if standing.ended or standing.expires_at <= now or standing.person is not Status.active:
        return Verdict.refuse
    behind = standing.generation - generation
    if behind == 0:
        return Verdict.renew
    if behind == 1 and now - standing.renewed_at <= GRACE:
        return Verdict.repeat
    return Verdict.revoke if behind > 0 else Verdict.refuse
