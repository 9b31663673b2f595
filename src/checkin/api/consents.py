"""What a mentee agrees to, purpose by purpose: read with the very words, given, and taken back."""

from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import Request, get, put
from litestar.datastructures import State
from litestar.params import JSONBody, PathParameter
from litestar.security.jwt import Token
from msgspec import UNSET, Meta, Struct, UnsetType

from checkin import core, flows, store
from checkin.api import languages
from checkin.api.auth import Actor
from checkin.api.check_ins import Moment
from checkin.api.me import reader_of
from checkin.core.consents import Purpose
from checkin.core.errors import BadInput, UnknownPerson
from checkin.core.people import Person, Role
from checkin.store.consents import Consent
from checkin.store.pool import Connection

MOST_PAST: Final = 20
PurposePath = Annotated[
    Literal["check_ins_by_sms", "notes_to_mentor", "clinical_contact", "evaluation"],
    PathParameter(description="What the consent is for"),
]
KnownPurpose = Annotated[
    str,
    Meta(
        description="check_ins_by_sms, notes_to_mentor, clinical_contact or evaluation; expect new ones",
        examples=["notes_to_mentor"],
    ),
]
Version = Annotated[
    str, Meta(min_length=1, max_length=64, description="Names the very words", examples=["5f0c1d2e3b4a"])
]
KnownSource = Annotated[str, Meta(description="app, web, sms, paper or carrier; expect new ones", examples=["app"])]
SAID: Final = "My mentor at Harbor may read every note I write from now on. Otherwise they read only the notes I share."


class GivenConsent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One yes: to which words, when, how, and when it was taken back if it was."""

    version: Version
    given_at: Moment
    source: KnownSource
    withdrawn_at: Moment | UnsetType = UNSET
    withdrawn_source: KnownSource | UnsetType = UNSET


class ConsentView(Struct, frozen=True, kw_only=True):
    """One purpose: the words one can agree to now, whether one does, and every yes so far.

    The first yes of the history stands while `given` is true. Its version may be another than `version`, where it was
    given to earlier words, by text or on paper.
    """

    purpose: KnownPurpose
    words: Annotated[str, Meta(max_length=600, description="In your language", examples=[SAID])]
    version: Version
    given: Annotated[bool, Meta(examples=[True])]
    history: Annotated[list[GivenConsent], Meta(max_length=MOST_PAST, description=f"The newest {MOST_PAST} at most")]


class ConsentList(Struct, frozen=True, kw_only=True):
    """Every purpose there is."""

    items: Annotated[list[ConsentView], Meta(max_length=20)]


class NewConsent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A yes to the words of `version`, which goes with it, or a no."""

    given: Annotated[bool, Meta(examples=[True])]
    version: Version | UnsetType = UNSET


@get(
    "/v1/me/consents",
    operation_id="listConsents",
    summary="Read what you agree to",
    description="For mentees: every purpose with its words in your language, whether you agree, and since when.",
    response_description="Your consents.",
    tags=["me"],
    opt={"problems": (404,)},
)
async def list_consents(request: Request[Actor, Token, State]) -> ConsentList:
    async with request.app.state.pool.acquire() as conn:
        mentee = await _mentee(conn, request.user.id)
        return ConsentList(items=await _views(conn, mentee, languages.of(request, mentee.language)))


@put(
    "/v1/me/consents/{purpose:str}",
    operation_id="putConsent",
    summary="Agree to something, or take it back",
    description="The same call any number of times is one yes, or one no. Taking back `check_ins_by_sms` is STOP: "
    "nothing more is sent from that moment on, no code to sign in with either. What was stopped by text comes again "
    "only by START from that phone. A yes to words that have changed since is refused: read them again.",
    response_description="The consent as it stands now.",
    tags=["me"],
    opt={"problems": (409,)},
)
async def put_consent(
    request: Request[Actor, Token, State], purpose: PurposePath, data: JSONBody[NewConsent]
) -> ConsentView:
    now = request.app.state.clock.now()
    if data.given and data.version is UNSET:
        raise BadInput("say which words you agree to", "/version")
    async with request.app.state.pool.acquire() as conn:
        mentee = await _mentee(conn, request.user.id)
        if data.given and data.version is not UNSET:
            await flows.consents.agree(conn, mentee, Purpose(purpose), data.version, now)
        else:
            await flows.consents.take_back(conn, mentee, Purpose(purpose), now)
        views = await _views(conn, mentee, languages.of(request, mentee.language))
        return next(view for view in views if view.purpose == purpose)


async def _mentee(conn: Connection, person_id: UUID) -> Person:
    reader = await reader_of(conn, person_id)
    if Role.mentee not in reader.roles:
        raise UnknownPerson("you are not a mentee here")
    return reader


async def _views(conn: Connection, mentee: Person, language: str) -> list[ConsentView]:
    program = await store.people.program(conn, mentee.program_id)
    history = await store.consents.history(conn, mentee.id, MOST_PAST)
    return [_view(purpose, core.consents.words(purpose, language, program.name), history) for purpose in Purpose]


def _view(purpose: Purpose, words: str, history: list[Consent]) -> ConsentView:
    given = [one for one in history if one.purpose is purpose]
    return ConsentView(
        purpose=purpose,
        words=words,
        version=core.consents.version(words),
        given=bool(given) and given[0].withdrawn_at is None,
        history=[_given(one) for one in given],
    )


def _given(one: Consent) -> GivenConsent:
    return GivenConsent(
        version=one.version,
        given_at=one.given_at,
        source=one.source,
        withdrawn_at=UNSET if one.withdrawn_at is None else one.withdrawn_at,
        withdrawn_source=UNSET if one.withdrawn_source is None else one.withdrawn_source,
    )


HANDLERS: Final = (list_consents, put_consent)
