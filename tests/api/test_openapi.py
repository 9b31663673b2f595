"""The OpenAPI document: what is committed is what the code says, and what it says is true."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from checkin.api import alerts, app, check_ins, document, health, nudges, problems, webhooks
from checkin.api.alerts import AlertList, AlertView
from checkin.api.check_ins import CheckInList, CheckInView, NewCheckIn
from checkin.api.health import Health
from checkin.api.nudges import ComingNudge, NudgeList, NudgePreview, NudgeView
from checkin.api.problems import FieldError, Problem
from checkin.api.webhooks import SmsForm, StatusForm
from checkin.config import Settings
from tests.api.calls import Client

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"
STRUCTS = (
    NewCheckIn,
    CheckInView,
    CheckInList,
    NudgeView,
    NudgeList,
    ComingNudge,
    NudgePreview,
    AlertView,
    AlertList,
    Health,
    Problem,
    FieldError,
    SmsForm,
    StatusForm,
)
HANDLERS: tuple[HTTPRouteHandler, ...] = (
    *check_ins.HANDLERS,
    *nudges.HANDLERS,
    *alerts.HANDLERS,
    *webhooks.HANDLERS,
    *health.HANDLERS,
)
OPEN = {"receiveSms", "receiveStatus", "isAlive", "isReady"}
Json = dict[str, Any]  # Any: JSON


@pytest.fixture(scope="module")
def spec() -> Json:
    found: Json = json.loads(document.export())
    return found


def operations(spec: Json) -> dict[str, Json]:
    return {one["operationId"]: one for item in spec["paths"].values() for one in item.values()}


def parts(value: object) -> Iterator[Json]:
    """Yield every object in a document, however deep."""
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from parts(one)
    if isinstance(value, list):
        for one in value:
            yield from parts(one)


def test_the_committed_document_is_what_the_code_says() -> None:
    assert COMMITTED.read_bytes() == document.export().encode(), "run `checkin openapi`"


async def test_the_served_document_is_the_committed_one_and_open_to_anybody(client: Client) -> None:
    answered = await client.get("/schema/openapi.json")

    assert answered.status_code == 200
    assert answered.json() == json.loads(COMMITTED.read_text())


def test_the_document_is_the_same_in_a_sandbox(settings: Settings, spec: Json) -> None:
    sandbox = replace(settings, twilio_account_sid="", twilio_auth_token="", twilio_from="")

    assert app.build(sandbox).openapi_schema.to_schema() == spec


def test_every_operation_of_the_code_is_in_it_and_every_reference_leads_somewhere(spec: Json) -> None:
    references = {part["$ref"] for part in parts(spec) if "$ref" in part}

    missing = set()
    for reference in references:
        found: Any = spec  # Any: JSON
        for step in reference.removeprefix("#/").split("/"):
            found = found.get(step, {})
        missing |= set() if found else {reference}

    assert operations(spec).keys() == {handler.operation_id for handler in HANDLERS}
    assert missing == set()
    assert spec["components"]["schemas"].keys() == {struct.__name__ for struct in STRUCTS}


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_every_bound_of_a_struct_is_in_its_schema(spec: Json, struct: type[msgspec.Struct]) -> None:
    shown = spec["components"]["schemas"][struct.__name__]
    words = {
        "ge": "minimum",
        "le": "maximum",
        "min_length": "minLength",
        "max_length": "maxLength",
        "pattern": "pattern",
    }
    words |= {"min_items": "minItems", "max_items": "maxItems"}

    told, expected = {}, {}
    for field in msgspec.structs.fields(struct):
        info = msgspec.inspect.type_info(field.type)
        options = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
        for option in options:
            inner = option.type if isinstance(option, msgspec.inspect.Metadata) else option
            lists = isinstance(inner, msgspec.inspect.ListType)
            for name, word in words.items():
                value = getattr(inner, name.replace("items", "length"), None)
                if value is not None and lists == ("items" in name):
                    expected[field.encode_name, word] = value
                    told[field.encode_name, word] = shown["properties"][field.encode_name].get(word)

    assert told == expected
    assert (shown.get("additionalProperties") is False) == struct.__struct_config__.forbid_unknown_fields
    assert set(shown["required"]) == {one.encode_name for one in msgspec.structs.fields(struct) if one.required}


def test_scores_notes_and_parameters_have_their_bounds(spec: Json) -> None:
    new = spec["components"]["schemas"]["NewCheckIn"]
    listing = {one["name"]: one["schema"] for one in operations(spec)["listCheckIns"]["parameters"]}

    for score in ("mood", "hope"):
        assert (new["properties"][score]["minimum"], new["properties"][score]["maximum"]) == (0, 10)
    assert (new["properties"]["note"]["minLength"], new["properties"]["note"]["maxLength"]) == (1, 1000)
    assert new["additionalProperties"] is False
    assert listing == {
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 30},
        "cursor": {"type": "string", "minLength": 1, "maxLength": 200},
    }


def test_nothing_in_it_is_null_or_one_of_many(spec: Json) -> None:
    odd = [part for part in parts(spec["paths"]) if "oneOf" in part or "anyOf" in part or part.get("type") == "null"]

    assert odd == []


def test_an_error_is_always_a_shared_problem(spec: Json) -> None:
    wrong = [
        (name, status)
        for name, one in operations(spec).items()
        for status, response in one["responses"].items()
        if int(status) >= 400 and set(response) != {"$ref"}
    ]

    assert wrong == []
    for shared in spec["components"]["responses"].values():
        [(media_type, content)] = shared["content"].items()
        assert (media_type, content["schema"]) == (problems.MEDIA_TYPE, {"$ref": "#/components/schemas/Problem"})
        msgspec.convert(content["example"], Problem)
    assert "Retry-After" in spec["components"]["responses"]["Unavailable"]["headers"]


def test_each_operation_tells_the_errors_it_can_answer_with(spec: Json) -> None:
    found = {name: {int(status) for status in one["responses"]} for name, one in operations(spec).items()}

    assert found == {
        "putCheckIn": {200, 400, 401, 404, 413, 415, 500, 503},
        "getCheckIn": {200, 401, 404, 500, 503},
        "listCheckIns": {200, 400, 401, 500, 503},
        "listNudges": {200, 400, 401, 500, 503},
        "previewNudges": {200, 401, 500, 503},
        "listAlerts": {200, 401, 500, 503},
        "acknowledgeAlert": {200, 401, 404, 500, 503},
        "receiveSms": {204, 400, 403, 413, 415, 500, 503},
        "receiveStatus": {204, 400, 403, 413, 415, 500, 503},
        "isAlive": {200, 500},
        "isReady": {200, 500, 503},
    }


def test_open_operations_say_so_and_the_others_take_a_bearer_token(spec: Json) -> None:
    found = {name for name, one in operations(spec).items() if one.get("security") == []}
    scheme = spec["components"]["securitySchemes"]["bearer"]

    assert found == OPEN
    assert spec["security"] == [{"bearer": []}]
    assert (scheme["type"], scheme["scheme"], "name" in scheme) == ("http", "bearer", False)


def test_everything_has_its_words(spec: Json) -> None:
    tags = {tag["name"] for tag in spec["tags"] if tag["description"]}

    for one in operations(spec).values():
        assert one["summary"]
        assert one["description"]
        assert set(one["tags"]) <= tags
        for status, response in one["responses"].items():
            assert int(status) >= 400 or "follows" not in response["description"]


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_the_example_of_a_schema_is_one(spec: Json, struct: type[msgspec.Struct]) -> None:
    [example] = spec["components"]["schemas"][struct.__name__]["examples"]

    msgspec.json.decode(msgspec.json.encode(example), type=struct)
