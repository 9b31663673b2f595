"""No text takes long to read: the one test that looks at time, because of what a regular expression can do with it."""

from collections.abc import Callable
from time import process_time

import pytest

from checkin.core import danger, replies
from tests import adversarial

MOST = 0.005  # seconds of one core, on a machine that `adversarial.slowness` calls usual
TRIES = 4
READERS: dict[str, Callable[[str], object]] = {
    "screen": danger.screen,
    "read_mentee": replies.read_mentee,
    "read_mentor": replies.read_mentor,
}


@pytest.fixture(scope="module", autouse=True)
def _rules_are_loaded() -> None:
    """The first text a process reads pays for the rules; no later one does."""
    for reader in READERS.values():
        reader("hola")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", adversarial.NAMES)
def test_a_text_made_to_take_long_is_read_in_5_ms(name: str, reader: str) -> None:
    texts = [adversarial.text(name, attempt) for attempt in range(TRIES)]

    taken = min(seconds(READERS[reader], text) / adversarial.slowness() for text in texts)

    assert taken < MOST, f"{reader} takes {taken * 1000:.1f} ms for {len(texts[0])} characters of {name!r}"


def seconds(read: Callable[[str], object], text: str) -> float:
    began = process_time()
    read(text)
    return process_time() - began
