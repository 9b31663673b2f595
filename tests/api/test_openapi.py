"""The OpenAPI document: what is committed is what the code says, and what it says is true."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from checkin.api import (
    app,
    document,
    problems,
)
from checkin.api.problems import Problem
from checkin.config import Settings
from tests.api.calls import Client
from tests.api.wire import HANDLERS, STRUCTS

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"
OPEN = {"requestCode", "createTokens", "refreshTokens", "receiveSms", "receiveStatus", "isAlive", "isReady"}
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
        "limit": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 100, "default": 30},
        "cursor": {"type": "string", "minLength": 1, "maxLength": 200},
    }


def test_nothing_in_it_is_null_or_one_of_many(spec: Json) -> None:
    odd = [part for part in parts(spec) if "oneOf" in part or "anyOf" in part or part.get("type") == "null"]

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
        assert content["examples"]
        for slug, example in content["examples"].items():
            assert msgspec.convert(example["value"], Problem).type == f"/problems/{slug}"
    assert "Retry-After" in spec["components"]["responses"]["UnavailableOrBusy"]["headers"]


def kinds_of(spec: Json, name: str) -> dict[str, list[str]]:
    """Return the kinds of problem an operation shows, by status."""
    shared = {
        status: one.get("$ref", "").rpartition("/")[2] for status, one in operations(spec)[name]["responses"].items()
    }
    shown = {status: spec["components"]["responses"][one]["content"] for status, one in shared.items() if one}
    return {status: [*content[problems.MEDIA_TYPE]["examples"]] for status, content in shown.items()}


def test_every_kind_of_problem_is_in_it_and_none_else(spec: Json) -> None:
    named = set(re.findall(r"/problems/([a-z-]+)", json.dumps(spec)))

    assert named == {kind.slug for kind in (*problems.KINDS.values(), *problems.BY_STATUS.values())}


@pytest.mark.parametrize(
    ("name", "status", "kinds"),
    [
        ("createTokens", "400", ["invalid", "wrong-code"]),
        ("refreshTokens", "401", ["signed-out"]),
        ("putDevice", "401", ["unauthorized", "signed-out"]),
        ("putCheckIn", "400", ["invalid", "day-out-of-reach"]),
        ("takeHelpRequest", "409", ["already-ended"]),
        ("endHelpRequest", "409", ["already-ended"]),
        ("addAssignment", "409", ["conflict"]),
        ("endAssignment", "409", ["already-ended"]),
        ("transferAssignment", "409", ["conflict", "already-ended"]),
        ("askForHelp", "409", ["key-in-use"]),
        ("askForHelp", "422", ["key-reused"]),
        ("invitePerson", "409", ["conflict", "key-in-use"]),
        ("importPeople", "422", ["key-reused", "too-wide"]),
        ("tryAlertRules", "422", ["too-wide"]),
        ("patchPerson", "409", ["conflict", "nobody-at-the-end"]),
        ("endPerson", "409", ["conflict", "nobody-at-the-end"]),
        ("patchProgram", "409", ["conflict"]),
        ("activateProgram", "409", ["nobody-at-the-end"]),
        ("putRouting", "409", ["nobody-at-the-end"]),
        ("putOnCall", "409", ["conflict"]),
        ("deleteOnCall", "409", ["nobody-at-the-end"]),
        ("getMe", "503", ["unavailable", "busy"]),
    ],
)
def test_an_operation_shows_each_kind_of_problem_it_answers_with(
    spec: Json, name: str, status: str, kinds: list[str]
) -> None:
    assert kinds_of(spec, name)[status] == kinds


def test_each_operation_tells_the_errors_it_can_answer_with(spec: Json) -> None:
    found = {name: {int(status) for status in one["responses"]} for name, one in operations(spec).items()}

    assert found == {
        "requestCode": {202, 400, 413, 415, 429, 500, 503},
        "createTokens": {200, 400, 413, 415, 500, 503},
        "refreshTokens": {200, 400, 401, 413, 415, 500, 503},
        "signOut": {204, 400, 401, 404, 413, 415, 500, 503},
        "listSessions": {200, 400, 401, 500, 503},
        "endSession": {204, 400, 401, 404, 413, 415, 500, 503},
        "putDevice": {200, 400, 401, 404, 413, 415, 500, 503},
        "getDevice": {200, 304, 400, 401, 404, 500, 503},
        "deleteDevice": {204, 400, 401, 404, 413, 415, 500, 503},
        "getMe": {200, 304, 400, 401, 404, 500, 503},
        "patchMe": {200, 400, 401, 404, 412, 413, 415, 428, 500, 503},
        "getTrend": {200, 304, 400, 401, 404, 500, 503},
        "listAccess": {200, 400, 401, 404, 500, 503},
        "listConsents": {200, 400, 401, 404, 500, 503},
        "putConsent": {200, 400, 401, 404, 409, 413, 415, 500, 503},
        "askForCall": {200, 400, 401, 404, 409, 413, 415, 422, 500, 503},
        "askForHelp": {200, 400, 401, 404, 409, 413, 415, 422, 500, 503},
        "listHelpRequests": {200, 400, 401, 500, 503},
        "listMenteeHelpRequests": {200, 400, 401, 500, 503},
        "takeHelpRequest": {200, 400, 401, 404, 409, 413, 415, 500, 503},
        "endHelpRequest": {200, 400, 401, 404, 409, 413, 415, 500, 503},
        "getGroup": {200, 304, 400, 401, 404, 500, 503},
        "listMentees": {200, 400, 401, 404, 500, 503},
        "getMentee": {200, 304, 400, 401, 404, 500, 503},
        "listPeople": {200, 400, 401, 404, 500, 503},
        "getPerson": {200, 304, 400, 401, 404, 500, 503},
        "invitePerson": {201, 400, 401, 404, 409, 413, 415, 422, 500, 503},
        "importPeople": {200, 400, 401, 404, 409, 413, 415, 422, 500, 503},
        "patchPerson": {200, 400, 401, 404, 409, 412, 413, 415, 428, 500, 503},
        "endPerson": {200, 400, 401, 404, 409, 413, 415, 500, 503},
        "listAssignments": {200, 400, 401, 404, 500, 503},
        "addAssignment": {201, 400, 401, 404, 409, 413, 415, 500, 503},
        "endAssignment": {200, 400, 401, 404, 409, 413, 415, 500, 503},
        "transferAssignment": {201, 400, 401, 404, 409, 413, 415, 500, 503},
        "putCheckIn": {200, 400, 401, 404, 413, 415, 500, 503},
        "getCheckIn": {200, 304, 400, 401, 404, 500, 503},
        "sendCheckIns": {200, 400, 401, 404, 413, 415, 500, 503},
        "listChanges": {200, 400, 401, 404, 410, 500, 503},
        "listCheckIns": {200, 400, 401, 500, 503},
        "listNudges": {200, 400, 401, 500, 503},
        "previewNudges": {200, 400, 401, 500, 503},
        "listMenteeNudges": {200, 400, 401, 404, 500, 503},
        "previewMenteeNudges": {200, 400, 401, 404, 500, 503},
        "getNudgePlan": {200, 304, 400, 401, 404, 500, 503},
        "patchNudgePlan": {200, 400, 401, 404, 412, 413, 415, 428, 500, 503},
        "getMenteeNudgePlan": {200, 304, 400, 401, 404, 500, 503},
        "patchMenteeNudgePlan": {200, 400, 401, 404, 412, 413, 415, 428, 500, 503},
        "listAlerts": {200, 400, 401, 500, 503},
        "getAlert": {200, 304, 400, 401, 404, 500, 503},
        "handOverAlert": {200, 400, 401, 404, 413, 415, 500, 503},
        "snoozeAlert": {200, 400, 401, 404, 413, 415, 500, 503},
        "recordAlertOutcome": {200, 400, 401, 404, 413, 415, 500, 503},
        "acknowledgeAlert": {200, 400, 401, 404, 413, 415, 500, 503},
        "reopenAlert": {200, 400, 401, 404, 413, 415, 500, 503},
        "getAvailability": {200, 304, 400, 401, 404, 500, 503},
        "changeAvailability": {200, 400, 401, 404, 412, 413, 415, 428, 500, 503},
        "listMentorLoad": {200, 400, 401, 404, 500, 503},
        "getAlertRules": {200, 304, 400, 401, 404, 500, 503},
        "patchAlertRules": {200, 400, 401, 404, 412, 413, 415, 428, 500, 503},
        "tryAlertRules": {200, 400, 401, 404, 413, 415, 422, 500, 503},
        "listPrograms": {200, 400, 401, 404, 500, 503},
        "getProgram": {200, 304, 400, 401, 404, 500, 503},
        "patchProgram": {200, 400, 401, 404, 409, 412, 413, 415, 428, 500, 503},
        "activateProgram": {200, 400, 401, 404, 409, 413, 415, 500, 503},
        "getRouting": {200, 304, 400, 401, 404, 500, 503},
        "putRouting": {200, 400, 401, 404, 409, 412, 413, 415, 428, 500, 503},
        "listOnCall": {200, 400, 401, 404, 500, 503},
        "putOnCall": {200, 400, 401, 404, 409, 413, 415, 500, 503},
        "deleteOnCall": {204, 400, 401, 404, 409, 413, 415, 500, 503},
        "listHolidays": {200, 400, 401, 404, 500, 503},
        "putHoliday": {200, 400, 401, 404, 409, 413, 415, 500, 503},
        "deleteHoliday": {204, 400, 401, 404, 413, 415, 500, 503},
        "receiveSms": {204, 400, 403, 413, 415, 500, 503},
        "receiveStatus": {204, 400, 403, 413, 415, 500, 503},
        "isAlive": {200, 400, 500},
        "isReady": {200, 400, 500, 503},
    }


def test_operations_that_tell_sentences_say_how_to_ask_for_a_language(spec: Json) -> None:
    asked = {
        name
        for name, one in operations(spec).items()
        if any((part["in"], part["name"]) == ("header", "Accept-Language") for part in one.get("parameters", []))
    }
    told = {
        (name, status)
        for name, one in operations(spec).items()
        for status, response in one["responses"].items()
        if "Content-Language" in response.get("headers", {})
    }

    assert asked == {
        "listAlerts",
        "getAlert",
        "acknowledgeAlert",
        "reopenAlert",
        "handOverAlert",
        "snoozeAlert",
        "recordAlertOutcome",
        "tryAlertRules",
        "getMentee",
        "getTrend",
        "listChanges",
        "listConsents",
        "putConsent",
        "listAccess",
        "listNudges",
        "listMenteeNudges",
    }
    with_tags = {name for name in asked if "304" in operations(spec)[name]["responses"]}
    assert told == {(name, "200") for name in asked} | {(name, "304") for name in with_tags}


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
