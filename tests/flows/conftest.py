"""A pretend Twilio on loopback, and the carrier that talks to it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from checkin.gateway.twilio import Twilio
from tests.pretend_twilio import PretendTwilio

ACCOUNT, TOKEN = "AC" + "1" * 32, "t" * 32


@pytest.fixture
async def pretend() -> AsyncIterator[PretendTwilio]:
    async with PretendTwilio(account_sid=ACCOUNT, auth_token=TOKEN, callbacks=False) as running:
        yield running


@pytest.fixture
async def twilio(pretend: PretendTwilio) -> AsyncIterator[Twilio]:
    carrier = Twilio(ACCOUNT, TOKEN, "+15005550006", api_url=pretend.url, timeout=timedelta(seconds=1))
    yield carrier
    await carrier.close()
