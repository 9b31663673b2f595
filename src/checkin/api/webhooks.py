"""What the carrier posts to us: texts that came in, and what became of those that went out."""

from typing import Annotated, Final, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
import structlog
from litestar import Request, post
from litestar.datastructures import State
from litestar.params import HeaderParameter, QueryParameter
from msgspec import Meta, Struct, field

from checkin import flows, gateway
from checkin.api.auth import OPEN
from checkin.api.requests import bad_input
from checkin.config import Settings
from checkin.core.errors import NotForm, NotSigned, TooMuch
from checkin.flows.delivery import Report
from checkin.flows.inbound import InboundText
from checkin.flows.links import Site

log = structlog.get_logger()

MOST_FIELDS: Final = 100
FORM: Final = "application/x-www-form-urlencoded"


F = TypeVar("F", bound=Struct)
Signature = Annotated[str, HeaderParameter(name="X-Twilio-Signature", description="Without it, or not ours: 403")]
Sid = Annotated[str, Meta(pattern="^[A-Za-z0-9]+$", max_length=64, examples=["SM00000000000000000000000000000041"])]


class SmsForm(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The fields we read of a text that came in; the carrier sends more, and may add new ones."""

    account_sid: Annotated[str, Meta(examples=["AC00000000000000000000000000000001"])] = ""
    message_sid: Sid
    phone: Annotated[str, Meta(min_length=1, examples=["+12125550101"])] = field(name="From")
    to: Annotated[str, Meta(examples=["+15005550006"])] = ""
    messaging_service_sid: str = ""
    body: Annotated[str, Meta(examples=["7 6"])] = ""
    opt_out_type: Annotated[str, Meta(description="STOP, START or HELP, where the carrier has answered itself")] = ""


class StatusForm(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The fields we read of a report; the carrier sends more, and may add new ones."""

    account_sid: Annotated[str, Meta(examples=["AC00000000000000000000000000000001"])] = ""
    message_sid: Sid
    message_status: Annotated[str, Meta(examples=["delivered"])] = ""
    error_code: str = ""


@post(
    "/webhooks/twilio/sms",
    operation_id="receiveSms",
    summary="A text came in",
    description="Twilio posts each inbound text here, signed. The same MessageSid again does nothing.",
    response_description="The text is kept, or was there already.",
    tags=["carrier"],
    status_code=204,
    opt={**OPEN, "form": SmsForm},
)
async def receive_sms(request: Request[None, None, State], signature: Signature = "") -> None:
    settings: Settings = request.app.state.settings
    form = _read(SmsForm, await _signed_form(request, signature))
    if form.account_sid != settings.carrier.account_sid or settings.carrier.sender not in (
        form.to,
        form.messaging_service_sid,
    ):
        raise NotSigned("this text was not sent to us")
    opt_out = form.opt_out_type.upper()
    text = InboundText(
        sid=form.message_sid,
        phone=form.phone,
        body=form.body,
        opt_out=opt_out if opt_out in ("STOP", "START", "HELP") else None,  # type: ignore[arg-type]  # just looked
    )
    async with request.app.state.pool.acquire() as conn:
        site = Site(settings.public_url)
        taken_for = await flows.inbound.receive(conn, text, request.app.state.clock.now(), site)
    if taken_for == "conflicting":
        log.warning("inbox.conflicting", sid=form.message_sid)


@post(
    "/webhooks/twilio/status",
    operation_id="receiveStatus",
    summary="A text's status changed",
    description="Twilio reports here what became of a text; late, repeated and out of order is fine.",
    response_description="The report is taken, also one about a text we never sent.",
    tags=["carrier"],
    status_code=204,
    opt={**OPEN, "form": StatusForm},
)
async def receive_status(
    request: Request[None, None, State],
    message: Annotated[str, QueryParameter(description="Our id of the text")] = "",
    attempt: Annotated[str, QueryParameter(description="Our id of the attempt to send it")] = "",
    signature: Signature = "",
) -> None:
    form = _read(StatusForm, await _signed_form(request, signature))
    settings: Settings = request.app.state.settings
    if form.account_sid != settings.carrier.account_sid:
        raise NotSigned("this report is not about us")
    code = form.error_code
    report = Report(
        message=_id(message),
        attempt=_id(attempt),
        sid=form.message_sid,
        word=form.message_status,
        code=int(code) if code.isascii() and code.isdigit() and len(code) < 8 else None,
    )
    async with request.app.state.pool.acquire() as conn:
        await flows.delivery.hear_callback(conn, report, settings.carrier.sender, request.app.state.clock.now())


async def _signed_form(request: Request[None, None, State], signature: str) -> dict[str, str]:
    """Return the form's fields. Raises NotForm, TooMuch, NotSigned, in this order, before a field is believed."""
    settings: Settings = request.app.state.settings
    if request.content_type[0] != FORM:
        raise NotForm(f"send the body as {FORM}")
    body = await request.body()
    try:
        text = body.decode("ascii")
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError:
        raise NotSigned("the signature does not match") from None
    except ValueError:
        raise TooMuch(f"more than {MOST_FIELDS} fields") from None
    path = request.scope["raw_path"].partition(b"?")[0].decode("latin-1")  # some servers leave the query on it
    query = request.scope["query_string"].decode("latin-1")
    url = settings.public_url.rstrip("/") + path + (f"?{query}" if query else "")
    if not gateway.signatures.is_signed(url, fields, signature, settings.carrier.tokens):
        raise NotSigned("the signature does not match")
    return dict(fields)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _read(form: type[F], fields: dict[str, str]) -> F:
    try:
        return msgspec.convert(fields, form)
    except msgspec.ValidationError as problem:
        raise bad_input(problem) from None


HANDLERS: Final = (receive_sms, receive_status)
