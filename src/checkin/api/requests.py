"""Requests: an id for each, and all input read strictly: what is not exactly of the declared type is refused."""

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeGuard
from uuid import uuid4

import msgspec
from litestar import Request
from litestar.datastructures.url import URL
from litestar.enums import HttpMethod
from litestar.exceptions import InternalServerException
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import Message, Scope
from litestar.typing import FieldDefinition
from msgspec import Struct

from checkin.core.errors import BadInput, NotForm

DEEPEST: Final = 20
JSON_ONLY: Final = ("application/json",)
CHARSETS: Final = ("utf-8", "utf8", "us-ascii")
MERGE_PATCH: Final = {"bodies": ("application/merge-patch+json", "application/json")}
"""For operations that take a JSON merge patch (RFC 7396); what may be changed cannot be removed, so null is refused."""
READ_ELSEWHERE: Final = frozenset({"reads", "text"})
"""The options of operations that read their body themselves."""
TAKEN: Final = "query"
"""Under this name a handler's options hold the parameters it takes."""
ID_FORM: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# Texts are passed over, one that never ends to its end: looking on inside it would take quadratic time.
MARKS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)
ESCAPES: Final = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
WHOLE: Final = re.compile(r"-?(0|[1-9][0-9]*)")
AT: Final = re.compile(r" - at `\$(.*)`$")


class TextBody(NamedTuple):
    """What an operation takes whose body is a text and no JSON: `opt={"text": TextBody(...)}`."""

    media_type: str
    example: str


class NoBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What may be sent where no body is taken."""


class StrictRequest(Request[Any, Any, Any]):  # Any: user, token and state are named where they are used
    """A request whose JSON body is decoded into the handler's own type, and into nothing else."""

    @property
    def url(self) -> URL:
        """The path and query alone: what a Host header says is never believed, and can be no address at all."""
        return URL.from_components(path=self.scope["path"], query=self.scope["query_string"].decode("latin-1"))

    async def body(self) -> bytes:
        """Return the whole body. Raises BadInput when the client breaks off, which Litestar takes for our own fault."""
        try:
            return await super().body()
        except InternalServerException:
            raise BadInput("the body broke off") from None

    async def json(self) -> Any:  # Any: the handler's declared type
        """Return the decoded body. Raises NotForm, or BadInput with a pointer to what is wrong."""
        declared = self.route_handler.parsed_data_field
        assert declared is not None
        body = await self.json_body()
        refuse_odd(body)
        return decode(body, declared.annotation)

    async def json_body(self) -> bytes:
        """Return the body as it came. Raises NotForm for what does not say that it is JSON, in UTF-8."""
        _refuse_form(self, self.route_handler.opt.get("bodies", JSON_ONLY))
        return await self.body()


def decode(body: bytes, declared: Any) -> Any:  # Any: a type, and a value of that type
    """Return *body* as *declared*. Raises BadInput with a pointer to what is wrong."""
    try:
        return _decoder(declared).decode(body)
    except msgspec.ValidationError as problem:
        raise bad_input(problem) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise BadInput(f"the body is not JSON: {problem}") from None


async def text_of(request: Request[Any, Any, Any]) -> str:  # Any: any request
    """Return the body of an operation that takes a TextBody, which is UTF-8. Raises NotForm and BadInput."""
    _refuse_form(request, (request.route_handler.opt["text"].media_type,))
    body = await request.body()
    if not body:
        raise BadInput("the body is empty")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadInput("the body is not UTF-8") from None
    if "\0" in text:
        raise BadInput("the body holds a NUL character")
    return text


def _refuse_form(request: Request[Any, Any, Any], taken: Sequence[str]) -> None:  # Any: any request
    """Raise NotForm for a body that says it is of no media type in *taken*, not in UTF-8, or encoded besides."""
    given, parameters = request.content_type
    if given not in taken or parameters.get("charset", "utf-8").strip('"').lower() not in CHARSETS:
        raise NotForm(f"send the body as {' or '.join(taken)}, in UTF-8")
    encodings = ",".join(request.headers.getall("content-encoding", ["identity"])).lower().split(",")
    if any(one.strip() != "identity" for one in encodings):
        raise NotForm("send the body as it is, without a Content-Encoding")


@cache
def _decoder(declared: Any) -> msgspec.json.Decoder[Any]:  # Any: whatever type the handler declares
    return msgspec.json.Decoder(declared)


def bad_input(problem: msgspec.ValidationError) -> BadInput:
    """Turn msgspec's words ("Expected `int` <= 10 - at `$.mood`") into a problem that points at the place."""
    message = str(problem)
    at = AT.search(message)
    place = "" if at is None else at[1]
    pointer = re.sub(r"[.\[]+", "/", place.replace("]", ""))
    return BadInput(AT.sub("", message), pointer)


def refuse_odd(body: bytes) -> None:
    """Raise BadInput for what JSON allows and nobody means: names given twice, deep nesting, NUL, lone surrogates."""
    refuse_deep(body)
    try:
        value = json.loads(body, object_pairs_hook=_no_name_twice)
    except (ValueError, RecursionError) as problem:
        raise BadInput(f"the body is not JSON: {problem}") from None
    if b"\\u" in body:
        _refuse_odd_texts(body, value)


def refuse_deep(body: bytes) -> None:
    """Raise BadInput for a body that no reader of JSON can be trusted with."""
    if not body:
        raise BadInput("the body is empty")
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth(body) > DEEPEST:
        raise BadInput(f"the body is nested more than {DEEPEST} deep")


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for mark in MARKS.findall(body):
        depth += (mark in b"[{") - (mark in b"]}")
        deepest = max(deepest, depth)
    return deepest


def _refuse_odd_texts(body: bytes, value: object) -> None:
    if b"0000" in ESCAPES.findall(body):
        raise BadInput("a text holds a NUL character")
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadInput("a text holds half a character (a lone surrogate)") from None


def _no_name_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadInput("a name is given twice in one object")
    return found


async def refuse_odd_call(request: Request[Any, Any, Any]) -> None:  # Any: named where they are used
    """Refuse parameters that nobody takes, are given twice or are of another kind, and bodies that nobody reads.

    Raises BadInput and NotForm. Runs before every handler, and not as a guard: for each guard Litestar copies the
    handler, and runs a plain function in a thread. Looks at the documented operations alone: pages read what they
    know, and the carrier's address is signed whole.
    """
    handler = request.route_handler
    if not handler.resolve_include_in_schema() or "form" in handler.opt:
        return
    _refuse_odd_query(request)
    if handler.parsed_data_field is None and not handler.opt.keys() & READ_ELSEWHERE:
        await _refuse_body(request)


async def _refuse_body(request: Request[Any, Any, Any]) -> None:  # Any: as above
    """Refuse what comes with an operation that takes no body; `{}` says nothing, and generated clients send it.

    What comes with a GET is not even read.
    """
    if request.method == HttpMethod.GET:
        if request.content_length or "transfer-encoding" in request.headers:
            raise BadInput("this takes no body")
    elif body := await request.body():
        _refuse_form(request, JSON_ONLY)
        decode(body, NoBody)


def _refuse_odd_query(request: Request[Any, Any, Any]) -> None:  # Any: as above
    handler = request.route_handler
    if TAKEN not in handler.opt:
        handler.opt[TAKEN] = _query_of(handler)  # worked out once, and gone with the application
    taken = handler.opt[TAKEN]
    seen: set[str] = set()
    for name, value in request.query_params.multi_items():
        field = taken.get(name)
        if field is None:
            raise BadInput("there is no such parameter", pointer_to(name))
        if name in seen and not field.is_non_string_collection:
            raise BadInput("the parameter is given twice", pointer_to(name))
        if field.is_subclass_of(bool):
            if value not in ("true", "false"):
                raise BadInput("not true or false", pointer_to(name))
        elif field.is_subclass_of(int) and not WHOLE.fullmatch(value):
            raise BadInput("not a whole number", pointer_to(name))
        seen.add(name)


def pointer_to(name: str) -> str:
    """Return the JSON pointer to a name somebody sent, whatever it holds (RFC 6901, section 4)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _query_of(handler: HTTPRouteHandler) -> dict[str, FieldDefinition]:
    fields = handler.parsed_fn_signature.parameters
    markers = {name: field.kwarg_definition for name, field in fields.items()}
    return {one.name or name: fields[name] for name, one in markers.items() if isinstance(one, QueryParameter)}


def request_id(scope: Scope) -> str:
    """Return the request's id: the caller's X-Request-Id where that is a plain word, else one of our own."""
    state = scope["state"]
    known: str | None = state.get("request_id")
    if known is None:
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        known = state["request_id"] = given.decode() if ID_FORM.fullmatch(given) else uuid4().hex
    return known


async def name_answer(message: Message, scope: Scope) -> None:
    """Put the request's id on every answer, also on those that no handler saw."""
    if message["type"] != "http.response.start":
        return
    headers = [*message["headers"], (b"x-request-id", request_id(scope).encode())]
    if (language := scope["state"].get("language")) is not None:
        headers.append((b"content-language", language.encode()))
    if scope.get("method") == "OPTIONS" and message["status"] == 204:
        allowed = next(route.methods for route in scope["litestar_app"].routes if _is_route(route, scope))
        headers = [(name, value) for name, value in headers if name.lower() != b"allow"]
        headers.append((b"allow", ", ".join(sorted(allowed)).encode()))
    message["headers"] = [(name, _with_head(value) if name.lower() == b"allow" else value) for name, value in headers]


def _with_head(allowed: bytes) -> bytes:
    """Return the methods of an Allow header with HEAD, which every path takes that takes GET."""
    methods = {one.strip() for one in allowed.split(b",")}
    return b", ".join(sorted(methods | {b"HEAD"} if b"GET" in methods else methods))


def _is_route(route: BaseRoute, scope: Scope) -> TypeGuard[HTTPRoute]:
    """Whether *route* is the one that was asked for; its own answer to OPTIONS knows only its first method."""
    return isinstance(route, HTTPRoute) and route.path_format == scope["path_template"]
