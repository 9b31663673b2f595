"""A mentee's group as its members may see it: how many, how often, and how they are on the whole."""

from typing import Annotated, Final

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows
from checkin.api import etags
from checkin.api.auth import Actor
from checkin.api.check_ins import Day
from checkin.api.etags import IfNoneMatch
from checkin.api.me import reader_of
from checkin.core.groups import DAYS, GroupDay

Mean = Annotated[
    float, Meta(ge=0, le=10, description="In halves, of at least five answers, once the day is over", examples=[6.5])
]


class GroupDayView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One day of a group. What would be told of fewer than five people is left out."""

    day: Day
    answered: (
        Annotated[int, Meta(ge=core.groups.FEWEST, description="How many answered; a skip counts", examples=[7])]
        | UnsetType
    ) = UNSET
    share: Annotated[float, Meta(ge=0, le=1, description="Of the members of that day", examples=[0.88])] | UnsetType = (
        UNSET
    )
    mean_mood: Mean | UnsetType = UNSET
    mean_hope: Mean | UnsetType = UNSET


class GroupView(Struct, frozen=True, kw_only=True):
    """A group, without a name in it."""

    members: Annotated[int, Meta(ge=1, description="With you", examples=[8])]
    days: Annotated[list[GroupDayView], Meta(max_length=DAYS, description="Today and the six before it, newest first")]


@get(
    "/v1/me/group",
    operation_id="getGroup",
    summary="Read how your group is doing",
    description="In a program whose rules about alerts ask a facilitator, for mentees who have one: the group is "
    "everybody with the same one. Numbers alone, nobody's own, and none that fewer than five people stand behind.",
    response_description="Your group.",
    tags=["me"],
    opt={"problems": (404,)},
)
async def get_group(request: Request[Actor, Token, State], if_none_match: IfNoneMatch = None) -> Response[GroupView]:
    async with request.app.state.pool.acquire() as conn:
        reader = await reader_of(conn, request.user.id)
        found = await flows.groups.read(conn, reader, request.app.state.clock.now())
    return etags.answer(GroupView(members=found.members, days=[_view(one) for one in found.days]), if_none_match)


def _view(one: GroupDay) -> GroupDayView:
    return GroupDayView(
        day=one.day,
        answered=UNSET if one.answered is None else one.answered,
        share=UNSET if one.share is None else one.share,
        mean_mood=UNSET if one.mood is None else one.mood,
        mean_hope=UNSET if one.hope is None else one.hope,
    )


HANDLERS: Final = (get_group,)
