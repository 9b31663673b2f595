"""The OpenAPI document put right: one function over what Litestar says of our routes.

Litestar loses the bounds of optional fields and `additionalProperties: false`, describes errors it never sends, and
cannot know which operations are open. Here the schemas come from the Structs, the errors from `problems`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_type_hints

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.params import ParameterKwarg
from msgspec import Struct

from checkin.api import problems
from checkin.api.problems import BY_STATUS, Kind, Problem

Json = dict[str, Any]  # Any: JSON

REF: Final = "#/components/schemas/{name}"
BOUNDS: Final = {"ge": "minimum", "le": "maximum", "min_length": "minLength", "max_length": "maxLength"}
DEFAULTS: Final = {"deprecated": False, "allowEmptyValue": False, "allowReserved": False, "headers": {}}
REQUEST_ID: Final = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
HEADERS: Final[Json] = {
    "RequestId": {
        "description": "The request's id: the caller's own where that was a plain word",
        "schema": {"type": "string", "maxLength": 64, "examples": ["5f0c1d2e3b4a"]},
    },
    "RetryAfter": {
        "description": "Seconds to wait before the next try",
        "schema": {"type": "integer", "minimum": 0, "maximum": 86400, "examples": [1]},
    },
    "Authenticate": {
        "description": "How to sign in",
        "schema": {"type": "string", "maxLength": 64, "examples": ["Bearer"]},
    },
}
MORE_HEADERS: Final[dict[int, Json]] = {
    401: {"WWW-Authenticate": {"$ref": "#/components/headers/Authenticate"}},
    503: {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
}
BEARER: Final[Json] = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An access token, good for 15 minutes.",
}


def put_right(raw: Json, handlers: Sequence[HTTPRouteHandler]) -> Json:
    """Return the document of *handlers* as it goes out; *raw* is what Litestar makes of them."""
    by_id = {handler.operation_id: handler for handler in handlers}
    paths = {
        path: {method: _operation(operation, by_id[operation["operationId"]]) for method, operation in item.items()}
        for path, item in raw["paths"].items()
    }
    used = {int(status) for item in paths.values() for one in item.values() for status in one["responses"]}
    return {
        "openapi": raw["openapi"],
        "info": raw["info"],
        "servers": raw["servers"],
        "tags": raw["tags"],
        "security": raw["security"],
        "paths": paths,
        "components": {
            "schemas": _schemas(handlers),
            "responses": {
                _name(BY_STATUS[status]): _response(BY_STATUS[status]) for status in sorted(used & {*BY_STATUS})
            },
            "headers": HEADERS,
            "securitySchemes": {"bearer": BEARER},
        },
    }


def _operation(raw: Json, handler: HTTPRouteHandler) -> Json:
    markers = _markers(handler)
    parameters = [_parameter(parameter, markers.get(parameter["name"])) for parameter in raw.get("parameters", [])]
    body = raw.get("requestBody")
    if "form" in handler.opt:
        reference = {"$ref": REF.format(name=handler.opt["form"].__name__)}
        body = {"content": {"application/x-www-form-urlencoded": {"schema": reference}}, "required": True}
    responses = {
        status: {**_without_defaults(response), "headers": REQUEST_ID}
        for status, response in raw["responses"].items()
        if status.startswith("2")
    }
    for status in _problems_of(handler, {parameter["in"] for parameter in parameters}, body is not None):
        responses[str(status)] = {"$ref": f"#/components/responses/{_name(BY_STATUS[status])}"}
    return {
        **{key: raw[key] for key in ("tags", "summary", "description", "operationId")},
        **({"security": []} if _is_open(handler) else {}),
        **({"parameters": parameters} if parameters else {}),
        **({} if body is None else {"requestBody": body}),
        "responses": responses,
    }


def _problems_of(handler: HTTPRouteHandler, places: set[str], has_body: bool) -> list[int]:
    """Return the statuses an operation can answer with when it goes wrong; *places* is where its parameters are."""
    rules = {
        400: has_body or "query" in places,
        401: not _is_open(handler),
        403: "form" in handler.opt,
        404: "path" in places,
        413: has_body,
        415: has_body,
        500: True,
        503: "request" in get_type_hints(handler.fn),  # without the request there is no way to the database
    }
    return [status for status, applies in rules.items() if applies]


def _is_open(handler: HTTPRouteHandler) -> bool:
    return bool(handler.opt.get("exclude_from_auth"))


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
    described = {} if marker is None or marker.description is None else {"description": marker.description}
    return {**_without_defaults(raw), **described, "schema": schema}


def _without_defaults(raw: Json) -> Json:
    return {key: value for key, value in raw.items() if key not in DEFAULTS or value != DEFAULTS[key]}


def _name(kind: Kind) -> str:
    return "".join(word.capitalize() for word in kind.slug.split("-"))


def _response(kind: Kind) -> Json:
    example = Problem(type=f"/problems/{kind.slug}", title=kind.title, status=kind.status, instance="5f0c1d2e3b4a")
    content = {"schema": {"$ref": REF.format(name="Problem")}, "example": msgspec.to_builtins(example)}
    return {
        "description": kind.title,
        "headers": {**REQUEST_ID, **MORE_HEADERS.get(kind.status, {})},
        "content": {problems.MEDIA_TYPE: content},
    }


def _schemas(handlers: Sequence[HTTPRouteHandler]) -> Json:
    """Return the schemas of everything the handlers take and give, each with an example."""
    structs: list[type[Struct]] = [Problem]
    for handler in handlers:
        hints = get_type_hints(handler.fn)
        found = [hints.get("data"), hints.get("return"), handler.opt.get("form")]
        structs += [one for one in found if isinstance(one, type) and issubclass(one, Struct)]
    _, schemas = msgspec.json.schema_components(structs, ref_template=REF)
    return {name: {**schemas[name], "examples": [_example(schemas[name], schemas)]} for name in sorted(schemas)}


def _example(schema: Json, schemas: Mapping[str, Json]) -> Any:  # Any: JSON
    """Return an example made of the examples of a schema's parts; optional parts without one are left out."""
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    if schema["type"] == "array":
        return [_example(schema["items"], schemas)]
    if schema["type"] == "object":
        needed = schema.get("required", [])
        parts = {name: part for name, part in schema["properties"].items() if name in needed or "examples" in part}
        return {name: _example(part, schemas) for name, part in parts.items()}
    raise ValueError(f"give this an example: {schema}")
