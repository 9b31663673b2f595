"""Skipping in the open: a test may miss a program of the system, but not where everything is promised to be there."""

import os
from typing import NoReturn

import pytest


def skip(reason: str) -> NoReturn:
    """Skip the test for *reason*; fail it where CHECKIN_TESTS_SKIP_NOTHING is set, as CI does."""
    if os.environ.get("CHECKIN_TESTS_SKIP_NOTHING"):
        pytest.fail(reason)
    pytest.skip(reason)
