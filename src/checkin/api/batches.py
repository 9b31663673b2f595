"""Check-ins that a device kept while it was offline: sent together, answered one by one."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import post
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import flows
from checkin.api import check_ins, problems
from checkin.api.check_ins import CheckInView, Day, NewCheckIn
from checkin.api.problems import Problem
from checkin.api.requests import StrictRequest, bad_input, decode, refuse_deep, refuse_odd
from checkin.core.check_ins import Answer
from checkin.core.errors import BadInput, CheckinError
from checkin.flows.check_ins import Recorded

MOST: Final = 100
PARTS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{\]},]', re.DOTALL)
"""Texts, which are passed over, and what holds a value together."""


class DatedCheckIn(NewCheckIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer with the local day it speaks of."""

    day: Day


class CheckInBatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answers in any order, several for one day among them if there are."""

    items: Annotated[list[DatedCheckIn], Meta(min_length=1, max_length=MOST)]


class CheckInOutcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one answer: `check_in` is there unless it is invalid, `problem` if it is."""

    outcome: Annotated[
        str,
        Meta(
            description="stored; unchanged: it was stored before; superseded: a newer answer for the day stands, and "
            "this one is in the history; invalid: sending it again will not help; expect new ones",
            examples=["stored"],
        ),
    ]
    check_in: CheckInView | UnsetType = UNSET
    problem: Problem | UnsetType = UNSET


class CheckInOutcomes(Struct, frozen=True, kw_only=True):
    """What became of each answer, in the order they were sent."""

    items: Annotated[list[CheckInOutcome], Meta(max_length=MOST)]


class Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    """A batch of which nothing is read yet but how many there are."""

    items: Annotated[list[Any], Meta(min_length=1, max_length=MOST)]  # Any: each is read by itself


@post(
    "/v1/me/check-ins/batch",
    operation_id="sendCheckIns",
    summary="Record check-ins kept offline",
    description=f"Up to {MOST} answers, each recorded as if it were put by itself: one that is invalid spoils no "
    "other. The same answers any number of times are the same check-ins; so after 503, or no answer at all, send the "
    "same batch again. Send fewer at a time when it is too large (413).",
    response_description="What became of each.",
    tags=["check-ins"],
    status_code=200,
    opt={"reads": CheckInBatch, "problems": (404, 413, 415)},
)
async def send_check_ins(request: StrictRequest) -> CheckInOutcomes:
    read = [_read(raw) for raw in split(await request.json_body())]
    answers = [one for one in read if isinstance(one, Answer)]
    now = request.app.state.clock.now()
    recorded = iter(await flows.check_ins.record_all(request.app.state.pool, request.user.id, answers, now))
    became: Sequence[Recorded | CheckinError] = [next(recorded) if isinstance(one, Answer) else one for one in read]
    return CheckInOutcomes(items=[_outcome(place, one) for place, one in enumerate(became)])


def split(body: bytes) -> list[bytes]:
    """Return the items of a batch as they came, for each to be read by itself.

    Raises BadInput for what is wrong with the whole: it is no JSON, or no object of one list.
    """
    refuse_deep(body)
    try:
        # What an item says, a number of any length or half a character, is for that item to answer for.
        text = body.decode(errors="surrogatepass")
        whole = json.loads(text, object_pairs_hook=tuple, parse_int=len)
    except ValueError as problem:
        raise BadInput(f"the body is not JSON: {problem}") from None
    if isinstance(whole, tuple):
        if len({name for name, _ in whole}) < len(whole):
            raise BadInput("a name is given twice in one object")
        whole = dict(whole)
        if isinstance(whole.get("items"), tuple):
            raise BadInput("Expected `array`, got `object`", "/items")
    try:
        msgspec.convert(whole, Envelope)
    except msgspec.ValidationError as problem:
        raise bad_input(problem) from None
    return list(_items(body))


def _items(body: bytes) -> Iterator[bytes]:
    """Yield what stands in the list in *body*, which is known to be an object of one list."""
    depth = start = 0
    for part in PARTS.finditer(body):
        mark = part[0]
        if depth == 2 and mark in (b",", b"]"):
            yield body[start : part.start()].strip()
        depth += (mark in (b"[", b"{")) - (mark in (b"]", b"}"))
        if depth == 2 and mark in (b",", b"["):
            start = part.end()


def _read(raw: bytes) -> Answer | CheckinError:
    try:
        refuse_odd(raw)
        item: DatedCheckIn = decode(raw, DatedCheckIn)
        return check_ins.answer_of(item.day, item)
    except CheckinError as problem:
        return problem


def _outcome(place: int, became: Recorded | CheckinError) -> CheckInOutcome:
    if isinstance(became, CheckinError):
        return CheckInOutcome(outcome="invalid", problem=problems.of(became, f"/items/{place}"))
    return CheckInOutcome(outcome=became.outcome, check_in=check_ins.view(became.stands))


HANDLERS: Final = (send_check_ins,)
