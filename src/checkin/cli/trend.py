"""Run the trend detector over a file of check-ins, as `checkin trend replay` does."""

import csv
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from io import TextIOWrapper
from typing import BinaryIO

import click
import msgspec
from msgspec import Struct

from checkin import core
from checkin.core.trend import Channel, Report

COLUMNS = ("mentee", "day", "mood", "hope")
_SCORES = {str(score): score for score in range(11)} | {"-0": 0}  # what printf and numpy write for a rounded -0.3

Histories = dict[str, list[Report]]
"""Mentee to reports in day order, one a day; mentees in alphabetical order."""


class FoundFall(Struct, frozen=True, kw_only=True):
    """One line of output: an alert as the detector found it, and the sentence a mentor would read."""

    mentee: str
    day: date
    channel: Channel
    since: date
    reports: int
    mean_mood: float
    mean_hope: float
    usual_mood: float
    usual_hope: float
    sentence: str


class BadRow(Struct, frozen=True, order=True):
    """What is wrong with one line (counted from 1, the header included), and what was expected."""

    line: int
    problem: str


class BadRowsError(ValueError):
    """The file cannot be replayed; `rows` holds everything that is wrong with it, in line order."""

    def __init__(self, rows: list[BadRow]) -> None:
        self.rows = sorted(rows)
        super().__init__("\n".join(f"line {row.line}: {row.problem}" for row in self.rows))


def replay(lines: Iterable[str], false_alerts_per_year: int = 2) -> Iterator[FoundFall]:
    """Yield every fall in *lines* of CSV, by mentee and day; the order of the rows does not matter.

    BadRowsError before the first fall where any row is bad.
    """
    for mentee, reports in read(lines).items():
        yield from _falls(mentee, reports, false_alerts_per_year)


def _falls(mentee: str, reports: list[Report], false_alerts_per_year: int) -> Iterator[FoundFall]:
    _, falls = core.trend.fold(core.trend.START, reports, false_alerts_per_year)
    for fall in falls:
        yield FoundFall(
            mentee=mentee,
            day=fall.day,
            channel=fall.channel,
            since=fall.since,
            reports=fall.reports,
            mean_mood=fall.mean_mood,
            mean_hope=fall.mean_hope,
            usual_mood=fall.usual_mood,
            usual_hope=fall.usual_hope,
            sentence=core.trend.sentence(mentee, fall),
        )


def read(lines: Iterable[str]) -> Histories:
    """Return each mentee's reports from CSV *lines*, or raise BadRowsError naming every bad row.

    The header names `mentee,day,mood,hope` in any order; other columns are ignored, and so are blank lines and rows
    that repeat an earlier one. Bytes that are no UTF-8 are expected as surrogate escapes.
    """
    bad: list[BadRow] = []
    records = _records(_legible(lines, bad), bad)
    line, header = next(records, (1, []))
    places = _places(line, header, bad)
    answers: dict[str, dict[date, tuple[int, int, int]]] = {}
    for line, row in records:
        if len(row) != len(header):
            bad.append(BadRow(line, f"{len(row)} columns, expected {len(header)} as in the header"))
            continue
        mentee, day_text, mood_text, hope_text = (row[place].strip() for place in places)
        day, mood, hope = _day(day_text), _SCORES.get(mood_text), _SCORES.get(hope_text)
        if not mentee or day is None or mood is None or hope is None:
            bad += (BadRow(line, problem) for problem in _problems(mentee, day_text, mood_text, hope_text))
            continue
        first = answers.setdefault(mentee, {}).setdefault(day, (mood, hope, line))
        if first[:2] != (mood, hope):
            told = f"mood {first[0]} and hope {first[1]} on line {first[2]}"
            bad.append(BadRow(line, f"{mentee!r} has another answer for {day}: {told}, expected one answer a day"))
    if bad:
        raise BadRowsError(bad)
    return {mentee: [Report(day, *days[day][:2]) for day in sorted(days)] for mentee, days in sorted(answers.items())}


def _legible(lines: Iterable[str], bad: list[BadRow]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if not line.isascii():
            try:
                line.encode()
            except UnicodeEncodeError:
                bad.append(BadRow(number, "not UTF-8 text, expected the file saved as CSV in UTF-8"))
        yield line.removeprefix("\ufeff") if number == 1 else line


def _records(lines: Iterator[str], bad: list[BadRow]) -> Iterator[tuple[int, list[str]]]:
    """Yield the line each row begins on, and its fields; blank lines are passed over."""
    rows = csv.reader(lines, strict=True)
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            bad.append(BadRow(line, f"not CSV ({error}), expected fields parted by commas and every quote closed"))
            continue
        if row and (len(row) > 1 or row[0].strip()):
            yield line, row


def _places(line: int, header: list[str], bad: list[BadRow]) -> list[int]:
    """Return where in a row each of COLUMNS stands; without them no row can be read."""
    names = [name.strip().lower() for name in header]
    wrong = [f"no column {name}" for name in COLUMNS if name not in names]
    wrong += [f"column {name} more than once" for name in COLUMNS if names.count(name) > 1]
    if wrong:
        found = ",".join(header)[:80] or "nothing"
        problem = f"{', '.join(wrong)}; expected a header with {','.join(COLUMNS)}, found {found!r}"
        raise BadRowsError([*bad, BadRow(line, problem)])
    return [names.index(name) for name in COLUMNS]


def _day(text: str) -> date | None:
    if len(text) != 10 or text[4] != "-" or text[7] != "-":  # fromisoformat also takes 20260301 and week dates
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _problems(mentee: str, day: str, mood: str, hope: str) -> Iterator[str]:
    if not mentee:
        yield "mentee is empty, expected a name or number"
    if _day(day) is None:
        yield f"day is {_shown(day)}, expected a date such as 2026-03-31"
    for name, score in (("mood", mood), ("hope", hope)):
        if score not in _SCORES:
            yield f"{name} is {_shown(score)}, expected a whole number from 0 to 10"


def _shown(text: str) -> str:
    return repr(text[:40]) if text else "empty"


trend = click.Group("trend", help="Try the trend detector on check-ins you already have.")


@trend.command("replay")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--false-alerts",
    type=click.Choice([str(choice) for choice in core.trend.H0]),
    default="2",
    show_default=True,
    help="False alerts a mentee-year you can live with. More of them find falls sooner: of the falls by 1.5 of a "
    "person's usual spread, 1 finds 79 % within 14 days, 2 finds 86 %, 3 finds 88 %, 4 finds 90 %, 6 finds 92 %.",
)
def replay_file(file: BinaryIO, false_alerts: str) -> None:
    """Run the detector over FILE and print every fall it finds, one JSON object a line.

    FILE is CSV, or - for standard input: a header, then one row a mentee and day, in any order. Mood and hope are
    whole numbers from 0 to 10; days without an answer have no row. Nobody is alerted about before 8 answers over
    two weeks. Nothing is stored or sent.

    \b
      mentee,day,mood,hope
      ana,2026-03-01,6,7
      ana,2026-03-02,5,7

    Where a row cannot be read, every such line is named, no alert is printed, and the exit code is 2.

    \b
    Examples:
      checkin trend replay check-ins.csv
      zcat check-ins.csv.gz | checkin trend replay --false-alerts 3 -
    """
    try:
        histories = read(TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline=""))
    except BadRowsError as error:
        click.echo(f"{error}\nNothing was replayed: correct the lines above and try again.", err=True)
        raise click.exceptions.Exit(2) from None
    with _watched(histories) as mentees:
        for mentee in mentees:
            for fall in _falls(mentee, histories[mentee], int(false_alerts)):
                click.echo(msgspec.json.encode(fall))


def _watched(histories: Histories) -> AbstractContextManager[Iterable[str]]:
    """Return the mentees, with a progress bar where somebody is looking."""
    if sys.stderr.isatty():
        return click.progressbar(histories, label="Replaying", file=sys.stderr)
    return nullcontext(histories)
