"""The OpenAPI document put right: one function over what Litestar says of our routes.

Litestar describes errors it never sends, and cannot know which operations are open. Here the errors come from
`problems`, the schemas from `components`, and all of it by rule: a new route needs no line here.
"""

from collections.abc import Iterator, Sequence
from typing import Final, get_args, get_type_hints

import msgspec
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg
from msgspec import Struct

from checkin.api import components, problems
from checkin.api.components import REF, Json
from checkin.api.problems import BY_STATUS, KINDS, Kind, Problem
from checkin.api.requests import JSON_ONLY, TextBody
from checkin.core.errors import CheckinError, Crowded, KeyInUse, KeyReused

BOUNDS: Final = {"ge": "minimum", "le": "maximum", "min_length": "minLength", "max_length": "maxLength"}
DEFAULTS: Final = {"deprecated": False, "allowEmptyValue": False, "allowReserved": False, "headers": {}}
REQUEST_ID: Final = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
CONDITIONS: Final = frozenset({"If-Match", "If-None-Match"})
"""Headers of operations on a single resource, which may not be there."""
LANGUAGE: Final = {"Content-Language": {"$ref": "#/components/headers/ContentLanguage"}}
ACCEPT_LANGUAGE: Final[Json] = {
    "name": "Accept-Language",
    "in": "header",
    "description": "The language to tell sentences in (RFC 9110): en or es, expect new ones. Without one of ours it is "
    "the person's own",
    "required": False,
    "schema": components.bounded({"type": "string", "examples": ["es"]}),
}
ETAG: Final = {"ETag": {"$ref": "#/components/headers/ETag"}}
HEADERS: Final[Json] = {
    "RequestId": {
        "description": "The request's id: the caller's own where that was a plain word",
        "schema": {"type": "string", "maxLength": 64, "examples": ["5f0c1d2e3b4a"]},
    },
    "RetryAfter": {
        "description": "Seconds to wait before the next try",
        "schema": {"type": "integer", "minimum": 0, "maximum": 86400, "examples": [1]},
    },
    "ETag": {
        "description": "Names this state; send it back in If-Match or If-None-Match",
        "schema": {"type": "string", "maxLength": 64, "examples": ['"5f0c1d2e3b4a5f0c1d2e3b4a5f0c1d2e"']},
    },
    "ContentLanguage": {
        "description": "The language of the sentences, where there are any: en or es; expect new ones",
        "schema": {"type": "string", "maxLength": 35, "examples": ["en"]},
    },
    "RateLimit": {
        "description": "How many requests are left, and the seconds until there are all again",
        "schema": {"type": "string", "maxLength": 128, "examples": ['"codes";r=0;t=41']},
    },
    "RateLimitPolicy": {
        "description": "How many requests are taken in how many seconds",
        "schema": {"type": "string", "maxLength": 128, "examples": ['"codes";q=5;w=86400']},
    },
    "Authenticate": {
        "description": "How to sign in",
        "schema": {"type": "string", "maxLength": 64, "examples": ["Bearer"]},
    },
}
RATE: Final = {
    "RateLimit": {"$ref": "#/components/headers/RateLimit"},
    "RateLimit-Policy": {"$ref": "#/components/headers/RateLimitPolicy"},
}
MORE_HEADERS: Final[dict[int, Json]] = {
    401: {"WWW-Authenticate": {"$ref": "#/components/headers/Authenticate"}},
    429: {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}, **RATE},
    503: {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
}
BEARER: Final[Json] = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An access token, good for 15 minutes; made and checked as RFC 8725 (RFC8725) asks: one algorithm, "
    "our own issuer and audience.",
}
AUDIENCE: Final = {"x-internal": False}  # every server is for whoever builds an app


def put_right(raw: Json, handlers: Sequence[HTTPRouteHandler]) -> Json:
    """Return the document of *handlers* as it goes out; *raw* is what Litestar makes of them."""
    by_id = {handler.operation_id: handler for handler in handlers}
    responses: Json = {}
    paths = {
        path: {
            method: _operation(operation, by_id[operation["operationId"]], responses)
            for method, operation in item.items()
        }
        for path, item in raw["paths"].items()
    }
    named = {reference.rpartition("/")[2] for reference in _references([paths, responses])}
    return {
        "openapi": raw["openapi"],
        "info": raw["info"],
        "servers": [{**server, **AUDIENCE} for server in raw["servers"]],
        "tags": sorted(raw["tags"], key=lambda tag: str(tag["name"])),
        "security": raw["security"],
        "paths": paths,
        "components": {
            "schemas": components.schemas(_structs(handlers)),
            "responses": dict(sorted(responses.items())),
            "headers": {name: _header(header) for name, header in HEADERS.items() if name in named},
            "securitySchemes": {"bearer": BEARER},
        },
    }


def _references(value: object) -> Iterator[str]:
    """Yield every `$ref` in a part of the document, however deep."""
    if isinstance(value, list):
        for one in value:
            yield from _references(one)
    if isinstance(value, dict):
        for name, one in value.items():
            yield from [one] if name == "$ref" else _references(one)


def _header(header: Json) -> Json:
    return {**header, "schema": components.bounded(header["schema"])}


def _operation(raw: Json, handler: HTTPRouteHandler, shared: Json) -> Json:
    """Return an operation put right; *shared* gets the problems it answers with."""
    markers = _markers(handler)
    parameters = [_parameter(parameter, markers.get(parameter["name"])) for parameter in raw.get("parameters", [])]
    parameters += [ACCEPT_LANGUAGE] if _speaks(handler) else []
    body = raw.get("requestBody")
    if "form" in handler.opt:
        reference = {"$ref": REF.format(name=handler.opt["form"].__name__)}
        body = {"content": {"application/x-www-form-urlencoded": {"schema": reference}}, "required": True}
    elif "reads" in handler.opt:
        reference = {"$ref": REF.format(name=handler.opt["reads"].__name__)}
        body = {"content": {"application/json": {"schema": reference}}, "required": True}
    elif "text" in handler.opt:
        body = _text(handler.opt["text"])
    elif body is not None:
        (content,) = body["content"].values()
        body = {**body, "content": dict.fromkeys(handler.opt.get("bodies", JSON_ONLY), content)}
    given = {parameter[part] for parameter in parameters for part in ("in", "name")}
    limited = 429 in handler.opt.get("problems", ())
    headers = {**REQUEST_ID, **(ETAG if given & CONDITIONS else {}), **(RATE if limited else {})}
    headers |= LANGUAGE if _speaks(handler) else {}
    responses = {
        status: {**_without_defaults(response), "headers": headers}
        for status, response in raw["responses"].items()
        if status.startswith("2")
    }
    if "If-None-Match" in given:
        responses["304"] = {"description": "You have it as it is.", "headers": headers}
    for status, kinds in _problems_of(handler, given).items():
        name = "Or".join(_name(kind) for kind in kinds)
        shared[name] = _response(kinds)
        responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return {
        **{key: raw[key] for key in ("tags", "summary", "description", "operationId")},
        **({"security": []} if _is_open(handler) else {}),
        **({"parameters": parameters} if parameters else {}),
        **({} if body is None else {"requestBody": body}),
        "responses": responses,
    }


def _problems_of(handler: HTTPRouteHandler, given: set[str]) -> dict[int, list[Kind]]:
    """Return what kinds of problem an operation can answer with, by status, what is told of any operation first.

    *given* holds the names of its parameters and where they are. What no rule can know, a handler says itself, by the
    status, or by the error where that has a kind of its own: `opt={"problems": (404, AlreadyEnded)}`.
    """
    may_have_body = HttpMethod.GET not in handler.http_methods
    keeps_answers = "Idempotency-Key" in given and not _is_open(handler)  # nothing is kept for who is not known
    needs_database = "request" in get_type_hints(handler.fn)  # without the request there is no way to it
    rules: dict[int | type[CheckinError], bool] = {
        400: True,  # a parameter nobody knows, a Host that is no name
        401: not _is_open(handler),
        403: "form" in handler.opt,
        404: bool(given & {"path", *CONDITIONS}),
        KeyInUse: keeps_answers,
        412: "If-Match" in given,
        413: may_have_body,
        415: may_have_body,
        KeyReused: keeps_answers,
        428: "If-Match" in given,
        500: True,
        503: needs_database,
        Crowded: needs_database,
    }
    named = [one for one, applies in rules.items() if applies] + [*handler.opt.get("problems", ())]
    kinds = {BY_STATUS[one] if isinstance(one, int) else KINDS[one] for one in named}
    found: dict[int, list[Kind]] = {}
    for kind in sorted(kinds, key=lambda one: (one.status, one not in BY_STATUS.values(), one.slug)):
        found.setdefault(kind.status, []).append(kind)
    return found


def _text(taken: TextBody) -> Json:
    """Return the body of an operation that takes a file: to generators a plain string would be one to encode."""
    length = {"minLength": 1, "maxLength": components.LONGEST_TEXT}
    schema = {"type": "string", "format": "binary", **length, "examples": [taken.example]}
    return {"content": {taken.media_type: {"schema": schema}}, "required": True}


def _is_open(handler: HTTPRouteHandler) -> bool:
    return bool(handler.opt.get("exclude_from_auth"))


def _speaks(handler: HTTPRouteHandler) -> bool:
    """Say whether an operation tells sentences: its handler itself asks `languages` then, and no function in it."""
    return "languages" in handler.fn.__code__.co_names


def _markers(handler: HTTPRouteHandler) -> dict[str, ParameterKwarg]:
    given = {name: field.kwarg_definition for name, field in handler.parsed_fn_signature.parameters.items()}
    return {one.name or name: one for name, one in given.items() if isinstance(one, ParameterKwarg)}


def _parameter(raw: Json, marker: ParameterKwarg | None) -> Json:
    """Return a parameter with the bounds of its *marker*; one that may be left out is absent, never null."""
    either = [one for one in raw["schema"].get("oneOf", []) if one != {"type": "null"}]
    schema = either[0] if either else raw["schema"]
    for name, word in BOUNDS.items():
        if marker is not None and getattr(marker, name) is not None:
            schema[word] = getattr(marker, name)
    schema.pop("description", None)
    words = raw.get("description") if marker is None or marker.description is None else marker.description
    if words is None and raw["name"].endswith("_id"):
        words = f"The {raw['name'].removesuffix('_id').replace('_', ' ')}'s id"
    described = {} if words is None else {"description": words}
    needed = {"required": True} if raw["name"] == "If-Match" else {}  # else 428, which Litestar knows nothing of
    return {**_without_defaults(raw), **described, **needed, "schema": components.bounded(schema)}


def _without_defaults(raw: Json) -> Json:
    return {key: value for key, value in raw.items() if key not in DEFAULTS or value != DEFAULTS[key]}


def _name(kind: Kind) -> str:
    return "".join(word.capitalize() for word in kind.slug.split("-"))


def _response(kinds: Sequence[Kind]) -> Json:
    """Return the answer with one of some kinds of problem, which all have one status, with an example of each."""
    examples = {kind.slug: {"summary": kind.title, "value": _problem(kind)} for kind in kinds}
    return {
        "description": ". Or: ".join(kind.title for kind in kinds),
        "headers": {**REQUEST_ID, **MORE_HEADERS.get(kinds[0].status, {})},
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": REF.format(name="Problem")}, "examples": examples}},
    }


def _problem(kind: Kind) -> Json:
    shown = Problem(type=f"/problems/{kind.slug}", title=kind.title, status=kind.status, instance="5f0c1d2e3b4a")
    found: Json = msgspec.to_builtins(shown)
    return found


def _structs(handlers: Sequence[HTTPRouteHandler]) -> list[type[Struct]]:
    """Return everything the handlers take and give, and what they answer when it goes wrong."""
    structs: list[type[Struct]] = [Problem]
    for handler in handlers:
        hints = get_type_hints(handler.fn)
        found = [hints.get("data"), hints.get("return"), handler.opt.get("form"), handler.opt.get("reads")]
        found += [part for one in found for part in get_args(one)]
        structs += [one for one in found if isinstance(one, type) and issubclass(one, Struct)]
    return structs
