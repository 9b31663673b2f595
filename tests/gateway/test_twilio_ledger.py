"""Twilio's list of messages, asked for one whose answer was lost."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web
from msgspec.structs import replace

from checkin.core.delivery import Accepted, Uncertain
from checkin.gateway.sms import Ledger, Outgoing
from checkin.gateway.twilio import Twilio
from tests import pretend_twilio
from tests.gateway.test_twilio import LONG_AGO, MESSAGE, carrier_at, serving
from tests.pretend_twilio import PretendTwilio

FAR_AHEAD = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def twilio() -> AsyncIterator[PretendTwilio]:
    async with PretendTwilio(callbacks=False) as server:
        yield server


@pytest.fixture
async def carrier(twilio: PretendTwilio) -> AsyncIterator[Twilio]:
    carrier = carrier_at(twilio.url)
    yield carrier
    await carrier.close()


async def test_a_message_whose_answer_was_lost_is_found(twilio: PretendTwilio, carrier: Twilio) -> None:
    twilio.plan([pretend_twilio.RESET_AFTER])
    await carrier.send(MESSAGE)
    ledger: Ledger = carrier

    found = await ledger.find(MESSAGE, LONG_AGO)

    assert found == [Accepted(twilio.messages[0].sid)]


async def test_a_message_that_never_arrived_is_not_found(twilio: PretendTwilio, carrier: Twilio) -> None:
    twilio.plan([pretend_twilio.RESET_BEFORE])
    await carrier.send(MESSAGE)

    assert await carrier.find(MESSAGE, LONG_AGO) == []


@pytest.mark.parametrize(
    ("other", "since"),
    [
        (replace(MESSAGE, body="Another text"), LONG_AGO),
        (replace(MESSAGE, to="+15550999999"), LONG_AGO),
        (MESSAGE, FAR_AHEAD),
    ],
    ids=["another text", "another phone", "before that time"],
)
async def test_another_message_is_not_taken_for_it(carrier: Twilio, other: Outgoing, since: datetime) -> None:
    await carrier.send(MESSAGE)

    assert await carrier.find(other, since) == []


async def test_of_several_with_the_same_words_all_are_found_the_oldest_first(
    twilio: PretendTwilio, carrier: Twilio
) -> None:
    for _ in range(2):
        await carrier.send(MESSAGE)

    found = await carrier.find(MESSAGE, LONG_AGO)

    assert found == [Accepted(text.sid) for text in twilio.messages]


async def test_a_list_that_cannot_be_read_proves_nothing(twilio: PretendTwilio) -> None:
    wrong_token, nobody_there = carrier_at(twilio.url, token="not-this-one"), carrier_at("http://nobody.invalid")

    answers = [await wrong_token.find(MESSAGE, LONG_AGO), await nobody_there.find(MESSAGE, LONG_AGO)]
    await wrong_token.close()
    await nobody_there.close()

    assert answers == [Uncertain("http 401"), Uncertain("connection lost")]


@pytest.mark.parametrize(
    "shape",
    [
        "{}",
        "[]",
        "null",
        "<html>",
        '{"messages": null}',
        '{"messages": [7], "page": 0}',
        '{"meta": {"key": "texts"}}',
        '{"messages": [{"sid": "SM1", "date_created": "yesterday", "body": "OK"}]}',
        '{"messages": [{"sid": "SM1", "date_created": "Mon, 16 Nov 2026 20:00:00 +0000", "body": 7}]}',
    ],
)
async def test_a_list_of_another_shape_proves_nothing(shape: str) -> None:
    async def odd(_: web.Request) -> web.Response:
        return web.Response(text=shape, content_type="application/json")

    async with serving(odd) as url:
        carrier = carrier_at(url)
        found = await carrier.find(replace(MESSAGE, body="OK"), LONG_AGO)
        await carrier.close()

    assert found == Uncertain("unreadable")
