"""The people file over HTTP: tried line by line, then brought in as a whole, by a program's coordinators."""

import asyncio
import io
from typing import Annotated, Final
from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.params import QueryParameter
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import flows
from checkin.api import once
from checkin.api.auth import Actor
from checkin.api.me import Name
from checkin.api.once import IdempotencyKey
from checkin.api.people import coordinator_of
from checkin.api.requests import TextBody, text_of
from checkin.core.errors import BadFile, Mistake, TooWide
from checkin.core.people import Person
from checkin.flows.people import Imported, Importer

MOST_LINES: Final = 1000
MOST_MISTAKES: Final = 100
LONGEST_PROBLEM: Final = 300
EXAMPLE: Final = (
    "program,name,phone,roles,time_zone,language,mentor\n"
    "Harbor,Ana,+1 212 555 0101,mentee,America/New_York,es,+12125550102\n"
    "Harbor,Ben,+1 212 555 0102,mentor,America/New_York,en,\n"
)
DryRun = Annotated[bool, QueryParameter(description="Check everything, write nothing")]
Line = Annotated[int, Meta(ge=1, description="The header is 1", examples=[2])]


class ImportedPerson(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line that can be taken: who comes in, and how."""

    line: Line
    id: (
        Annotated[UUID, Meta(description="Left out in a dry run", examples=["0193d5b2-7c00-7aaa-8bbb-00000000000a"])]
        | UnsetType
    ) = UNSET
    name: Name
    roles: Annotated[
        list[str],
        Meta(max_length=10, description="mentee, mentor, coordinator; expect new ones", examples=[["mentee"]]),
    ]
    status: Annotated[
        str,
        Meta(description="invited: asked by text first; active: begins at once; expect new ones", examples=["invited"]),
    ]


class LineMistake(Struct, frozen=True, kw_only=True):
    """What is wrong with one line."""

    line: Line
    problem: Annotated[str, Meta(max_length=LONGEST_PROBLEM, examples=["roles: 'boss'; give one or more of mentee"])]


class ImportView(Struct, frozen=True, kw_only=True):
    """What the file did, or in a dry run would do."""

    written: Annotated[bool, Meta(description="False in a dry run", examples=[True])]
    people: Annotated[list[ImportedPerson], Meta(max_length=MOST_LINES, description="By their lines")]
    assignments: Annotated[int, Meta(ge=0, description="Who stands by whom, counted", examples=[1])]
    mistakes: Annotated[
        list[LineMistake],
        Meta(max_length=MOST_MISTAKES, description="Only of a dry run: otherwise the first is a 400. The first 100"),
    ]
    mistake_count: Annotated[int, Meta(ge=0, description="Of all mistakes", examples=[0])]
    stays_draft: Annotated[
        bool, Meta(description="The program cannot begin: its alerts would end with nobody to ask", examples=[False])
    ]


class Sent(Struct, frozen=True):
    """What was asked for, as an Idempotency-Key remembers it."""

    file: str
    dry_run: bool


@post(
    "/v1/people/import",
    operation_id="importPeople",
    summary="Bring in people from a CSV file",
    description="The people file of docs/operations.md, in UTF-8, at most 1000 lines, all of your own program. One "
    "bad line, and nothing is written: `errors` names every one by its `line`. With `dry_run=true` nothing is written "
    "at all, and mistakes stand in the answer. Mentees who have not consented on paper are asked by text. A phone that "
    "is in the program already is a mistake, so that a file sent twice brings nobody in twice; with an "
    "Idempotency-Key the second has the first one's answer.",
    response_description="What was brought in, or would be.",
    tags=["people"],
    status_code=200,
    opt={"text": TextBody("text/csv", EXAMPLE), "problems": (404, TooWide)},
)
async def import_people(
    request: Request[Actor, Token, State], dry_run: DryRun = False, idempotency_key: IdempotencyKey = None
) -> Response[ImportView]:
    now = request.app.state.clock.now()
    async with request.app.state.pool.acquire() as conn:
        reader = await coordinator_of(conn, request.user.id)
    text = await text_of(request)
    rows, mistakes = await asyncio.to_thread(flows.people_file.read, io.StringIO(text, newline=None))
    if len(rows) + len(mistakes) > MOST_LINES:
        raise TooWide(f"the file has more than {MOST_LINES} lines; send it in parts, or use `checkin people import`")
    by = Importer(reader.id, reader.program_id)
    async with request.app.state.pool.acquire() as conn:

        async def bring_in() -> ImportView:
            done = await flows.people.bring_in(conn, rows, now, dry_run=dry_run or bool(mistakes), by=by)
            found = flows.people_file.together(mistakes, done.mistakes)
            if found and not dry_run:
                raise BadFile(found)
            return _view(done, found, written=not dry_run)

        return await once.answer(request, conn, idempotency_key, Sent(text, dry_run), bring_in)


def _view(done: Imported, mistakes: list[Mistake], *, written: bool) -> ImportView:
    shown = mistakes[:MOST_MISTAKES]
    return ImportView(
        written=written,
        people=[_person(line, person, written=written) for line, person in done.added],
        assignments=done.assignments,
        mistakes=[LineMistake(line=one.line, problem=one.problem[:LONGEST_PROBLEM]) for one in shown],
        mistake_count=len(mistakes),
        stays_draft=bool(done.drafts),
    )


def _person(line: int, person: Person, *, written: bool) -> ImportedPerson:
    return ImportedPerson(
        line=line,
        id=person.id if written else UNSET,
        name=person.name,
        roles=sorted(person.roles),
        status=person.status,
    )


HANDLERS: Final = (import_people,)
