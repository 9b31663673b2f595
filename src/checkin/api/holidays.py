"""A program's holidays, for its coordinators: local days on which nobody is nudged."""

from datetime import date, timedelta
from typing import Annotated, Final
from uuid import UUID

from litestar import Request, delete, get, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, PathParameter
from litestar.security.jwt import Token
from msgspec import Meta, Struct

from checkin import core, flows, store
from checkin.api.auth import Actor
from checkin.api.programs import coordinated
from checkin.flows.holidays import LONGEST_NAME, MOST_TO_COME

A_YEAR: Final = timedelta(days=366)
HolidayPath = Annotated[date, PathParameter(description="The local day, YYYY-MM-DD")]
HolidayName = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME, examples=["Thanksgiving"])]


class HolidayView(Struct, frozen=True, kw_only=True):
    """A local day on which nobody is nudged."""

    day: Annotated[date, Meta(examples=["2026-11-26"])]
    name: HolidayName


class HolidayList(Struct, frozen=True, kw_only=True):
    """Holidays in order."""

    items: Annotated[list[HolidayView], Meta(max_length=MOST_TO_COME + A_YEAR.days)]


class NewHoliday(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the day is called."""

    name: HolidayName


@get(
    "/v1/programs/{program_id:uuid}/holidays",
    operation_id="listHolidays",
    summary="List your program's holidays",
    description="Those of the past year and all that are to come.",
    response_description="The holidays.",
    tags=["programs"],
)
async def list_holidays(request: Request[Actor, Token, State], program_id: FromPath[UUID]) -> HolidayList:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        setup = await coordinated(conn, program_id, request.user.id)
        first = core.wall.local_day(now, setup.time_zone) - A_YEAR
        found = await store.holidays.between(conn, program_id, first, date.max)
    return HolidayList(items=[HolidayView(day=day, name=name) for day, name in found.items()])


@put(
    "/v1/programs/{program_id:uuid}/holidays/{day:date}",
    operation_id="putHoliday",
    summary="Set a holiday",
    description="From today on, three years ahead at most. A day that is one gets the new name.",
    response_description="The holiday.",
    tags=["programs"],
    opt={"problems": (409,)},
)
async def put_holiday(
    request: Request[Actor, Token, State], program_id: FromPath[UUID], day: HolidayPath, data: JSONBody[NewHoliday]
) -> HolidayView:
    now, actor = request.app.state.clock.now(), request.user.id
    async with request.app.state.pool.acquire() as conn:
        await coordinated(conn, program_id, actor)
        await flows.holidays.add(conn, program_id, day, data.name, now, by=actor)
    return HolidayView(day=day, name=data.name.strip())


@delete(
    "/v1/programs/{program_id:uuid}/holidays/{day:date}",
    operation_id="deleteHoliday",
    summary="Take a holiday back",
    description="From today on; a day that was none stays one like others.",
    response_description="It is a day like others.",
    tags=["programs"],
    status_code=204,
)
async def delete_holiday(request: Request[Actor, Token, State], program_id: FromPath[UUID], day: HolidayPath) -> None:
    now, actor = request.app.state.clock.now(), request.user.id
    async with request.app.state.pool.acquire() as conn:
        await coordinated(conn, program_id, actor)
        await flows.holidays.remove(conn, program_id, day, now, by=actor)


HANDLERS: Final = (list_holidays, put_holiday, delete_holiday)
