"""The sandbox page: pretend phones side by side, a box to text back, and a clock that can be moved."""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from msgspec import Struct

from checkin import flows, store
from checkin.core.people import Person
from checkin.flows.links import Site
from checkin.flows.sandbox import ACCEPTED, Move, Unmoved, Webhook
from checkin.web import assets, forms, pages
from checkin.web.pages import SandboxState

OPEN: Final = {"exclude_from_auth": True}
WEBHOOK: Final = "/webhooks/twilio/sms"
LONGEST_TEXT: Final = 1600  # characters; a carrier takes no more in one message
STANDSTILL: Final = {
    Unmoved.moving: (409, "The clock is being moved already. Wait until it stands, then try again."),
    Unmoved.no_nudge: (200, "No nudge is planned, so the clock stayed where it was."),
}


class Draft(Struct, frozen=True):
    """A text that did not leave its phone, kept in the box it was typed in."""

    person: UUID | None = None
    body: str = ""


@get("/sandbox", opt=OPEN, include_in_schema=False)
async def show_phones(request: Request[None, None, State]) -> Response[str]:
    return await _page(request, _id(request.query_params.get("mentee")))


@get("/sandbox/state", opt=OPEN, include_in_schema=False)
async def show_state(request: Request[None, None, State]) -> Response[SandboxState]:
    clock = request.app.state.clock
    async with request.app.state.pool.acquire() as conn:
        seen = await pages.state(conn, _id(request.query_params.get("mentee")), clock.now(), clock.ahead)
    return Response(seen, headers=assets.HEADERS)


@post("/sandbox/texts", opt=OPEN, include_in_schema=False, guards=[forms.from_our_page])
async def text_from_phone(request: Request[None, None, State]) -> Response[str]:
    """Text us from a pretend phone; what goes wrong is said on the page, which keeps the words."""
    fields = await forms.fields(request)
    person, mentee, body = _id(fields.get("person")), _id(fields.get("mentee")), fields.get("body", "")
    draft = Draft(person, body)
    if not body.strip():
        return await _page(request, mentee, status=400, notice="There is nothing to send. Type a text first.")
    if len(body) > LONGEST_TEXT:
        return await _page(request, mentee, status=400, notice=f"{LONGEST_TEXT} characters is the most.", draft=draft)
    owner = await _owner(request, person)
    if owner is None:
        return await _page(request, mentee, status=404, notice="Nobody has that phone any more.", draft=draft)
    state = request.app.state
    status = await flows.sandbox.text_us(state.pool, owner, body, _webhook(request), state.clock.now)
    if status != ACCEPTED:
        return await _page(request, mentee, status=502, notice=_refused(request, status), draft=draft)
    return _back(mentee, f"phone-{owner.id}")


@post("/sandbox/clock", opt=OPEN, include_in_schema=False, guards=[forms.from_our_page])
async def move_clock(request: Request[None, None, State]) -> Response[str]:
    """Move the clock on; this process has the new time when the answer leaves, every other within 0.2 seconds."""
    fields = await forms.fields(request)
    mentee = _id(fields.get("mentee"))
    try:
        by = Move(fields.get("by", ""))
    except ValueError:
        return await _page(request, mentee, status=400, notice="The clock moves by an hour, a day, or to a nudge.")
    clock = request.app.state.clock

    def real_now() -> datetime:
        moved: datetime = clock.now() - clock.ahead
        return moved

    ahead = await flows.sandbox.move_on(request.app.state.pool, by, mentee, real_now)
    if isinstance(ahead, Unmoved):
        status, notice = STANDSTILL[ahead]
        return await _page(request, mentee, status=status, notice=notice)
    clock.ahead = max(clock.ahead, ahead)
    return _back(mentee, "clock")


async def _page(
    request: Request[None, None, State],
    mentee: UUID | None,
    *,
    status: int = 200,
    notice: str = "",
    draft: Draft = Draft(),  # noqa: B008 - frozen
) -> Response[str]:
    clock = request.app.state.clock
    async with request.app.state.pool.acquire() as conn:
        page = await pages.read(conn, mentee, clock.now(), clock.ahead, _site(request))
    html = assets.render("sandbox.html", "en", page=page, notice=notice, draft=draft)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=assets.HEADERS)


def _back(mentee: UUID | None, anchor: str) -> Response[str]:
    query = "" if mentee is None else "?" + urlencode({"mentee": mentee})
    headers = {**assets.HEADERS, "Location": f"/sandbox{query}#{anchor}"}
    return Response("", status_code=303, media_type=MediaType.TEXT, headers=headers)


async def _owner(request: Request[None, None, State], person: UUID | None) -> Person | None:
    if person is None:
        return None
    async with request.app.state.pool.acquire() as conn:
        found = await store.people.by_id(conn, person)
    return found if found is not None and found.phone is not None else None


def _site(request: Request[None, None, State]) -> Site:
    return Site(request.app.state.settings.public_url)


def _webhook(request: Request[None, None, State]) -> Webhook:
    settings = request.app.state.settings
    carrier = settings.carrier
    url = settings.public_url.rstrip("/") + WEBHOOK
    return Webhook(url=url, account_sid=carrier.account_sid, token=carrier.tokens[0], sender=carrier.sender)


def _refused(request: Request[None, None, State], status: int | None) -> str:
    address = request.app.state.settings.public_url
    said = "did not answer" if status is None else f"answered {status}"
    return f"The text was not taken: our own webhook {said}. Is CHECKIN_PUBLIC_URL ({address}) this server?"


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


HANDLERS: Final = (show_phones, show_state, text_from_phone, move_clock)
