"""A request that a stopped process would make much later is not made at all."""

import pytest

from checkin.gateway.twilio import _Transport
from tests.pretend_twilio import ACCOUNT_SID, AUTH_TOKEN, PretendTwilio

FORM = {"To": "+15550123456", "From": "+15550100000", "Body": "hello"}
SECONDS_AGO = -10.0  # when it should have been written


async def post(twilio: PretendTwilio, within: float) -> None:
    transport = _Transport(twilio.url, within)
    path = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    try:
        await transport.request("POST", path, data=FORM, auth=(ACCOUNT_SID, AUTH_TOKEN))
    finally:
        await transport.close()


async def test_a_message_whose_time_to_be_written_is_over_never_arrives() -> None:
    async with PretendTwilio(callbacks=False) as twilio:
        with pytest.raises(OSError):
            await post(twilio, SECONDS_AGO)

    assert twilio.messages == []


async def test_a_message_in_time_arrives() -> None:
    async with PretendTwilio(callbacks=False) as twilio:
        await post(twilio, 5)

    assert [text.body for text in twilio.messages] == ["hello"]
