"""Tests of the Twilio carrier against the pretend Twilio, over real connections."""

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec.structs import replace

from checkin.core.delivery import Accepted, Busy, Refused, Uncertain
from checkin.gateway.sms import Carrier, Outgoing
from checkin.gateway.twilio import Twilio
from tests import pretend_twilio
from tests.pretend_twilio import ACCOUNT_SID, AUTH_TOKEN, PretendTwilio, Step

SENDER = "+15550100000"
PHONE = "+15550123456"
BODY = "A check-in needs you. Ünlikely w0rds: zebra quartz & =+%"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MESSAGE = Outgoing(
    message=UUID(int=1),
    attempt=UUID(int=2),
    to=PHONE,
    body=BODY,
    status_callback="https://checkin.test/webhooks/twilio/status?attempt=2",
    valid_for=timedelta(hours=1),
)


@pytest.fixture
async def twilio() -> AsyncIterator[PretendTwilio]:
    async with PretendTwilio(callbacks=False) as server:
        yield server


@pytest.fixture
async def carrier(twilio: PretendTwilio) -> AsyncIterator[Twilio]:
    carrier = carrier_at(twilio.url)
    yield carrier
    await carrier.close()


def carrier_at(url: str, sender: str = SENDER, token: str = AUTH_TOKEN, seconds: float = 1.0) -> Twilio:
    return Twilio(ACCOUNT_SID, token, sender, api_url=url, timeout=timedelta(seconds=seconds))


async def test_an_accepted_message_has_the_carriers_id(twilio: PretendTwilio, carrier: Carrier) -> None:
    answer = await carrier.send(MESSAGE)

    assert answer == Accepted(twilio.messages[0].sid)


async def test_every_field_reaches_twilio_as_it_is(twilio: PretendTwilio, carrier: Carrier) -> None:
    await carrier.send(MESSAGE)

    assert twilio.messages[0].form == {
        "To": PHONE,
        "From": SENDER,
        "Body": BODY,
        "StatusCallback": "https://checkin.test/webhooks/twilio/status?attempt=2",
        "ValidityPeriod": "3600",
    }


async def test_a_messaging_service_takes_the_senders_place(twilio: PretendTwilio) -> None:
    carrier = carrier_at(twilio.url, sender="MG" + "1" * 32)

    await carrier.send(MESSAGE)
    await carrier.close()

    assert twilio.messages[0].form["MessagingServiceSid"] == "MG" + "1" * 32
    assert "From" not in twilio.messages[0].form


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


OUTCOMES = [
    (pretend_twilio.error(400, 21610), Refused(21610, 400), 0),
    (pretend_twilio.error(400, 21211), Refused(21211, 400), 0),
    (pretend_twilio.error(403, 21408), Refused(21408, 403), 0),
    (pretend_twilio.error(401, 20003), Refused(20003, 401), 0),
    (pretend_twilio.error(400, 99999), Refused(99999, 400), 0),
    (pretend_twilio.error(400), Refused(None, 400), 0),
    (pretend_twilio.error(302), Refused(None, 302), 0),
    (pretend_twilio.error(429, 20429), Busy(20429, None), 0),
    (pretend_twilio.error(429, 20429, retry_after=7), Busy(20429, timedelta(seconds=7)), 0),
    (pretend_twilio.error(429, retry_after=10**8), Busy(None, timedelta(days=1)), 0),
    (pretend_twilio.error(429, retry_after=-7), Busy(None, None), 0),
    (pretend_twilio.error(400, 14107), Busy(14107, None), 0),
    (pretend_twilio.error(408), Uncertain("http 408"), 0),
    (pretend_twilio.error(500), Uncertain("http 500"), 0),
    (pretend_twilio.error(500, 20500, kept=True), Uncertain("http 500"), 1),
    (pretend_twilio.error(503, 20503), Uncertain("http 503"), 0),
    (pretend_twilio.TIMEOUT_BEFORE, Uncertain("timeout"), 0),
    (pretend_twilio.TIMEOUT_AFTER, Uncertain("timeout"), 1),
    (pretend_twilio.slow(2), Uncertain("timeout"), 0),
    (pretend_twilio.RESET_BEFORE, Uncertain("connection lost"), 0),
    (pretend_twilio.RESET_AFTER, Uncertain("connection lost"), 1),
    (pretend_twilio.BAD_JSON, Uncertain("unreadable"), 1),
    (pretend_twilio.NO_ID, Uncertain("no id"), 1),
]


@pytest.mark.parametrize(("step", "expected", "kept"), OUTCOMES)
async def test_each_outcome_has_its_answer_after_a_single_request(
    twilio: PretendTwilio, carrier: Carrier, step: Step, expected: object, kept: int
) -> None:
    twilio.plan([step])

    answer = await carrier.send(MESSAGE)

    assert (answer, twilio.posts, len(twilio.messages)) == (expected, 1, kept)


async def test_a_slow_answer_within_the_limit_is_waited_for(twilio: PretendTwilio, carrier: Carrier) -> None:
    twilio.plan([pretend_twilio.slow(0.1)])

    answer = await carrier.send(MESSAGE)

    assert isinstance(answer, Accepted)


async def test_a_wrong_token_is_refused(twilio: PretendTwilio) -> None:
    carrier = carrier_at(twilio.url, token="not-this-one")

    answer = await carrier.send(MESSAGE)
    await carrier.close()

    assert (answer, twilio.messages) == (Refused(20003, 401), [])


async def test_a_stopped_number_is_refused(twilio: PretendTwilio, carrier: Carrier) -> None:
    await twilio.text_in("http://127.0.0.1:1/sms", from_=PHONE, to=SENDER, body="Stop")

    answer = await carrier.send(MESSAGE)

    assert answer == Refused(21610, 400)


async def test_a_refused_connection_is_safe_to_repeat() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    carrier = carrier_at(f"http://127.0.0.1:{port}")

    answer = await carrier.send(MESSAGE)
    await carrier.close()

    assert answer == Busy(None, None)


async def test_an_unknown_host_is_safe_to_repeat() -> None:
    carrier = carrier_at("http://nobody.invalid")

    answer = await carrier.send(MESSAGE)
    await carrier.close()

    assert answer == Busy(None, None)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves a full backlog unanswered")
async def test_a_connection_that_never_opens_is_safe_to_repeat() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        carrier = carrier_at(f"http://127.0.0.1:{full.getsockname()[1]}")

        answer = await carrier.send(MESSAGE)
        await carrier.close()
        for one in waiting:
            one.close()

    assert answer == Busy(None, None)


@pytest.mark.parametrize(
    "body", ["", "null", "[]", '"SM1"', '{"sid": null}', '{"sid": 7}', '{"sid": "SM1", "date_sent": 5}']
)
async def test_a_success_of_another_shape_is_uncertain(body: str) -> None:
    async def odd(_: web.Request) -> web.Response:
        return web.Response(status=201, text=body)

    async with serving(odd) as url:
        carrier = carrier_at(url)
        answer = await carrier.send(MESSAGE)
        await carrier.close()

    assert isinstance(answer, Uncertain)


@pytest.mark.parametrize("body", [b"", b"<html>\xff\xfe</html>", b"[]", b'{"code": "21610"}', b'{"code": null}'])
async def test_an_error_page_of_another_shape_has_no_code(body: bytes) -> None:
    async def odd(_: web.Request) -> web.Response:
        return web.Response(status=400, body=body)

    async with serving(odd) as url:
        carrier = carrier_at(url)
        answer = await carrier.send(MESSAGE)
        await carrier.close()

    assert answer == Refused(None, 400)


async def test_a_redirect_is_not_followed_with_a_second_post() -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with serving(elsewhere) as url:
        carrier = carrier_at(url)
        answer = await carrier.send(MESSAGE)
        await carrier.close()

    assert (answer, len(asked)) == (Refused(None, 307), 1)


async def test_many_at_once_are_each_sent_exactly_once(twilio: PretendTwilio) -> None:
    carrier = carrier_at(twilio.url, seconds=5)
    faults = [pretend_twilio.RESET_AFTER, pretend_twilio.error(503), pretend_twilio.NO_ID, pretend_twilio.TIMEOUT_AFTER]
    twilio.plan(faults * 10)
    messages = [replace(MESSAGE, body=f"number {n}") for n in range(80)]

    answers = await asyncio.gather(*(carrier.send(message) for message in messages))
    await carrier.close()

    assert twilio.posts == 80
    assert len([answer for answer in answers if isinstance(answer, Accepted)]) == 40
    assert len({text.body for text in twilio.messages}) == len(twilio.messages) == 70


async def test_no_log_record_holds_a_number_or_a_text(
    twilio: PretendTwilio, carrier: Twilio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("twilio.async_http_client").setLevel(logging.DEBUG)
    twilio.plan([step for step, _, _ in OUTCOMES if step.ending != "never"])

    answers = [await carrier.send(MESSAGE) for _ in OUTCOMES]
    found = await carrier.find(MESSAGE, LONG_AGO)

    told = f"{caplog.text} {[vars(record) for record in caplog.records]} {answers} {found}"
    assert found
    assert [secret for secret in (PHONE, PHONE[1:], "zebra", AUTH_TOKEN) if secret in told] == []


async def test_the_environment_does_not_redirect_messages(
    twilio: PretendTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    carrier = carrier_at(twilio.url)

    answer = await carrier.send(MESSAGE)
    await carrier.close()

    assert isinstance(answer, Accepted)


async def test_closing_is_harmless_at_any_time(twilio: PretendTwilio, carrier: Carrier) -> None:
    await carrier.close()
    await carrier.send(MESSAGE)
    await carrier.close()
    await carrier.close()

    assert isinstance(await carrier.send(MESSAGE), Accepted)


async def test_a_cancelled_send_stays_cancelled(twilio: PretendTwilio, carrier: Carrier) -> None:
    twilio.plan([pretend_twilio.TIMEOUT_BEFORE])
    sending = asyncio.create_task(carrier.send(MESSAGE))
    await asyncio.sleep(0.05)

    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending


@pytest.mark.parametrize("seconds", [0, -1, 0.5, 1.5, 36_001])
def test_a_validity_that_twilio_refuses_cannot_be_asked_for(seconds: float) -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        replace(MESSAGE, valid_for=timedelta(seconds=seconds))
