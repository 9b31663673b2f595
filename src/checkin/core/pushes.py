"""What becomes of a push: what its service answers, and what every answer asks of us."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

import msgspec
from msgspec import Struct

from checkin.core import delivery
from checkin.core.delivery import HEARING_TIME, Accepted, Again, Busy, Lane, Sent, Uncertain, Unsure

MOST_ATTEMPTS: Final = 3
"""How often a push that its service was too busy for is tried before it goes on another way."""


class Way(StrEnum):
    """How a message goes out."""

    sms = "sms"
    push = "push"


class Provider(StrEnum):
    """The services that take pushes to devices: Firebase Cloud Messaging, and the browsers' own (RFC 8030)."""

    fcm = "fcm"
    web_push = "web_push"

    @property
    def sender(self) -> str:
        """What its row among the senders is called."""
        return f"push:{self.value}"


SENDERS: Final = tuple(provider.sender for provider in Provider)
"""The push services' rows among the senders."""


class Because(StrEnum):
    """Why a message could not be pushed."""

    no_device = "no_device"
    stopped = "stopped"
    gone = "gone"
    refused = "refused"
    busy = "busy"


class Subscription(Struct, frozen=True, kw_only=True):
    """A browser's push subscription: where it takes pushes, and its two keys in base64url (RFC 8291)."""

    endpoint: str
    p256dh: str
    auth: str

    def token(self) -> str:
        """Return it in one string, as it is kept."""
        return msgspec.json.encode(self).decode()


def subscription(token: str) -> Subscription:
    """Return the subscription that `Subscription.token` wrote. Raises ValueError."""
    return msgspec.json.decode(token, type=Subscription)


def identity(provider: Provider, token: str) -> str:
    """Return what of *token* says which device it is; a browser may renew its keys under the same address."""
    return subscription(token).endpoint if provider is Provider.web_push else token


class Gone(Struct, frozen=True):
    """The device takes no pushes by this token any more, and never will."""


class Rejected(Struct, frozen=True):
    """The service definitely did not take it, and says that it lies in this push or this device."""

    status: int


class Misconfigured(Struct, frozen=True):
    """The service, or what gives out its access tokens, does not believe that it is us: our set-up."""

    status: int


Answer = Accepted | Gone | Rejected | Misconfigured | Busy | Uncertain


class Forget(Struct, frozen=True):
    """Forget the device's token, and try the person's next device."""


class GoOn(Struct, frozen=True):
    """Do not push it: a nudge goes by text at once, an alert to the next person."""

    because: Because


Decision = Sent | Again | Unsure | Forget | GoOn


def decide(answer: Answer, lane: Lane, attempts: int, now: datetime, expires_at: datetime, jitter: float) -> Decision:
    """Decide what follows a service's *answer* to the latest of *attempts* (1 and up); *jitter* as in `delivery.after`.

    Services say nothing about a push once they have it. So one that may have been taken is not texted as well, and
    one that surely was not goes on another way while there is time.
    """
    match answer:
        case Accepted(sid):
            return Sent(sid)
        case Uncertain():
            return Unsure(now + HEARING_TIME)
        case Gone():
            return Forget()
        case Rejected():
            return GoOn(Because.refused)
        case Misconfigured():
            return GoOn(Because.stopped)
        case Busy():
            put_off = delivery.after(answer, lane, attempts, now, expires_at, jitter)
            return put_off if isinstance(put_off, Again) and attempts < MOST_ATTEMPTS else GoOn(Because.busy)
        case other:
            assert_never(other)


def says_about_set_up(answer: Answer) -> bool | None:
    """Say whether an answer proves our set-up broken (False) or working (True); None if it does not tell."""
    match answer:
        case Misconfigured():
            return False
        case Accepted() | Gone() | Rejected():
            return True
        case Busy() | Uncertain():
            return None
        case other:
            assert_never(other)


def time_left(now: datetime, expires_at: datetime) -> timedelta:
    """Return for how long a service may keep trying, in whole seconds, at least one."""
    return timedelta(seconds=max(1, int((expires_at - now).total_seconds())))
