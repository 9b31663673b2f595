"""What mentees' texts are read as: the table of examples, and what holds for every text."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checkin.core import replies
from checkin.core.replies import Context, Kind, Reading
from tests.core.accuracy import Outcome, report

TABLE = Path(__file__).parents[1] / "data" / "mentee_texts.tsv"
# Held rows were written from what a text should mean, not from the rules, and are not to be fitted to.
# First reading of the last batches: 96.6 % of 174 texts, 98.6 % of 69, 96.7 % of 60 (failures mended since).
FLOORS = {"open": 0.99, "held": 0.95}
LEAST_HELD = 0.3  # of all rows

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=500)
SCORE_WORDS = (
    "7 5 10 0 3 12 7/10 -1 7.5 07 ² mood hope m h animo esperanza and y / , . : ; ! - ( ) 🙂 7️⃣ seven diez hours"
)
OTHER_WORDS = (
    "stop please pause days week for need help me with a ride call skip change to i meant kids out of hi im Liked ß İ"
)
SAID = ["\n", '"', "don't", *SCORE_WORDS.split(), *OTHER_WORDS.split()]
LIKELY_TEXT = st.lists(st.sampled_from(SAID), max_size=12).map(" ".join)
TEXT = ANY_TEXT | LIKELY_TEXT
CONTEXT = st.builds(Context, opted_in=st.booleans(), missing=st.sampled_from([None, "mood", "hope"]))


class Row(msgspec.Struct, frozen=True):
    """One line of the table; note "=" stands for the whole text, `\\n` in a text for a line break."""

    held: bool
    lang: str
    context: Context
    wanted: Reading
    text: str


def rows() -> list[Row]:
    head, *lines = TABLE.read_text(encoding="utf-8").rstrip("\n").split("\n")
    return [row(dict(zip(head.split("\t"), line.split("\t"), strict=True))) for line in lines]


def row(cells: dict[str, str]) -> Row:
    text = cells["text"].replace("\\n", "\n")
    note = text.strip() if cells["note"] == "=" else cells["note"] or None
    said = msgspec.convert(
        {
            **{name: int(cells[name]) if cells[name] else None for name in ("mood", "hope", "days")},
            "kind": cells["kind"],
            "note": note,
            "topic": cells["topic"] or None,
            "wrong_number": cells["wrong"] == "1",
        },
        Reading,
    )
    waiting = cells["context"] if cells["context"] in {"mood", "hope"} else None
    context = msgspec.convert({"opted_in": cells["context"] != "new", "missing": waiting}, Context)
    return Row(cells["held"] == "1", cells["lang"], context, said, text)


ROWS = rows()


@pytest.mark.parametrize("given_row", [row for row in ROWS if not row.held], ids=lambda row: row.text)
def test_a_mentees_text_is_read_as_the_table_says(given_row: Row) -> None:
    reading = replies.read_mentee(given_row.text, context=given_row.context)

    assert reading == given_row.wanted


def test_texts_held_aside_are_read_as_well(
    record_property: Callable[[str, object], None],
) -> None:
    outcomes = [
        Outcome(row.held, row.lang, row.wanted.kind, replies.read_mentee(row.text, context=row.context) == row.wanted)
        for row in ROWS
    ]

    shares = report("mentee", outcomes)

    for part, share in shares.items():
        record_property(f"mentee {part}", round(share, 4))
    assert all(shares[part] >= floor for part, floor in FLOORS.items()), shares
    assert sum(outcome.held for outcome in outcomes) >= LEAST_HELD * len(outcomes)


@given(TEXT, CONTEXT)
@example("\ud83d", Context())
@example("\x00" * 1600, Context())
def test_any_text_is_one_reading_that_keeps_its_promises(text: str, context: Context) -> None:
    reading = replies.read_mentee(text, context=context)

    scored = [score for score in (reading.mood, reading.hope) if score is not None]
    assert all(0 <= score <= 10 for score in scored)
    assert reading.kind not in {Kind.scores, Kind.correct} or len(scored) == 2
    assert reading.kind is not Kind.partial or len(scored) == 1
    assert (reading.days is not None) == (reading.kind is Kind.pause)
    assert reading.days is None or 1 <= reading.days <= 60
    assert reading.number is None


@given(TEXT)
def test_case_and_trailing_spaces_change_nothing(text: str) -> None:
    meant = essence(replies.read_mentee(text))

    for same in (text.upper(), text.lower(), text.swapcase(), f"{text}  \n "):
        assert essence(replies.read_mentee(same)) == meant


@pytest.mark.parametrize(
    "keyword", ["STOP", "unsubscribe", "HELP", "pause", "RESUME", "call", "skip", "START", "no mas"]
)
@pytest.mark.parametrize(
    "around", ["{}", '"{}"', "{}!!!", "🛑 {} 🛑", "please {}", "{} please", "Por favor, {}.", "“{}”", "¡{}!"]
)
def test_what_stands_around_a_keyword_changes_nothing(keyword: str, around: str) -> None:
    reading = replies.read_mentee(around.format(keyword))

    assert essence(reading) == essence(replies.read_mentee(keyword))
    assert reading.kind is not Kind.unclear


@pytest.mark.parametrize(
    "text",
    [
        *(
            "7 " * 800,
            "mood " * 320,
            "-7" * 800,
            "." * 1600,
            "😀" * 1600,
            "no more texts " * 115,
            "m-" * 800,
            "a " * 5000,
        ),
        *(
            "i need to talk to " * 90,
            "wrong number for " * 95,
            "7 and a " * 200,
            "9" * 5000,
            "7 5 " + "é" * 5000,
            "h:" * 800,
            "leave me alone xx " * 95,
            "stop " * 320,
            "no me escriban " * 107,
            "y" * 1600,
            "7 5 " * 400,
            "7 is " * 320,
        ),
    ],
    ids=lambda text: f"{text[:12]} x{len(text)}",
)
def test_the_longest_and_oddest_texts_are_read(text: str) -> None:
    reading = replies.read_mentee(text)

    assert isinstance(reading.kind, Kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("7 5 STOP", Kind.opt_out),
        ("7 5 please stop texting me", Kind.opt_out),
        ("7 5 call me", Kind.call_me),
        ("7 5 i need help", Kind.call_me),
        ("7 5 help", Kind.help),
        ("7 5 need bus pass", Kind.scores),
    ],
)
def test_scores_in_front_of_a_request_ride_along(text: str, kind: Kind) -> None:
    reading = replies.read_mentee(text)

    assert (reading.kind, reading.mood, reading.hope) == (kind, 7, 5)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "7 5 i want it all to stop",
            "7 5 baja",
            "my ex will not leave me alone",
            "take me off my meds",
            "tell him to stop texting me",
        ),
        *(
            "he gave me the wrong number",
            "ya no quiero mensajes de mi ex",
            "no dejen de escribirme",
            "do not stop texting me",
        ),
        *("just stop", "make it stop", "i wish it would stop", "i want to stop using", "no mas dolor"),
    ],
)
def test_talk_of_stopping_is_no_opt_out(text: str) -> None:
    assert replies.read_mentee(text).kind is not Kind.opt_out


@pytest.mark.parametrize(
    ("text", "days", "note"),
    [
        ("pause, 5 days", 5, None),
        ("pause. im in hospital", 7, "im in hospital"),
        ("pause 3 days im in hospital", 3, "im in hospital"),
        ("pause a couple of weeks", 14, None),
        ("pause texts for 10 days", 10, None),
        ("pause 2 hours", 7, None),
        ("pause 99999999999999999999", 60, None),
    ],
)
def test_a_pause_lasts_as_long_as_it_says(text: str, days: int, note: str | None) -> None:
    assert replies.read_mentee(text) == Reading(kind=Kind.pause, days=days, note=note)


@pytest.mark.parametrize("missing", ["mood", "hope"])
def test_a_single_number_fills_the_score_that_was_asked_for(missing: str) -> None:
    context = msgspec.convert({"missing": missing}, Context)

    reading = replies.read_mentee("4", context=context)

    assert reading.kind is Kind.partial
    assert getattr(reading, missing) == 4


def test_a_label_outweighs_the_score_that_was_asked_for() -> None:
    reading = replies.read_mentee("mood 4", context=Context(missing="hope"))

    assert (reading.mood, reading.hope) == (4, None)


def essence(reading: Reading) -> tuple[object, ...]:
    """All but the words, which keep their case."""
    told = (reading.kind, reading.mood, reading.hope, reading.days, reading.topic, reading.number)
    return (*told, reading.wrong_number)
