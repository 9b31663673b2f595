"""A Twilio that keeps messages, calls back and fails as told, for tests and as a process of its own."""

import argparse
import asyncio
import signal
import socket
import struct
import sys
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Literal, Self
from uuid import uuid4

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout, FormData, web
from aiohttp.typedefs import Handler
from msgspec import Struct
from twilio.request_validator import RequestValidator
from yarl import URL

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "pretend-auth-token"
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})

Ending = Literal["created", "error", "never", "reset", "bad_json", "no_id"]


class Step(Struct, frozen=True, kw_only=True):
    """What happens to one POST: wait *seconds*, keep the message or not, end so, then call back after *late*."""

    ending: Ending = "created"
    seconds: float = 0.0
    kept: bool = True
    http: int = 201
    code: int | None = None
    retry_after: int | None = None
    callbacks: tuple[str, ...] = ("sent", "delivered")
    callback_code: int | None = None
    late: float = 0.0


OK = Step()
TIMEOUT_BEFORE = Step(ending="never", kept=False)
TIMEOUT_AFTER = Step(ending="never")
RESET_BEFORE = Step(ending="reset", kept=False)
RESET_AFTER = Step(ending="reset")
BAD_JSON = Step(ending="bad_json")
NO_ID = Step(ending="no_id")
TWICE = Step(callbacks=("sent", "sent", "delivered", "delivered"))
REORDERED = Step(callbacks=("delivered", "sent"))
MISSING = Step(callbacks=())


def error(http: int, code: int | None = None, *, retry_after: int | None = None, kept: bool = False) -> Step:
    return Step(ending="error", http=http, code=code, retry_after=retry_after, kept=kept)


def slow(seconds: float) -> Step:
    return Step(seconds=seconds)


def late(seconds: float) -> Step:
    return Step(late=seconds)


def lost(code: int, status: str = "undelivered") -> Step:
    return Step(callbacks=("sent", status), callback_code=code)


class Text(Struct):
    """A message that was taken; *form* is all that was posted, under Twilio's names."""

    sid: str
    to: str
    body: str
    status_callback: str | None
    form: dict[str, str]
    created: str
    status: str = "queued"
    error_code: int | None = None

    def view(self, account_sid: str) -> dict[str, object]:
        """Return the message as Twilio's API shows it."""
        uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": account_sid,
            "api_version": "2010-04-01",
            "uri": f"{uri}.json",
            "to": self.to,
            "from": self.form.get("From"),
            "body": self.body,
            "direction": "outbound-api",
            "status": self.status,
            "error_code": self.error_code,
            "error_message": None,
            "date_created": self.created,
            "date_updated": self.created,
            "date_sent": None if self.status == "queued" else self.created,
            "messaging_service_sid": self.form.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": None,
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }


class Heard(Struct, frozen=True):
    """What a webhook answered: the HTTP status, 0 when nobody was there, and the body."""

    status: int
    body: str


class PretendTwilio:
    """Twilio on loopback: `async with PretendTwilio() as twilio`, then talk to `twilio.url`.

    Callbacks and inbound texts are signed for the address that is asked for; with *deliver_to* they are taken to
    that scheme and host instead, as a proxy would.
    """

    def __init__(
        self,
        account_sid: str = ACCOUNT_SID,
        auth_token: str = AUTH_TOKEN,
        *,
        callbacks: bool = True,
        deliver_to: str | None = None,
        port: int = 0,
    ) -> None:
        self.account_sid = account_sid
        self.messages: list[Text] = []
        self.posts = 0
        self.callbacks: list[Heard] = []
        self.opted_out: set[str] = set()
        self._steps: deque[Step] = deque()
        self._calls_back = callbacks
        self._deliver_to = None if deliver_to is None else URL(deliver_to)
        self._port = port
        self._validator = RequestValidator(auth_token)
        self._authorization = "Basic " + b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._closing = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Return the address that stands for https://api.twilio.com."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._admit])
        base = "/2010-04-01/Accounts/{account}"
        app.router.add_post(base + "/Messages.json", self._create)
        app.router.add_get(base + "/Messages.json", self._list)
        app.router.add_get(base + "/Messages/{sid}.json", self._fetch)
        app.router.add_get("/pretend", self._state)
        app.router.add_post("/pretend/plan", self._take_plan)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._session = ClientSession(timeout=ClientTimeout(total=20))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._session.close()
        await self._runner.cleanup()

    def plan(self, steps: Iterable[Step]) -> None:
        """Say what happens to the next POSTs, one step each; afterwards all is well again."""
        self._steps.extend(steps)

    async def settle(self) -> None:
        """Wait until every callback that is due has been made."""
        while self._running:
            await asyncio.gather(*self._running)

    async def text_in(self, url: str, *, from_: str, to: str, body: str, sid: str | None = None, **extra: str) -> Heard:
        """Post an SMS from a phone to the webhook at *url*, with any *extra* form fields.

        STOP and START are remembered here as the carrier remembers them: a stopped number gets 21610.
        """
        if body.strip().upper() in STOP_WORDS:
            self.opted_out.add(from_)
        if body.strip().upper() in START_WORDS:
            self.opted_out.discard(from_)
        sid = sid or "SM" + uuid4().hex
        form = dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), sid)
        form |= {"AccountSid": self.account_sid, "From": from_, "To": to, "Body": body, "SmsStatus": "received"}
        form |= {"NumSegments": "1", "NumMedia": "0", "ToCountry": "US", "ApiVersion": "2010-04-01", **extra}
        return await self.post(url, form)

    async def post(self, url: str, form: Mapping[str, str], signature: str | None = None) -> Heard:
        """Post *form* to a webhook, signed, or under a forged *signature*."""
        if signature is None:
            signature = str(self._validator.compute_signature(url, form))
        target = URL(url, encoded=True)
        if self._deliver_to is not None:
            target = self._deliver_to.join(target.relative())
        try:
            async with self._session.post(
                target, data=FormData(form), headers={"X-Twilio-Signature": signature}, allow_redirects=False
            ) as response:
                return Heard(response.status, await response.text())
        except (ClientError, TimeoutError):
            return Heard(0, "")

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.posts += request.method == "POST" and "account" in request.match_info
        account = request.match_info.get("account", self.account_sid)
        if "account" in request.match_info and request.headers.get("Authorization") != self._authorization:
            return _problem(401, 20003, "Authenticate")
        return await handler(request) if account == self.account_sid else _problem(404, 20404, request.path)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        step = self._steps.popleft() if self._steps else OK
        await asyncio.sleep(step.seconds)
        if step.ending == "created" and (code := self._complaint(form)) is not None:
            return _problem(400, code, form.get("To", ""))
        text = self._keep(form, step) if step.kept else None
        return await self._end(request, step, form, text)

    async def _end(
        self, request: web.Request, step: Step, form: Mapping[str, str], text: Text | None
    ) -> web.StreamResponse:
        match step.ending:
            case "error":
                return _problem(step.http, step.code, form.get("To", ""), step.retry_after)
            case "never":
                await self._closing.wait()
            case "reset":
                _reset(request)
            case "bad_json":
                return web.Response(status=201, text='{"sid": "SM', content_type="application/json")
            case "created" | "no_id" if text is not None:
                view = text.view(self.account_sid) | {"status": "queued"}
                if step.ending == "no_id":
                    del view["sid"]
                return web.json_response(view, status=201)
        return web.Response(status=500)

    def _complaint(self, form: Mapping[str, str]) -> int | None:
        validity = form.get("ValidityPeriod", "36000")
        checks = {
            21604: not form.get("To"),
            21603: not form.get("From") and not form.get("MessagingServiceSid"),
            21602: not form.get("Body"),
            21617: len(form.get("Body", "")) > 1600,
            21624: not validity.isdigit() or not 1 <= int(validity) <= 36_000,
            21610: form.get("To") in self.opted_out,
        }
        return next((code for code, applies in checks.items() if applies), None)

    def _keep(self, form: dict[str, str], step: Step) -> Text:
        created = formatdate().replace("-0000", "+0000")
        text = Text("SM" + uuid4().hex, form["To"], form["Body"], form.get("StatusCallback"), form, created)
        self.messages.append(text)
        if self._calls_back:
            task = asyncio.create_task(self._call_back(text, step))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return text

    async def _call_back(self, text: Text, step: Step) -> None:
        await asyncio.sleep(step.late)
        for status in step.callbacks:
            text.status = status
            form = {"MessageSid": text.sid, "SmsSid": text.sid, "MessageStatus": status, "SmsStatus": status}
            form |= {"AccountSid": self.account_sid, "To": text.to, "ApiVersion": "2010-04-01"}
            form |= {"From": text.form.get("From", ""), "RawDlrDoneDate": ""}
            if status in ("undelivered", "failed") and step.callback_code is not None:
                text.error_code = step.callback_code
                form["ErrorCode"] = str(step.callback_code)
            if text.status_callback is not None:
                self.callbacks.append(await self.post(text.status_callback, form))

    async def _list(self, request: web.Request) -> web.Response:
        to, size = request.query.get("To"), int(request.query.get("PageSize", "50"))
        found = [text.view(self.account_sid) for text in reversed(self.messages) if to in (None, text.to)][:size]
        page = {"page": 0, "page_size": size, "start": 0, "end": max(len(found) - 1, 0), "uri": request.path_qs}
        links = {"first_page_uri": request.path_qs, "next_page_uri": None, "previous_page_uri": None}
        return web.json_response({"messages": found, **page, **links})

    async def _fetch(self, request: web.Request) -> web.Response:
        found = [text for text in self.messages if text.sid == request.match_info["sid"]]
        return web.json_response(found[0].view(self.account_sid)) if found else _problem(404, 20404, request.path)

    async def _state(self, _: web.Request) -> web.Response:
        state = {"posts": self.posts, "messages": self.messages, "callbacks": self.callbacks}
        return web.Response(body=msgspec.json.encode(state), content_type="application/json")

    async def _take_plan(self, request: web.Request) -> web.Response:
        self.plan(msgspec.json.decode(await request.read(), type=list[Step]))
        return web.Response(status=204)


def _problem(http: int, code: int | None, about: str, retry_after: int | None = None) -> web.Response:
    body: dict[str, object] = {"message": f"{HTTPStatus(http).phrase}: '{about}'", "status": http}
    if code is not None:
        body |= {"code": code, "more_info": f"https://www.twilio.com/docs/errors/{code}"}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return web.json_response(body, status=http, headers=headers)


def _reset(request: web.Request) -> None:
    transport = request.transport
    assert transport is not None
    # Without lingering, closing sends RST instead of FIN.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    twilio = PretendTwilio(options.account_sid, options.auth_token, deliver_to=options.deliver_to, port=options.port)
    async with twilio:
        sys.stdout.write(f"{twilio.url}\n")
        sys.stdout.flush()
        await stopped.wait()


def main() -> None:
    """Serve until SIGTERM; print the address. GET /pretend tells all, POST /pretend/plan takes a list of steps."""
    parser = argparse.ArgumentParser(prog="python -m tests.pretend_twilio", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--account-sid", default=ACCOUNT_SID)
    parser.add_argument("--auth-token", default=AUTH_TOKEN)
    parser.add_argument("--deliver-to", help="scheme and host that webhooks are really taken to")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
