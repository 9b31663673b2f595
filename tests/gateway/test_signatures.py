"""Tests of Twilio's webhook signatures: golden values, forgeries, and what the pretend Twilio really posts."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
from aiohttp import ClientSession, web
from hypothesis import given
from hypothesis import strategies as st

from checkin.core.delivery import Accepted, Busy
from checkin.gateway import signatures
from checkin.gateway.signatures import Algorithm
from checkin.gateway.sms import Outgoing
from checkin.gateway.twilio import Twilio
from tests import pretend_twilio
from tests.pretend_twilio import ACCOUNT_SID, AUTH_TOKEN, PretendTwilio, Step

# The example in Twilio's own documentation and libraries.
DOCS_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
DOCS_PARAMS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("Caller", "+14158675309"),
    ("To", "+18005551212"),
]
DOCS_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="

URL = "https://checkin.test/webhooks/twilio/sms"
PARAMS = [("From", "+15550123456"), ("Body", "7 5 ünd 🙂"), ("MediaUrl0", ""), ("To", "+15550100000")]
TOKEN = "12345"
GOOD = signatures.sign(URL, PARAMS, TOKEN)


def test_the_documented_example_has_the_documented_signature() -> None:
    assert signatures.sign(DOCS_URL, DOCS_PARAMS, "12345") == DOCS_SIGNATURE


def test_the_order_of_fields_does_not_matter() -> None:
    assert signatures.is_signed(URL, PARAMS[::-1], GOOD, [TOKEN])


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_either_of_two_tokens_is_good_during_rotation(algorithm: Algorithm) -> None:
    header = signatures.sign(URL, PARAMS, "old", algorithm)

    assert signatures.is_signed(URL, PARAMS, header, ["new", "old"], algorithm)
    assert not signatures.is_signed(URL, PARAMS, header, ["new", "newer"], algorithm)


def test_the_algorithm_is_our_choice_alone() -> None:
    sha256 = signatures.sign(URL, PARAMS, TOKEN, Algorithm.SHA256)

    assert not signatures.is_signed(URL, PARAMS, sha256, [TOKEN], Algorithm.SHA1)
    assert not signatures.is_signed(URL, PARAMS, GOOD, [TOKEN], Algorithm.SHA256)


@pytest.mark.parametrize("tokens", [[], [""], ["", "x"]])
def test_without_a_real_token_nothing_is_signed(tokens: list[str]) -> None:
    header = signatures.sign(URL, PARAMS, "")

    assert not signatures.is_signed(URL, PARAMS, header, tokens)


@pytest.mark.parametrize(
    "params",
    [
        [*PARAMS, ("OptOutType", "STOP")],
        [*PARAMS, ("OptOutType", "")],
        [*PARAMS, ("", "")],
        [*PARAMS, ("Body", "another")],
        PARAMS[1:],
        [param for param in PARAMS if param[1]],
        [(name.lower(), value) for name, value in PARAMS],
        [],
    ],
    ids=["added", "added blank", "added nameless", "second value", "removed", "blank lost", "renamed", "empty"],
)
def test_a_changed_form_is_refused(params: list[tuple[str, str]]) -> None:
    assert not signatures.is_signed(URL, params, GOOD, [TOKEN])


@pytest.mark.parametrize(
    "url",
    [
        URL + "/",
        URL + "?bodySHA256=" + "0" * 64,
        URL.replace("https", "http"),
        URL.replace("checkin.test", "checkin.test.evil"),
        URL.replace("checkin.test", "checkin.test:8443@evil.test"),
        URL.replace("sms", "SMS"),
        "https://checkin.test:port/webhooks/twilio/sms",
        "https://[checkin.test/webhooks/twilio/sms",
        URL + "\ud800",
        "",
    ],
)
def test_a_changed_address_is_refused(url: str) -> None:
    assert not signatures.is_signed(url, PARAMS, GOOD, [TOKEN])


@pytest.mark.parametrize(("scheme", "port"), [("https", 443), ("http", 80)])
@pytest.mark.parametrize("query", ["", "?attempt=2&x=%2F"])
def test_the_schemes_own_port_may_be_there_or_not(scheme: str, port: int, query: str) -> None:
    bare, ported = f"{scheme}://checkin.test/a{query}", f"{scheme}://checkin.test:{port}/a{query}"

    assert signatures.is_signed(bare, PARAMS, signatures.sign(ported, PARAMS, TOKEN), [TOKEN])
    assert signatures.is_signed(ported, PARAMS, signatures.sign(bare, PARAMS, TOKEN), [TOKEN])


def test_a_port_of_our_own_may_be_left_out_but_not_changed() -> None:
    ours = "https://checkin.test:8443/a"
    left_out, changed = "https://checkin.test/a", "https://checkin.test:9443/a"

    assert signatures.is_signed(ours, PARAMS, signatures.sign(left_out, PARAMS, TOKEN), [TOKEN])
    assert not signatures.is_signed(ours, PARAMS, signatures.sign(changed, PARAMS, TOKEN), [TOKEN])


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", " ", GOOD[:-1], GOOD + "=", GOOD[:-1] + "A", f" {GOOD[1:]}", GOOD.swapcase(), f"{GOOD},{GOOD}"),
        *("é" * 28, "\ud800" * 28, "\0" * 28, "=" * 28, "x" * 1_048_576, "sha1=" + GOOD[5:]),
    ],
    ids=lambda header: repr(header)[:12],
)
def test_a_header_that_is_not_the_signature_is_refused(header: str | None) -> None:
    assert not signatures.is_signed(URL, PARAMS, header, [TOKEN])


def test_a_form_that_cannot_be_encoded_is_refused() -> None:
    assert not signatures.is_signed(URL, [("Body", "\ud800")], GOOD, [TOKEN])


def test_all_values_of_a_repeated_name_are_signed() -> None:
    twice = [*PARAMS, ("MediaUrl", "b"), ("MediaUrl", "a")]
    header = signatures.sign(URL, twice, TOKEN)

    assert signatures.is_signed(URL, [*PARAMS, ("MediaUrl", "a"), ("MediaUrl", "b")], header, [TOKEN])
    assert not signatures.is_signed(URL, [*PARAMS, ("MediaUrl", "b")], header, [TOKEN])


@given(
    header=st.none() | st.text() | st.text(min_size=28, max_size=28),
    url=st.text() | st.just(URL),
    params=st.lists(st.tuples(st.text(st.characters()), st.text(st.characters()))),
)
def test_nothing_whatever_raises_or_passes_by_chance(
    header: str | None, url: str, params: list[tuple[str, str]]
) -> None:
    assert signatures.is_signed(url, params, header, [TOKEN]) is False


class Webhook:
    """A web application that keeps the status of each signed post."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, bool]] = []

    async def take(self, request: web.Request) -> web.Response:
        form = parse_qsl(await request.text(), keep_blank_values=True, strict_parsing=True)
        url = "https://checkin.test" + request.path_qs
        signed = signatures.is_signed(url, form, request.headers.get("X-Twilio-Signature"), [AUTH_TOKEN])
        fields = dict(form)
        self.seen.append((fields.get("MessageStatus") or fields["Body"], fields.get("ErrorCode", ""), signed))
        return web.Response(status=204 if signed else 403)


@pytest.fixture
async def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
async def twilio(webhook: Webhook) -> AsyncIterator[PretendTwilio]:
    app = web.Application()
    app.router.add_post("/hook", webhook.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with PretendTwilio(deliver_to=f"http://127.0.0.1:{runner.addresses[0][1]}") as server:
        yield server
    await runner.cleanup()


async def send_through(url: str) -> object:
    carrier = Twilio(ACCOUNT_SID, AUTH_TOKEN, "+15550100000", api_url=url, timeout=timedelta(seconds=2))
    message = Outgoing(
        message=UUID(int=1),
        attempt=UUID(int=2),
        to="+15550123456",
        body="Hello",
        status_callback="https://checkin.test/hook?attempt=00000002&x=%2F",
        valid_for=timedelta(minutes=5),
    )
    answer = await carrier.send(message)
    await carrier.close()
    return answer


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (pretend_twilio.OK, ["sent", "delivered"]),
        (pretend_twilio.late(0.05), ["sent", "delivered"]),
        (pretend_twilio.TWICE, ["sent", "sent", "delivered", "delivered"]),
        (pretend_twilio.REORDERED, ["delivered", "sent"]),
        (pretend_twilio.MISSING, []),
        (pretend_twilio.RESET_AFTER, ["sent", "delivered"]),
        (pretend_twilio.RESET_BEFORE, []),
    ],
)
async def test_callbacks_arrive_as_planned_and_signed(
    twilio: PretendTwilio, webhook: Webhook, step: Step, words: list[str]
) -> None:
    twilio.plan([step])

    await send_through(twilio.url)
    await twilio.settle()

    assert webhook.seen == [(word, "", True) for word in words]


async def test_a_lost_message_is_reported_with_its_code(twilio: PretendTwilio, webhook: Webhook) -> None:
    twilio.plan([pretend_twilio.lost(30003)])

    await send_through(twilio.url)
    await twilio.settle()

    assert webhook.seen == [("sent", "", True), ("undelivered", "30003", True)]


async def test_an_inbound_text_is_signed_and_a_forged_one_is_not(twilio: PretendTwilio, webhook: Webhook) -> None:
    texts = {"from_": "+15550123456", "to": "+15550100000", "body": "7 5 ünd & =+%\n🙂"}

    taken = await twilio.text_in("https://checkin.test/hook", **texts, MediaUrl0="")
    refused = await twilio.post("https://checkin.test/hook", {"Body": "STOP"}, signature=GOOD)

    assert (taken.status, refused.status) == (204, 403)
    assert webhook.seen == [("7 5 ünd & =+%\n🙂", "", True), ("STOP", "", False)]


async def test_the_pretend_twilio_runs_as_a_process_of_its_own() -> None:
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.pretend_twilio", cwd=root, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()
    try:
        async with ClientSession() as session:
            plan = [{"ending": "error", "http": 429, "code": 20429, "kept": False}]
            await session.post(f"{url}/pretend/plan", json=plan)

            answers = [await send_through(url), await send_through(url)]
            async with session.get(f"{url}/pretend") as response:
                state = await response.json()
    finally:
        process.terminate()
        ended = await asyncio.wait_for(process.wait(), 20)

    assert (state["posts"], len(state["messages"]), ended) == (2, 1, 0)
    assert answers == [Busy(20429, None), Accepted(state["messages"][0]["sid"])]
