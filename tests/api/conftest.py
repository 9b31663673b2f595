"""The application under test, as HTTP sees it, on a database of its own, with the cast's time."""

from collections.abc import AsyncIterator

import pytest

from checkin.api.app import STATEMENT_LIMIT
from checkin.config import Settings
from tests.api.calls import Bearer, Client, bearer_of, served
from tests.people import Cast


@pytest.fixture
async def impatient(settings: Settings, people: Cast) -> AsyncIterator[Client]:
    """Calls an application that gives up on a statement as soon as it does in service."""
    async with served(settings, statement_limit=STATEMENT_LIMIT) as lent:
        yield lent


@pytest.fixture
async def client(settings: Settings, people: Cast) -> AsyncIterator[Client]:
    async with served(settings) as lent:
        yield lent


@pytest.fixture
def bearer(settings: Settings) -> Bearer:
    """Return what makes the headers of a signed-in person; tokens live in the real time, whatever the clock says."""
    return bearer_of(settings.token_secret)
