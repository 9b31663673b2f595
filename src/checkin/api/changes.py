"""What has changed for whoever asks: new and changed things, and the tombstones of those that are gone."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from litestar import Request, get
from litestar.datastructures import State
from litestar.params import QueryParameter
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows, store
from checkin.api import alerts, check_ins, cursors, help_requests, languages, me, mentees, nudge_plans
from checkin.api.alerts import AlertView
from checkin.api.auth import Actor
from checkin.api.check_ins import CheckInView, Cursor, LimitQuery
from checkin.api.help_requests import HelpRequestView
from checkin.api.me import MeView, reader_of
from checkin.api.mentees import MenteeView
from checkin.api.nudge_plans import NudgePlan
from checkin.core.changes import KEPT, Key
from checkin.core.people import Person, Role
from checkin.flows.changes import Change
from checkin.flows.looks import Told
from checkin.store.pool import Connection

PlaceQuery = Annotated[
    str | None, QueryParameter(min_length=1, max_length=200, description="`next_cursor` of your last call, ever")
]


NextCursor = Annotated[Cursor, Meta(examples=["AZ0dkWAAdvKcSxswJMR83AAAAAAAAAAH3q2-7wEjRWeJq83v"])]


class ChangeView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is new or different, with the field its kind has; or one that is gone, with none of them."""

    kind: Annotated[
        str,
        Meta(
            description="check_in, me, nudge_plan, help_request, mentee or alert; expect new ones, and pass them over",
            examples=["check_in"],
        ),
    ]
    id: Annotated[
        str, Meta(max_length=64, description="Its id among its kind; a check-in's is its day", examples=["2026-11-20"])
    ]
    gone: Annotated[bool, Meta(description="Whether you have it no more: forget it", examples=[False])]
    check_in: CheckInView | UnsetType = UNSET
    me: MeView | UnsetType = UNSET
    nudge_plan: NudgePlan | UnsetType = UNSET
    help_request: HelpRequestView | UnsetType = UNSET
    mentee: MenteeView | UnsetType = UNSET
    alert: AlertView | UnsetType = UNSET


class ChangeList(Struct, frozen=True, kw_only=True):
    """What has changed, in the order to take it in. Keep `next_cursor` with it, also when nothing has."""

    items: Annotated[list[ChangeView], Meta(max_length=100)]
    next_cursor: NextCursor
    has_more: Annotated[bool, Meta(description="Whether to ask again at once", examples=[False])]


class Answered(Struct, frozen=True):
    """A check-in by its id, which is another one as soon as anything in it is another."""

    id: UUID


@get(
    "/v1/changes",
    operation_id="listChanges",
    summary="List what has changed",
    description="Without a cursor, all there is for you: your own entry, and for a mentee their check-ins, however "
    "they came in, their nudge plan and their requests for help; for whoever stands by mentees, those mentees and "
    "the open alerts that are their business. With one, what is new, different or gone since. What you get twice is "
    f"the same twice. That something is gone is told for {KEPT.days} days; a cursor from before what is told no more "
    "is answered with 410 `cursor-expired`: begin anew without one, and let go what has not come by the time "
    "`has_more` is false.",
    response_description="One page of changes.",
    tags=["sync"],
    opt={"problems": (404, 410)},
)
async def list_changes(
    request: Request[Actor, Token, State], limit: LimitQuery = 100, cursor: PlaceQuery = None
) -> ChangeList:
    # A key that never changes: a device may come back with its cursor after months.
    secret, now = request.app.state.settings.lookup_key, request.app.state.clock.now()
    since = None if cursor is None else cursors.read_place(secret, request.user.id, cursor)
    async with request.app.state.pool.acquire() as conn:
        reader = await reader_of(conn, request.user.id)
        told: dict[Key, Told] = {}
        shown = partial(_shown, told, partial(languages.of, request, reader.language))
        page = await flows.changes.tell(conn, reader, since, limit, now, partial(_seen, told), shown)
    return ChangeList(
        items=page.items, next_cursor=cursors.make_place(secret, reader.id, page.place), has_more=page.has_more
    )


async def _seen(told: dict[Key, Told], conn: Connection, reader: Person, now: datetime) -> dict[Key, Struct]:
    """Return all that *reader* may see now, each as it would be shown; of a check-in no more than its id.

    Alerts are in the reader's own language, so that asking in another one makes nothing new; *told* gets what to tell
    of them.
    """
    found: dict[Key, Struct] = {Key("me", str(reader.id)): await me.my_view(conn, reader)}
    if Role.mentee in reader.roles:
        plan = nudge_plans.view(await flows.nudge_plans.standing(conn, reader, now))
        found[Key("nudge_plan", str(reader.id))] = plan
        for day, answered in (await store.check_ins.ids(conn, reader.id)).items():
            found[Key("check_in", str(day))] = Answered(answered)
        for one in await store.help_requests.own(conn, reader.id):
            found[Key("help_request", str(one.id))] = help_requests.view(one)
    if reader.roles != {Role.mentee}:
        for mentee in await store.mentees.mine(conn, reader.id, now):
            found[Key("mentee", str(mentee.id))] = mentees.view(mentee)
        for alert in await store.alerts.open_for(conn, reader.id, now):
            key = Key("alert", str(alert.id))
            told[key] = await flows.looks.told(conn, reader, alert, now)
            found[key] = alerts.view(told[key], reader.language)
    return found


async def _shown(
    told: Mapping[Key, Told],
    language: Callable[[], str],
    conn: Connection,
    reader: Person,
    changes: list[Change],
    seen: Mapping[Key, Struct],
    now: datetime,
) -> list[ChangeView]:
    """Return changes as they go out, and write down that *reader* looked at what is somebody else's.

    *language* is what the caller asks for; the answer names it once there is a sentence to tell.
    """
    days = [date.fromisoformat(one.key.id) for one in changes if one.key.kind == "check_in" and not one.is_gone]
    answers = {str(one.day): one for one in await store.check_ins.of_days(conn, reader.id, days)} if days else {}
    listed: list[UUID] = []
    found = []
    for one in changes:
        thing = None if one.is_gone else seen[one.key]
        match thing:
            case Answered() if one.key.id in answers:
                thing = check_ins.view(answers[one.key.id])
            case Answered():  # erased this very moment; next time it is gone
                continue
            case AlertView():
                thing = alerts.view(told[one.key], language())
                await flows.looks.note(conn, reader, thing.mentee_id, thing.id, now)
            case MenteeView():
                listed.append(thing.id)
        found.append(_view(one, thing))
    if listed:
        await store.audit.add_looks(conn, listed, reader.id, core.people.acting_role(reader), "mentee.listed", now)
    return found


def _view(change: Change, thing: Struct | None) -> ChangeView:
    return ChangeView(
        kind=change.key.kind,
        id=change.key.id,
        gone=change.is_gone,
        check_in=thing if isinstance(thing, CheckInView) else UNSET,
        me=thing if isinstance(thing, MeView) else UNSET,
        nudge_plan=thing if isinstance(thing, NudgePlan) else UNSET,
        help_request=thing if isinstance(thing, HelpRequestView) else UNSET,
        mentee=thing if isinstance(thing, MenteeView) else UNSET,
        alert=thing if isinstance(thing, AlertView) else UNSET,
    )


HANDLERS: Final = (list_changes,)
