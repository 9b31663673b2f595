"""A pretend Twilio and pretend push services on loopback, and what talks to them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from checkin.gateway.twilio import Twilio
from checkin.store.pool import Pool
from tests.flows.pushing import Both, both_ways
from tests.pretend_twilio import PretendTwilio

ACCOUNT, TOKEN = "AC" + "1" * 32, "t" * 32


@pytest.fixture
async def pretend() -> AsyncIterator[PretendTwilio]:
    async with PretendTwilio(account_sid=ACCOUNT, auth_token=TOKEN, callbacks=False) as running:
        yield running


@pytest.fixture
async def twilio(pretend: PretendTwilio) -> AsyncIterator[Twilio]:
    """A carrier so patient that no stall of a busy machine looks like one that does not answer."""
    carrier = Twilio(ACCOUNT, TOKEN, "+15005550006", api_url=pretend.url, timeout=timedelta(seconds=60))
    yield carrier
    await carrier.close()


@pytest.fixture
async def hasty(pretend: PretendTwilio) -> AsyncIterator[Twilio]:
    """A carrier with little patience, for answers that never come."""
    carrier = Twilio(ACCOUNT, TOKEN, "+15005550006", api_url=pretend.url, timeout=timedelta(seconds=3))
    yield carrier
    await carrier.close()


@pytest.fixture
async def ways(pool: Pool, twilio: Twilio) -> AsyncIterator[Both]:
    async with both_ways(pool, twilio) as both:
        yield both
