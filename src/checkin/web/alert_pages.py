"""An alert on a phone: its link, opened once; its page; and the buttons that answer it."""

import hmac
from datetime import datetime
from typing import Final, Literal
from urllib.parse import quote
from uuid import UUID

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import Cookie, State
from litestar.params import FromPath
from msgspec import Struct

from checkin import core, flows, store
from checkin.core import phrases
from checkin.core.alerts import Outcome
from checkin.core.catalogues import LANGUAGES
from checkin.core.errors import UnknownAlert
from checkin.core.people import Person
from checkin.flows.links import OPEN_FOR, Site
from checkin.store.pool import Connection
from checkin.web import alert_views, assets, forms

OPEN: Final = {"exclude_from_auth": True}
COOKIE: Final = "checkin_alert"
LONGEST_NOTE: Final = 1000  # characters
NOTED: Final = ("closed", "passed", "later")
Page = Request[None, None, State]


class Draft(Struct, frozen=True, kw_only=True):
    """An outcome that could not be taken, kept in its form with what is wrong with it."""

    outcome: str = ""
    note: str = ""
    error: str = ""


NO_DRAFT: Final = Draft()


@get("/a/{token:str}", opt=OPEN, include_in_schema=False)
async def show_link(request: Page, token: FromPath[str]) -> Response[str]:
    """Show the button that opens a link; looking at it, as previews of messages do, uses nothing up."""
    return await _link(request, token)


@post("/a/{token:str}", opt=OPEN, include_in_schema=False, guards=[forms.from_our_page])
async def open_link(request: Page, token: FromPath[str]) -> Response[str]:
    """Use a link up, and keep its page open on this phone for 30 minutes."""
    async with request.app.state.pool.acquire() as conn:
        opened = await flows.links.open_once(conn, token, request.app.state.clock.now())
    if opened is None:
        return await _link(request, token)
    path = f"/alerts/{opened.alert_id}"
    cookie = Cookie(
        key=COOKIE,
        value=opened.session,
        path=path,
        max_age=int(OPEN_FOR.total_seconds()),
        httponly=True,
        secure=request.app.state.settings.public_url.startswith("https://"),
        samesite="strict",
    )
    return _to(path, cookie)


@post("/a/{token:str}/again", opt=OPEN, include_in_schema=False, guards=[forms.from_our_page])
async def send_again(request: Page, token: FromPath[str]) -> Response[str]:
    """Text a new link to the phone an old one went to; the answer is the same whether it was sent or not."""
    async with request.app.state.pool.acquire() as conn:
        await flows.links.send_again(conn, token, _site(request), request.app.state.clock.now())
    return _words(request, "sent")


@get("/alerts/{alert:str}", opt=OPEN, include_in_schema=False)
async def show_alert(request: Page, alert: FromPath[str]) -> Response[str]:
    return await _alert(request, _id(alert))


@get("/alerts/{alert:str}/noted/{what:str}", opt=OPEN, include_in_schema=False)
async def show_noted(request: Page, alert: FromPath[str], what: FromPath[str]) -> Response[str]:
    """Thank the reader for what they did; nothing of the alert is shown, which may be closed or another's by now."""
    async with request.app.state.pool.acquire() as conn:
        reader = await _reader(request, conn, _id(alert))
    if reader is None or what not in NOTED:
        return _gone(request)
    return _words(request, what, language=reader.language)


@post("/alerts/{alert:str}/{act:str}", opt=OPEN, include_in_schema=False, guards=[forms.from_our_page])
async def answer_alert(request: Page, alert: FromPath[str], act: FromPath[str]) -> Response[str]:
    """Do what a button says: acknowledgement, hand-over, snooze or outcome."""
    fields = await forms.fields(request)
    alert_id = _id(alert)
    async with request.app.state.pool.acquire() as conn:
        reader = await _reader(request, conn, alert_id)
        expected = store.links.form_token(conn, _session(request))
        is_ours = hmac.compare_digest(fields.get("form", "").encode(), expected.encode())
        if reader is None or alert_id is None or not is_ours:
            return _gone(request)
        draft = _checked(fields, reader.language) if act == "outcome" else NO_DRAFT
        if not draft.error:
            try:
                noted = await _answer(conn, reader, alert_id, act, draft, request.app.state.clock.now())
            except UnknownAlert:
                return _gone(request, reader.language)
            return _to(f"/alerts/{alert_id}{noted}")
    return await _alert(request, alert_id, draft)


async def _answer(
    conn: Connection, reader: Person, alert_id: UUID, act: str, draft: Draft, now: datetime
) -> Literal["", "/noted/closed", "/noted/passed", "/noted/later"]:
    """Carry out *act* and return the page that follows: the alert's own where somebody has it, or where it stays.

    Raises UnknownAlert, also for an act there is not.
    """
    match act:
        case "acknowledgement":
            await flows.alerts.acknowledge(conn, reader, alert_id, "web", now)
            return ""
        case "hand-over":
            after = await flows.answers.hand_over(conn, reader, alert_id, "web", now)
            return "/noted/passed" if after.acknowledged_by is None else ""
        case "snooze":
            after = await flows.answers.snooze(conn, reader, alert_id, "web", now)
            return "/noted/later" if after.acknowledged_by == reader.id else ""
        case "outcome":
            outcome, note = Outcome(draft.outcome), draft.note or None
            after = await flows.answers.record_outcome(conn, reader, alert_id, "web", outcome, note, now)
            if after.resolved_at is not None:
                return "/noted/closed"
            return "/noted/later" if after.acknowledged_by == reader.id else ""
        case _:
            raise UnknownAlert("there is no such button")


def _checked(fields: dict[str, str], language: str) -> Draft:
    outcome, note = fields.get("outcome", ""), fields.get("note", "").replace("\0", "").strip()
    error = ""
    if outcome not in set(Outcome):
        error = phrases.say("outcome.missing", language)
    elif len(note) > LONGEST_NOTE:
        error = phrases.say("outcome.too_long", language)
    return Draft(outcome=outcome, note=note, error=error)


async def _alert(request: Page, alert_id: UUID | None, draft: Draft = NO_DRAFT) -> Response[str]:
    """Return the page of an alert that is open and the reader's business now, with the look written down."""
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        reader = await _reader(request, conn, alert_id)
        if reader is None or alert_id is None:
            return _gone(request)
        try:
            page = alert_views.show(await flows.looks.look_at(conn, reader, alert_id, now), now)
        except UnknownAlert:
            return _gone(request, reader.language)
        form = store.links.form_token(conn, _session(request))
    status = 400 if draft.error else 200
    shown = {"page": page, "draft": draft, "form": form, "path": f"/alerts/{alert_id}", "outcomes": list(Outcome)}
    return _html("alert.html", reader.language, status, **shown)


async def _reader(request: Page, conn: Connection, alert_id: UUID | None) -> Person | None:
    """Return whose session the cookie holds, if it is for this alert."""
    if alert_id is None:
        return None
    return await flows.links.reader(conn, _session(request), alert_id, request.app.state.clock.now())


def _session(request: Page) -> str:
    return request.cookies.get(COOKIE, "")


async def _link(request: Page, token: str) -> Response[str]:
    """Return the page of a link as it stands: its button, the offer of a new one, or that there is nothing to open."""
    async with request.app.state.pool.acquire() as conn:
        standing = await flows.links.standing(conn, token, request.app.state.clock.now())
    match standing:
        case "fresh":
            return _words(request, "link", action=f"/a/{token}")
        case "over":
            return _words(request, "stale", action=f"/a/{quote(token, safe='')}/again", status=404)
        case "gone":
            return _gone(request)


def _gone(request: Page, language: str | None = None) -> Response[str]:
    return _words(request, "gone", language=language, status=404)


def _words(
    request: Page, what: str, *, language: str | None = None, action: str = "", status: int = 200
) -> Response[str]:
    """Return a page of a few words, and with an *action* one button."""
    spoken = language or core.catalogues.preferred(request.headers.get("accept-language", ""), LANGUAGES[0])
    return _html("words.html", spoken, status, what=what, action=action)


def _html(template: str, language: str, status: int, **values: object) -> Response[str]:
    html = assets.render(template, language, **values)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=assets.HEADERS)


def _to(path: str, *cookies: Cookie) -> Response[str]:
    headers = {**assets.HEADERS, "Location": path}
    return Response("", status_code=303, media_type=MediaType.TEXT, headers=headers, cookies=list(cookies))


def _site(request: Page) -> Site:
    return Site(request.app.state.settings.public_url)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


HANDLERS: Final = (show_link, open_link, send_again, show_alert, show_noted, answer_alert)
