"""A page for every kind of problem the API answers with: what it means, and what to do about it."""

from collections.abc import Sequence
from typing import Final

from litestar import MediaType, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from checkin.web import assets

OPEN: Final = {"exclude_from_auth": True}


class Subject(Struct, frozen=True):
    """A kind of problem: the last part of its `type`, its title and its status."""

    slug: str
    title: str
    status: int


class Advice(Struct, frozen=True):
    """What a problem means to a caller, and what helps."""

    meaning: str
    remedy: str


BY_SLUG: Final = {
    "day-out-of-reach": Advice(
        "The local day, or the time of the answer, lies too far back or ahead to be recorded.",
        "Send the day the mentee means, and answered_at as the device's clock has it. A device whose clock is wrong "
        "has to be put right; the answer will not be taken later either.",
    ),
    "wrong-code": Advice(
        "The code signs nobody in: it is wrong, older than five minutes, used, tried five times, or was never sent. "
        "Which of these is not told, so that nobody learns whose phone we know.",
        "Let the person look at the newest text and type its code again, with the request_id that came with it and "
        "the same device, if the request named one. After five tries or five minutes ask for a new code.",
    ),
    "signed-out": Advice(
        "The refresh token is not good, or not any more: the session was ended, has run out, or the token was used "
        "before, more than 30 seconds ago.",
        "Forget both tokens, and let the person sign in with a new code. Keep only the newest refresh token, and do "
        "not let two parts of an app renew with different ones.",
    ),
    "already-ended": Advice(
        "Somebody has brought it to its end before; the message says what. Nothing was done.",
        "Read it again, and show how it ended.",
    ),
    "cursor-expired": Advice(
        "Something that was there when this cursor was given is gone, and it is not remembered any more what it was; "
        "or the server goes on from a backup.",
        "Ask without a cursor, page through to the end, and then let go whatever has not come. Nothing that waits to "
        "be sent is touched by that.",
    ),
    "key-in-use": Advice(
        "A call with the same Idempotency-Key is being answered at this moment. This one did nothing.",
        "Send the same call with the same key again in a second: the answer to the first one comes back.",
    ),
    "key-reused": Advice(
        "In the last 24 hours this Idempotency-Key came with another body or to another operation. This call did "
        "nothing.",
        "Make a new key for each thing that is asked for, and keep it with that thing until an answer has come. Only "
        "a repeated call has the same key.",
    ),
    "nobody-at-the-end": Advice(
        "An alert that nobody answers would end with nobody left to ask; the message says what is missing. Nothing "
        "was done.",
        "Put somebody on call, or make an active person with a phone a coordinator of the programme, and try again.",
    ),
    "too-wide": Advice(
        "Answering would take longer than a call may; the message names the command that takes it.",
        "Ask for a shorter span, or let an operator run the command.",
    ),
    "busy": Advice(
        "More is going on than the server can take at once. Nothing was done, or of a batch a part.",
        "Send the same request again after as many seconds as Retry-After says. All of a batch may be sent again: what "
        "was stored is unchanged then.",
    ),
}
"""Kinds that need words of their own; all others are told by their status."""

BY_STATUS: Final = {
    400: Advice(
        "Something in the request is not of the form this operation takes. Nothing was done.",
        "Look at errors: each pointer names the field or the parameter that is wrong, each detail what was expected. "
        "The same request will be refused again.",
    ),
    401: Advice(
        "The request carries no access token, or one that is not good any more.",
        "Renew the token, or let the person sign in again; then send the same request with the header "
        "Authorization: Bearer and the token.",
    ),
    403: Advice(
        "The request does not carry the signature it needs, or comes from where it may not.",
        "Check the secret it is signed with, and that the address it is signed for is the public one.",
    ),
    404: Advice(
        "There is nothing at this address, or nothing that is your business; the two are not told apart.",
        "Check the address and the id. Where somebody lost the right to see it, drop what you keep of it.",
    ),
    405: Advice("The address exists, but does not take this method.", "Use one of the methods the Allow header names."),
    409: Advice(
        "The request clashes with how things stand now. Nothing was done.",
        "Read how things stand, show it to the person, and let them decide again.",
    ),
    410: Advice("What the request builds upon is gone.", "Begin again without it."),
    412: Advice(
        "Somebody has changed it since it was read. Nothing was done.",
        "Read it again, make the change to what you find, and send it with the new ETag in If-Match.",
    ),
    413: Advice("The request is larger than is taken here.", "Send less at once; a body has 64 KiB at most."),
    415: Advice(
        "The body is of a content type this operation does not take.",
        "Send the Content-Type the document names for this operation, mostly application/json.",
    ),
    428: Advice(
        "A change has to say which state it was made from.",
        "Read the resource first, and send the ETag that came with it in If-Match.",
    ),
    429: Advice(
        "There were too many requests of this kind. Nothing was done.",
        "Wait for as many seconds as Retry-After says; RateLimit says how many are left.",
    ),
    500: Advice(
        "Something went wrong on our side. What was asked for may or may not have been done.",
        "PUT can be sent again at any time. Where it keeps happening, tell whoever runs the server.",
    ),
    503: Advice(
        "The server cannot do its work right now, mostly because its database is away. Nothing was done, or of a batch "
        "a part.",
        "Send the same request again after as many seconds as Retry-After says, and wait longer each time. All of a "
        "batch may be sent again: what was stored is unchanged then.",
    ),
}


def advice(subject: Subject) -> Advice:
    """Return what helps against a kind of problem; what nobody has written about is told like any of its class."""
    return BY_SLUG.get(subject.slug) or BY_STATUS.get(subject.status) or BY_STATUS[subject.status // 100 * 100]


def handlers(subjects: Sequence[Subject]) -> list[HTTPRouteHandler]:
    """Return the handler of the pages about *subjects*; where a slug comes twice, the last one's title is shown."""
    by_slug = {subject.slug: subject for subject in subjects}

    @get("/problems/{slug:str}", opt=OPEN, include_in_schema=False)
    async def show_problem(slug: FromPath[str]) -> Response[str]:
        if slug not in by_slug:
            raise NotFoundException
        found = by_slug[slug]
        html = assets.render(
            "problem.html", "en", title=found.title, type=f"/problems/{slug}", status=found.status, advice=advice(found)
        )
        return Response(html, media_type=MediaType.HTML, headers=assets.HEADERS)

    return [show_problem]
