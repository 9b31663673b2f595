"""What any service that takes pushes to devices must be able to do."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from checkin.core.pushes import Answer, Provider


class Notice(Struct, frozen=True, kw_only=True):
    """One attempt to push one message to one device, by its *token*.

    What leaves is the message's id and *words*, which are the same for everybody: services and locked screens read
    along. *valid_for* is whole seconds, after which the service no longer tries. *urgent*: it wakes the device.
    """

    message: UUID
    attempt: UUID
    token: str
    words: str
    valid_for: timedelta
    urgent: bool


class Pusher(Protocol):
    """Takes pushes to devices."""

    async def push(self, notice: Notice) -> Answer:
        """Hand *notice* over exactly once; whatever the service or the network does is an answer, never raised."""
        ...

    async def close(self) -> None:
        """Close the connections; harmless when there are none."""
        ...


Pushers = Mapping[Provider, Pusher]
"""The services that are set up. Without any, push is off, and everything goes by text."""
