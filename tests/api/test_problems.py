"""The table of problems is complete, and an error nobody foresaw tells nothing."""

from typing import Any

import pytest
from litestar import Litestar, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from structlog.testing import capture_logs

from checkin.api import problems
from checkin.core.errors import CheckinError
from tests.api.calls import OK, Client, outcome


def children(error: type[CheckinError]) -> set[type[CheckinError]]:
    return {error for child in error.__subclasses__() for error in {child, *children(child)}}


def test_every_error_has_a_row() -> None:
    assert set(problems.KINDS) == children(CheckinError)


def test_a_slug_has_one_title_and_one_status() -> None:
    kinds = {*problems.KINDS.values(), *problems.BY_STATUS.values()}

    clashing = {
        kind.slug for kind in kinds for other in kinds if kind.slug == other.slug and kind.status != other.status
    }

    assert clashing == set()


@pytest.fixture
def broken() -> Client:
    @get("/broken/{canary:str}")
    async def fail(canary: FromPath[str]) -> None:
        raise RuntimeError(f"nobody foresaw {canary}")

    handlers: Any = {HTTPException: problems.on_error, Exception: problems.on_error}  # Any: as Litestar spells it
    return Client(Litestar([fail], exception_handlers=handlers, logging_config=None))


async def test_an_error_nobody_foresaw_is_logged_once_and_says_nothing_of_the_input(broken: Client) -> None:
    with capture_logs() as logs:
        answered = await broken.get("/broken/x7q9")

    assert answered.status_code == 500
    assert answered.json()["type"] == "/problems/internal"
    assert [(line["event"], line["error"], line["path"]) for line in logs] == [
        ("request.failed", "RuntimeError", "/broken/{canary}")
    ]
    assert "fail" in logs[0]["trace"]
    assert "x7q9" not in answered.text + str(logs)


async def test_health_needs_no_token(client: Client) -> None:
    alive, ready = await client.get("/health/live"), await client.get("/health/ready")

    assert outcome(alive) == outcome(ready) == OK
    assert (alive.json(), ready.json()["status"]) == ({"status": "ok"}, "ok")
