"""The document is put right by rule, so that a route that is new tomorrow comes out right."""

import json
from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from checkin.api import app, document, openapi
from checkin.api.auth import OPEN, bearer
from checkin.config import Settings
from tests.api.test_openapi import COMMITTED, Json, operations, parts


class NewThing(Struct, frozen=True, forbid_unknown_fields=True):
    """What a route of tomorrow takes."""

    word: Annotated[str, Meta(examples=["tree"])]
    count: Annotated[int, Meta(examples=[3])]
    owner: Annotated[UUID, Meta(examples=["0193d5b2-7c00-7aaa-8bbb-00000000000a"])]


@post(
    "/v1/new-things/{thing_id:uuid}",
    operation_id="postNewThing",
    summary="Post a new thing",
    description="It is new.",
    response_description="The new thing.",
    tags=["check-ins"],
    opt={**OPEN, "problems": (429,)},
)
async def post_new_thing(thing_id: FromPath[UUID], data: JSONBody[NewThing]) -> NewThing:
    return data


@pytest.fixture(scope="module")
def spec() -> Json:
    found: Json = json.loads(document.export())
    return found


@pytest.fixture(scope="module")
def new() -> Json:
    """The document of a route nobody has foreseen."""
    handlers = [post_new_thing]
    with_tokens = bearer("0" * 32).on_app_init
    application = Litestar(handlers, openapi_config=openapi.config(handlers), on_app_init=[with_tokens])
    found: Json = application.openapi_schema.to_schema()
    return found


def test_a_new_route_has_its_errors_and_says_when_to_come_back(new: Json) -> None:
    operation = operations(new)["postNewThing"]
    limited = new["components"]["responses"]["TooManyRequests"]

    assert set(operation["responses"]) == {"201", "400", "404", "413", "415", "429", "500"}
    assert set(limited["headers"]) == {"X-Request-Id", "Retry-After", "RateLimit", "RateLimit-Policy"}
    assert operation["security"] == []


def test_what_has_no_bound_of_its_own_gets_one_by_rule(new: Json) -> None:
    shown = new["components"]["schemas"]["NewThing"]["properties"]

    assert shown["word"]["maxLength"] == app.LARGEST_BODY
    assert shown["owner"]["maxLength"] == 36
    assert (shown["count"]["minimum"], shown["count"]["maximum"], shown["count"]["format"]) == (
        1 - 2**53,
        2**53 - 1,
        "int64",
    )


def test_an_id_in_a_path_is_described_by_its_name(new: Json) -> None:
    [parameter] = operations(new)["postNewThing"]["parameters"]

    assert parameter["description"] == "The thing's id"


def test_every_text_has_a_length_and_every_whole_number_a_range(spec: Json) -> None:
    texts = [part for part in parts(spec) if part.get("type") == "string" and "enum" not in part]
    numbers = [part for part in parts(spec) if part.get("type") == "integer"]
    lists = [part for part in parts(spec) if part.get("type") == "array"]

    assert [one for one in texts if "maxLength" not in one] == []
    assert [one for one in numbers if not {"minimum", "maximum", "format"} <= one.keys()] == []
    assert [one for one in lists if "maxItems" not in one] == []
    assert min(map(len, (texts, numbers, lists))) > 3


def test_only_headers_that_are_used_are_declared(spec: Json, new: Json) -> None:
    for shown in (spec, new):
        used = {part["$ref"].rpartition("/")[2] for part in parts(shown) if "/headers/" in part.get("$ref", "")}

        assert shown["components"]["headers"].keys() == used


def reached(shown: Json, names: set[str]) -> set[str]:
    """Return the names of the schemas that are in those of *names*, however deep."""
    todo, found = set(names), set()
    while todo:
        found |= todo
        inner = [
            part["$ref"] for name in todo for part in parts(shown["components"]["schemas"][name]) if "$ref" in part
        ]
        todo = {one.rpartition("/")[2] for one in inner} - found
    return found


def test_an_answer_holds_no_closed_list_of_values(spec: Json) -> None:
    """A client that is generated from one refuses the whole answer for a value that is new."""
    answers = [one["responses"] for one in operations(spec).values()] + [spec["components"]["responses"]]
    named = {one["$ref"] for one in parts(answers) if "/schemas/" in one.get("$ref", "")}
    held = reached(spec, {one.rpartition("/")[2] for one in named})

    closed = {
        name for name in held for part in parts(spec["components"]["schemas"][name]) if {"enum", "const"} & {*part}
    }

    assert {"AlertView", "ChangeList", "Problem", "Health"} <= held
    assert closed == set()


def bodies() -> Iterator[type[Struct]]:
    """Yield what the documented operations take."""
    application = app.build(Settings(twilio_account_sid="AC0", token_secret="0" * 32))
    for route in application.routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler) or not handler.resolve_include_in_schema():
                continue
            if "reads" in handler.opt:
                yield handler.opt["reads"]
            if handler.parsed_data_field is not None:
                yield handler.parsed_data_field.annotation


def test_every_whole_number_and_text_of_a_body_is_bounded_in_its_struct() -> None:
    taken = set(bodies())
    _, schemas = msgspec.json.schema_components(taken, ref_template="#/{name}")
    shown = list(parts(schemas))

    assert taken
    assert [one for one in shown if one.get("type") == "integer" and not {"minimum", "maximum"} <= one.keys()] == []
    assert [
        one for one in shown if one.get("type") == "string" and not {"maxLength", "format", "enum"} & one.keys()
    ] == []
    assert [one["title"] for one in shown if one.get("type") == "object" and "additionalProperties" not in one] == []


def test_the_locked_tools_are_pinned_and_name_no_registry() -> None:
    tools = COMMITTED.parent / "tools"
    wanted = json.loads((tools / "package.json").read_text())["devDependencies"]
    locked = json.loads((tools / "package-lock.json").read_text())["packages"]

    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, one in locked.items() if "resolved" in one] == []
