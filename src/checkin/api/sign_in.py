"""Signing in: a code by text, tokens for the code, fresh tokens, and out again."""

from typing import Annotated, Final
from uuid import UUID

from litestar import Request, Response, delete, post
from litestar.datastructures import State
from litestar.params import HeaderParameter, JSONBody
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows
from checkin.api import auth, once, problems
from checkin.api.auth import OPEN, Actor
from checkin.config import Settings
from checkin.core.errors import BadInput, SignedOut, UnknownSession, WrongCode
from checkin.flows.sessions import Signed
from checkin.flows.sign_in import Wish

WRITTEN: Final = frozenset("+0123456789 ().-")
Phone = Annotated[
    str,
    Meta(
        min_length=7,
        max_length=32,
        description="With + and the country's code; spaces, brackets, dots and hyphens do not matter",
        examples=["+1 (212) 555-0111"],
    ),
]
Device = Annotated[
    UUID,
    Meta(
        description="The id that the app gave itself, as in `/v1/me/devices/{id}`",
        examples=["0193d5b2-7c00-7aaa-8bbb-0000000000d1"],
    ),
]
RequestId = Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-0000000000c1"])]
Code = Annotated[str, Meta(pattern="^[0-9]{6}$", max_length=6, examples=["042137"])]
RefreshToken = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        description="Opaque, and good once. Keep it where nobody else can read it",
        examples=["AZPVsnwAeqqLuwAAAAAACgGT1bJ8AHqqi7sAAAAAAAoAAAAA"],
    ),
]

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=once.LONGEST,
        description="A text of your own that nobody guesses, such as a UUID. While the code lives, the same key with "
        "the same phone and device has the same `request_id`, and neither sends a text nor counts",
    ),
]


class NewCode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose phone to send a code to."""

    phone: Phone
    device: Device | UnsetType = UNSET


class CodeSent(Struct, frozen=True, kw_only=True):
    """What to trade the code with."""

    request_id: RequestId
    expires_in: Annotated[int, Meta(ge=1, le=600, description="Seconds in which the code is good", examples=[300])]


class NewTokens(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code, and the request it answers. If the request named a device, the same one."""

    request_id: RequestId
    code: Code
    device: Device | UnsetType = UNSET


class Refresh(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newest refresh token."""

    refresh_token: RefreshToken


class Tokens(Struct, frozen=True, kw_only=True):
    """Who is signed in. The access token goes into `Authorization: Bearer`."""

    access_token: Annotated[str, Meta(max_length=auth.LONGEST_TOKEN, examples=["eyJhbGciOiJIUzI1NiJ9.e30.c2ln"])]
    expires_in: Annotated[
        int, Meta(ge=1, le=3600, description="Seconds in which the access token is good", examples=[900])
    ]
    refresh_token: RefreshToken
    person_id: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-00000000000a"])]
    session_id: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-0000000000e1"])]
    roles: Annotated[
        list[str],
        Meta(max_length=10, description="mentee, mentor, coordinator; expect new ones", examples=[["mentee"]]),
    ]


@post(
    "/v1/auth/codes",
    operation_id="requestCode",
    summary="Ask for a code by text",
    description="The answer is the same for numbers nobody has. A number gets a second code after a minute and a "
    "third after five; then, if nobody signs in, it waits for a day. Numbers that several people share get none. When "
    "the answer is lost, send the same again with the same `Idempotency-Key`: it is one request.",
    response_description="If we know the number, a code is on its way to it.",
    tags=["sign-in"],
    status_code=202,
    opt={**OPEN, "problems": (429,)},
)
async def request_code(
    request: Request[None, None, State], data: JSONBody[NewCode], idempotency_key: IdempotencyKey = None
) -> Response[CodeSent]:
    settings: Settings = request.app.state.settings
    now = request.app.state.clock.now()
    if idempotency_key is not None:
        once.refuse_odd_key(idempotency_key)
    wish = Wish(
        phone=_phone(data.phone, settings),
        address=_address(request, settings),
        device=None if data.device is UNSET else data.device,
        key=idempotency_key,
    )
    async with request.app.state.pool.acquire() as conn:
        granted = await flows.sign_in.ask(conn, wish, now, codes_an_hour=settings.codes_per_hour)
    left = max(1, int((granted.request.expires_at - now).total_seconds()))
    sent = CodeSent(request_id=granted.request.id, expires_in=left)
    headers = {} if granted.room is None else problems.rate_headers(granted.room)
    return Response(sent, status_code=202, headers=headers)


@post(
    "/v1/auth/tokens",
    operation_id="createTokens",
    summary="Sign in with a code",
    description="A code is good for five minutes, five tries and one sign-in. The answer to a bad one does not say "
    "what is bad about it.",
    response_description="You are signed in.",
    tags=["sign-in"],
    status_code=200,
    opt={**OPEN, "problems": (WrongCode,)},
)
async def create_tokens(request: Request[None, None, State], data: JSONBody[NewTokens]) -> Response[Tokens]:
    device = None if data.device is UNSET else data.device
    async with request.app.state.pool.acquire() as conn:
        signed = await flows.sign_in.redeem(conn, data.request_id, data.code, device, request.app.state.clock.now())
    return _tokens(request, signed)


@post(
    "/v1/auth/tokens/refresh",
    operation_id="refreshTokens",
    summary="Renew the tokens",
    description="A refresh token is good once, and gives the next. Sent again within 30 seconds, because the answer "
    "was lost, it gives the same next one; sent again later, it ends the session, for somebody else may have it.",
    response_description="Fresh tokens; the old refresh token is not good any more.",
    tags=["sign-in"],
    status_code=200,
    opt={**OPEN, "problems": (SignedOut,)},
)
async def refresh_tokens(request: Request[None, None, State], data: JSONBody[Refresh]) -> Response[Tokens]:
    async with request.app.state.pool.acquire() as conn:
        signed = await flows.sessions.renew(conn, data.refresh_token, request.app.state.clock.now())
    return _tokens(request, signed)


@delete(
    "/v1/auth/session",
    operation_id="signOut",
    summary="Sign out",
    description="Ends the session of this access token: its tokens are not good any more, and the devices "
    "told of in it are forgotten.",
    response_description="You are signed out.",
    tags=["sign-in"],
    status_code=204,
    opt={"problems": (404,)},
)
async def sign_out(request: Request[Actor, Token, State]) -> None:
    if request.user.session is None:
        raise UnknownSession("this access token was not made in a session")
    async with request.app.state.pool.acquire() as conn:
        await flows.sessions.end(conn, request.user.id, request.user.session, request.app.state.clock.now())


def _phone(text: str, settings: Settings) -> str:
    """Return a phone as E.164. Raises BadInput for what is none, and for countries we send no codes to."""
    number = flows.people_file.phone_number(text, None) if WRITTEN.issuperset(text) else None
    if number is None:
        raise BadInput("not a phone number; write it like +1 212 555 0111", "/phone")
    if settings.countries and flows.people_file.country_of(number) not in settings.countries:
        raise BadInput("no codes are sent to this country", "/phone")
    return number


def _address(request: Request[None, None, State], settings: Settings) -> str:
    peer = "" if request.client is None else request.client.host
    forwarded = request.headers.getall("x-forwarded-for", [])
    return core.addresses.client(peer, forwarded, settings.proxies)


def _tokens(request: Request[None, None, State], signed: Signed) -> Response[Tokens]:
    clock, settings = request.app.state.clock, request.app.state.settings
    access = auth.mint(signed.person.id, settings.token_secret, clock.now() - clock.ahead, session=signed.session)
    tokens = Tokens(
        access_token=access,
        expires_in=round(auth.LIFETIME.total_seconds()),
        refresh_token=signed.refresh_token,
        person_id=signed.person.id,
        session_id=signed.session,
        roles=sorted(signed.person.roles),
    )
    return Response(tokens, status_code=200, headers={"Cache-Control": "no-store"})


HANDLERS: Final = (request_code, create_tokens, refresh_tokens, sign_out)
