"""What any carrier of text messages must be able to do."""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from checkin.core.delivery import Accepted, Answer, Uncertain, Undelivered

LONGEST_VALIDITY = timedelta(hours=10)
"""Twilio refuses a validity period above 36,000 seconds (its error 21624)."""


class Outgoing(Struct, frozen=True, kw_only=True):
    """One attempt to send one message.

    *to* is E.164, *status_callback* an absolute URL that carries the attempt's id, *valid_for* whole seconds
    from 1 to 36,000, after which the carrier no longer sends it. Raises ValueError for any other duration. The carrier
    calls an earlier attempt *failed_sid*, if one did not arrive.
    """

    message: UUID
    attempt: UUID
    to: str
    body: str
    status_callback: str
    valid_for: timedelta
    failed_sid: str | None = None

    def __post_init__(self) -> None:
        if self.valid_for.microseconds or not timedelta(seconds=1) <= self.valid_for <= LONGEST_VALIDITY:
            raise ValueError("valid_for must be whole seconds from 1 to 36000")


class Carrier(Protocol):
    """Takes messages to phones."""

    async def send(self, message: Outgoing) -> Answer:
        """Hand *message* over exactly once; whatever the carrier or the network does is an answer, never raised."""
        ...

    async def close(self) -> None:
        """Close the connections; harmless when there are none."""
        ...


class Ledger(Protocol):
    """Knows what a carrier has taken, for messages whose answer was lost."""

    async def find(self, message: Outgoing, since: datetime) -> list[Accepted | Undelivered] | Uncertain:
        """Return what may be this attempt among what was taken at or after *since* (UTC), the oldest first.

        Others to the same phone with the same words are among it, so whose each is, is for the caller to say.
        `Uncertain` when the carrier could not be asked. Leave a minute in *since* for clocks that differ.
        """
        ...
