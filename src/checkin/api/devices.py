"""One's own devices: where a push may go."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import Request, Response, delete, get, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import flows, gateway, store
from checkin.api import etags
from checkin.api.auth import Actor
from checkin.api.etags import IfNoneMatch
from checkin.core.errors import BadInput, SignedOut, UnknownDevice
from checkin.core.pushes import Provider, Subscription
from checkin.store.devices import Device

Moment = Annotated[datetime, Meta(tz=True, examples=["2026-11-20T18:04:00-05:00"])]
Version = Annotated[str, Meta(min_length=1, max_length=32, description="The app's own", examples=["1.4.0"])]
PushToken = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=512,
        pattern="^[!-~]+$",
        description="The registration token that Firebase gave the app; it belongs to whoever sent it last",
        examples=["dGhpcyBpcyBub3QgYSB0b2tlbg:APA91bHun4MxP5egoKMwt2KZFBaFUH"],
    ),
]


class WebPush(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A browser's push subscription, as its `toJSON` has it; it belongs to whoever sent it last."""

    endpoint: Annotated[
        str,
        Meta(
            min_length=9,
            max_length=1024,
            pattern="^https?://[!-~]+$",
            examples=["https://updates.push.services.mozilla.com/wpush/v2/gAAAAABh"],
        ),
    ]
    p256dh: Annotated[
        str,
        Meta(
            min_length=87,
            max_length=88,
            pattern="^[A-Za-z0-9_-]{87}=?$",
            examples=["BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"],
        ),
    ]
    auth: Annotated[
        str,
        Meta(
            min_length=22,
            max_length=24,
            pattern="^[A-Za-z0-9_-]{22}={0,2}$",
            examples=["BTBZMqHH6r4Tts7J_aSIgg"],
        ),
    ]


class NewDevice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An installation of the app. Without a push token or a browser's subscription, no push goes to it."""

    platform: Annotated[Literal["ios", "android", "web"], Meta(examples=["ios"])]
    app_version: Version
    push_token: PushToken | UnsetType = UNSET
    web_push: WebPush | UnsetType = UNSET


class DeviceView(Struct, frozen=True, kw_only=True):
    """A device as it is stored; what pushes go by is kept to ourselves."""

    id: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-0000000000d1"])]
    platform: Annotated[str, Meta(description="ios, android or web; expect new ones", examples=["ios"])]
    app_version: Version
    takes_push: Annotated[bool, Meta(description="Whether a push can go to it", examples=[True])]
    seen_at: Moment


@put(
    "/v1/me/devices/{device_id:uuid}",
    operation_id="putDevice",
    summary="Tell us about a device",
    description="The app makes the id, once. Send it at each start, and when the push token changes. A push token "
    "or a browser's subscription leaves whoever had it before, and is forgotten when its service says so; beyond ten "
    "devices, the one seen longest ago is forgotten. A device goes with the session it was told of in last.",
    response_description="The device as it is stored now.",
    tags=["devices"],
    opt={"problems": (SignedOut,)},
)
async def put_device(
    request: Request[Actor, Token, State], device_id: FromPath[UUID], data: JSONBody[NewDevice]
) -> DeviceView:
    push_token, push_provider = _push(data, request.app.state.settings.push_services)
    device = Device(
        id=device_id,
        platform=data.platform,
        app_version=data.app_version,
        push_token=push_token,
        push_provider=push_provider,
        seen_at=request.app.state.clock.now(),
    )
    async with request.app.state.pool.acquire() as conn:
        saved = await flows.devices.save(conn, request.user.id, device, request.user.session)
    return _view(saved, is_signed_in=True)


@get(
    "/v1/me/devices/{device_id:uuid}",
    operation_id="getDevice",
    summary="Read a device",
    description="What we know of one of your devices.",
    response_description="The device.",
    tags=["devices"],
)
async def get_device(
    request: Request[Actor, Token, State], device_id: FromPath[UUID], if_none_match: IfNoneMatch = None
) -> Response[DeviceView]:
    async with request.app.state.pool.acquire() as conn:
        found = await store.devices.one(conn, request.user.id, device_id, request.app.state.clock.now())
    if found is None:
        raise UnknownDevice("there is no device of yours by that id")
    device, is_signed_in = found
    return etags.answer(_view(device, is_signed_in=is_signed_in), if_none_match)


@delete(
    "/v1/me/devices/{device_id:uuid}",
    operation_id="deleteDevice",
    summary="Forget a device",
    description="No push goes to it any more. Forgetting it twice does no harm.",
    response_description="It is forgotten.",
    tags=["devices"],
    status_code=204,
)
async def delete_device(request: Request[Actor, Token, State], device_id: FromPath[UUID]) -> None:
    async with request.app.state.pool.acquire() as conn:
        await flows.devices.remove(conn, request.user.id, device_id)


def _push(data: NewDevice, services: Sequence[str]) -> tuple[str | None, Provider | None]:
    """Return what a push to the device goes by, and through which service. Raises BadInput."""
    if data.web_push is UNSET:
        return (None, None) if data.push_token is UNSET else (data.push_token, Provider.fcm)
    if data.push_token is not UNSET:
        raise BadInput("a device has a push token or a browser's subscription, not both", "/web_push")
    given = data.web_push
    if not gateway.web_push.is_known(given.endpoint, services):
        raise BadInput("not the address of a push service that this server posts to", "/web_push/endpoint")
    try:
        gateway.sealing.seal(b"", given.p256dh, given.auth)
    except ValueError:
        raise BadInput("not the key of a browser's subscription", "/web_push/p256dh") from None
    subscription = Subscription(endpoint=given.endpoint, p256dh=given.p256dh, auth=given.auth)
    return subscription.token(), Provider.web_push


def _view(device: Device, *, is_signed_in: bool) -> DeviceView:
    return DeviceView(
        id=device.id,
        platform=device.platform,
        app_version=device.app_version,
        takes_push=is_signed_in and device.push_token is not None,
        seen_at=device.seen_at,
    )


HANDLERS: Final = (put_device, get_device, delete_device)
