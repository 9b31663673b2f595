"""Calls made up from the OpenAPI document, by the hundred, against the application in this process."""

import asyncio
import os
from collections import Counter
from typing import Any, Final

import schemathesis
from litestar import Litestar
from litestar.types import Message, Receive, Scope, Send
from msgspec import Struct
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

EXAMPLES: Final = int(os.environ.get("CHECKIN_FUZZ_EXAMPLES", "8"))
"""How many calls of each kind are made up for an operation."""
GOOD: Final = ["2xx", "304", "400", "403", "404", "409", "412", "422", "429", "503"]
CHECKS: Final = {
    # What the document cannot say: whether a cursor is one of ours, a zone exists, a day is in reach, an ETag is the
    # newest, a span is too long, somebody asks too often. JSON Schema also takes 3.0 for a whole number; we do not.
    "positive_data_acceptance": {"expected-statuses": GOOD},
    "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "405", "412", "413", "415", "428"]},
    "missing_required_header": {"expected-statuses": ["400", "401", "403", "404", "428"]},
}
"""What counts as a refusal here; every other check is as schemathesis has it."""
OPERATIONS: Final = [
    {
        "include-operation-id": "refreshTokens",  # no made-up refresh token is good
        "checks": {**CHECKS, "positive_data_acceptance": {"expected-statuses": [*GOOD, "401"]}},
    },
    {
        "include-operation-id": "sendCheckIns",  # an item that is no good is answered inside of 200
        "checks": {
            **CHECKS,
            "negative_data_rejection": {"expected-statuses": ["200", "400", "401", "404", "405", "413", "415"]},
        },
    },
]
"""What is different for some operations."""


class Bridge:
    """Takes calls on any thread, and lets the application answer them in the event loop it lives in."""

    def __init__(self, application: Litestar, loop: asyncio.AbstractEventLoop) -> None:
        self._application = application
        self._loop = loop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message: Any = await receive()  # Any: one of many shapes
            if message["type"].startswith("lifespan."):  # the application is up already, and stays up
                complete: Any = {"type": f"{message['type']}.complete"}  # Any: as above
                await send(complete)
                if message["type"] == "lifespan.shutdown":
                    return
                continue
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        answering = asyncio.run_coroutine_threadsafe(self._answer(scope, body), self._loop)
        for part in await asyncio.wrap_future(answering):
            await send(part)

    async def _answer(self, scope: Scope, body: bytes) -> list[Message]:
        parts: list[Message] = []

        async def receive() -> Any:  # Any: as above
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            parts.append(message)

        await self._application(scope, receive, send)
        return parts


class Found(Struct, frozen=True):
    """What came of it: how often each operation answered with which status, and every failure."""

    answers: Counter[tuple[str, int]]
    failures: set[str]

    def succeeded(self, begins: str) -> bool:
        """Return whether an operation that *begins* so succeeded at least once."""
        return any(operation.startswith(begins) and status // 100 == 2 for operation, status in self.answers)


def fuzz(application: Bridge, headers: dict[str, str], known: dict[str, str]) -> Found:
    """Call every operation with EXAMPLES good and bad inputs as the bearer of *headers*, and apply every check.

    *known* are the values of parameters that lead somewhere, like `path.mentee_id`.
    """
    generation = {"max-examples": EXAMPLES, "deterministic": bool(os.environ.get("CI"))}
    config = schemathesis.Config.from_dict(
        {
            "headers": headers,
            "parameters": known,
            "generation": generation,
            "checks": CHECKS,
            "operations": OPERATIONS,
        }
    )
    schema = schemathesis.openapi.from_asgi("/schema/openapi.json", application, config=config)
    found = Found(Counter(), set())
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished() | events.FuzzScenarioFinished():
                _note(event.recorder, found)
            case events.NonFatalError() | events.FatalError():
                found.failures.add(str(event))
    return found


def _note(recorder: ScenarioRecorder, found: Found) -> None:
    for case_id, interaction in recorder.interactions.items():
        case = recorder.cases[case_id].value
        if interaction.response is not None and interaction.request.method == case.operation.method.upper():
            found.answers[case.operation.label, interaction.response.status_code] += 1
    for checks in recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                found.failures.add(f"{recorder.label} {check.name}: {check.failure_info.failure}")
