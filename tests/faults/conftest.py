"""What the fault tests share: a pretend Twilio, a carrier that talks to it, and an application in this loop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from checkin.config import Settings
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection
from tests.api.calls import Client, served
from tests.people import Cast, ask_nobody
from tests.pretend_twilio import PretendTwilio

PATIENCE = timedelta(seconds=60)
"""No stall of a busy machine may look like a carrier that does not answer."""
HASTE = timedelta(seconds=3)


@pytest.fixture
async def pretend(settings: Settings) -> AsyncIterator[PretendTwilio]:
    known = settings.carrier
    async with PretendTwilio(account_sid=known.account_sid, auth_token=known.tokens[0], callbacks=False) as running:
        yield running


@pytest.fixture
async def twilio(settings: Settings, pretend: PretendTwilio) -> AsyncIterator[Twilio]:
    """The carrier as the worker makes it, but more patient."""
    async with carrier_of(settings, pretend, PATIENCE) as carrier:
        yield carrier


@pytest.fixture
async def hasty(settings: Settings, pretend: PretendTwilio) -> AsyncIterator[Twilio]:
    """The carrier with little patience, for answers that never come."""
    async with carrier_of(settings, pretend, HASTE) as carrier:
        yield carrier


@asynccontextmanager
async def carrier_of(settings: Settings, pretend: PretendTwilio, patience: timedelta) -> AsyncIterator[Twilio]:
    known = settings.carrier
    carrier = Twilio(known.account_sid, known.tokens[0], known.sender, api_url=pretend.url, timeout=patience)
    yield carrier
    await carrier.close()


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    async with served(settings) as lent:
        yield lent


@pytest.fixture
async def people(conn: Connection, people: Cast) -> Cast:
    await ask_nobody(conn)
    return people
