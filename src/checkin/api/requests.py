"""Requests: an id for each, and bodies read strictly: what is not exactly of the declared type is refused."""

import json
import re
from functools import cache
from typing import Any, Final, TypeGuard
from uuid import uuid4

import msgspec
from litestar import Request
from litestar.datastructures.url import URL
from litestar.exceptions import InternalServerException
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import Message, Scope

from checkin.core.errors import BadInput, NotForm

DEEPEST: Final = 20
ID_FORM: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# Texts are passed over, one that never ends to its end: looking on inside it would take quadratic time.
MARKS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)
ESCAPES: Final = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
AT: Final = re.compile(r" - at `\$(.*)`$")


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
        if self.content_type[0] != "application/json":
            raise NotForm("send the body as application/json")
        declared = self.route_handler.parsed_data_field
        assert declared is not None
        body = await self.body()
        refuse_odd(body)
        try:
            return _decoder(declared.annotation).decode(body)
        except msgspec.ValidationError as problem:
            raise bad_input(problem) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise BadInput(f"the body is not JSON: {problem}") from None


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
    if not body:
        raise BadInput("the body is empty")
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth(body) > DEEPEST:
        raise BadInput(f"the body is nested more than {DEEPEST} deep")
    try:
        value = json.loads(body, object_pairs_hook=_no_name_twice)
    except (ValueError, RecursionError) as problem:
        raise BadInput(f"the body is not JSON: {problem}") from None
    if b"\\u" in body:
        _refuse_odd_texts(body, value)


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
    if scope.get("method") == "OPTIONS" and message["status"] == 204:
        allowed = next(route.methods for route in scope["litestar_app"].routes if _is_route(route, scope))
        headers = [(name, value) for name, value in headers if name.lower() != b"allow"]
        headers.append((b"allow", ", ".join(sorted(allowed)).encode()))
    message["headers"] = headers


def _is_route(route: BaseRoute, scope: Scope) -> TypeGuard[HTTPRoute]:
    """Whether *route* is the one that was asked for; its own answer to OPTIONS knows only its first method."""
    return isinstance(route, HTTPRoute) and route.path_format == scope["path_template"]
