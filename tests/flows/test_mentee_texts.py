"""A day told in several texts: its words and scores stay, whatever comes after them."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from checkin import flows, store
from checkin.core.check_ins import CheckIn
from checkin.core.texts import Text
from checkin.store.pool import Connection
from tests.people import DAY, MONDAY, NOW, Cast, answer
from tests.phones import sent_to, text, told

A_MINUTE = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)


async def stands(conn: Connection, people: Cast) -> CheckIn:
    stored = await store.check_ins.one(conn, people.mentee.id, MONDAY)
    assert stored is not None
    return stored


async def say(conn: Connection, people: Cast, texts: Sequence[str], apart: timedelta) -> None:
    for number, words in enumerate(texts):
        await text(conn, people.mentee, words, at=NOW + number * apart)


@pytest.mark.parametrize(
    ("texts", "mood", "hope", "note"),
    [
        (["a fight with my sister", "3 2"], 3, 2, "a fight with my sister"),
        (["a fight with my sister", "3 2 better now"], 3, 2, "a fight with my sister\nbetter now"),
        (["7 5 rough day", "change 4 6"], 4, 6, "rough day"),
        (["7 5 rough day", "4 6"], 4, 6, "rough day"),
        (["7 5 rough day", "7 5 rough day"], 7, 5, "rough day"),
        (["7", "hope 5 call me"], 7, 5, None),
        (["7", "5 call me"], 7, 5, None),
        (["hope 5", "mood 7 help"], 7, 5, None),
        (["skip", "7"], 7, None, None),
    ],
)
async def test_a_day_keeps_its_words_and_is_completed(
    conn: Connection, people: Cast, texts: list[str], mood: int, hope: int | None, note: str | None
) -> None:
    await say(conn, people, texts, A_MINUTE)

    stored = await stands(conn, people)
    assert (stored.mood, stored.hope, stored.note) == (mood, hope, note)


@pytest.mark.parametrize("apart", [A_MINUTE, 3 * AN_HOUR])
@pytest.mark.parametrize(
    ("words", "expected"),
    [("3 call me", Text.will_call), ("6 now", Text.unclear), ("hope 3", Text.unclear), ("6 need food", Text.will_help)],
)
async def test_a_score_alone_takes_nothing_from_a_day_that_has_both(
    conn: Connection, people: Cast, words: str, expected: Text, apart: timedelta
) -> None:
    await say(conn, people, ["7 5 rough day", words], apart)

    stored = await stands(conn, people)
    assert (stored.mood, stored.hope, stored.note) == (7, 5, f"rough day\n{words}")
    assert await sent_to(conn, people.mentee) == [told(Text.thanks), told(expected)]


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("words", ["thanks", "5", "change 4 6", "4 6 and rain"])
async def test_who_may_read_a_note_from_the_app_stays_as_it_was_chosen(
    conn: Connection, people: Cast, words: str, *, shared: bool
) -> None:
    said = replace(answer(MONDAY, 7, None, note="rough day", at=NOW), note_shared=shared)
    await flows.check_ins.record(conn, people.mentee.id, said, NOW)

    await text(conn, people.mentee, words, at=NOW + A_MINUTE)

    stored = await stands(conn, people)
    assert stored.note is not None
    assert stored.note.startswith("rough day")
    assert stored.note_shared is shared


@pytest.mark.parametrize(
    ("first", "second", "mood", "hope", "told_last"),
    [("7", "5", 7, 5, Text.thanks), ("7 5", "sorry i meant 4 6", 4, 6, Text.changed)],
)
async def test_what_follows_a_text_belongs_to_its_day_on_either_side_of_midnight(
    conn: Connection, people: Cast, first: str, second: str, mood: int, hope: int, told_last: Text
) -> None:
    midnight = NOW + 9 * AN_HOUR
    await text(conn, people.mentee, first, at=midnight - 10 * A_MINUTE)

    await text(conn, people.mentee, second, at=midnight + 10 * A_MINUTE)

    stored = await stands(conn, people)
    assert (stored.mood, stored.hope) == (mood, hope)
    assert (await sent_to(conn, people.mentee))[-1] == told(told_last)
    assert await store.check_ins.one(conn, people.mentee.id, MONDAY + DAY) is None


async def test_two_hours_after_a_text_midnight_begins_a_new_day(conn: Connection, people: Cast) -> None:
    midnight = NOW + 9 * AN_HOUR
    await text(conn, people.mentee, "7 5", at=midnight - 10 * A_MINUTE)

    await text(conn, people.mentee, "4 6", at=midnight + 111 * A_MINUTE)

    assert (await stands(conn, people)).mood == 7
    assert await store.check_ins.one(conn, people.mentee.id, MONDAY + DAY) is not None


async def test_a_night_of_texts_ends_the_day_at_three(conn: Connection, people: Cast) -> None:
    midnight = NOW + 9 * AN_HOUR
    for hours in range(-1, 3):
        await text(conn, people.mentee, "cannot sleep", at=midnight + hours * AN_HOUR)

    await text(conn, people.mentee, "4 6", at=midnight + 3 * AN_HOUR)

    assert (await stands(conn, people)).mood is None
    assert await store.check_ins.one(conn, people.mentee.id, MONDAY + DAY) is not None
