"""Counts how many texts of a table are read as wanted: by part, language and class."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple


class Outcome(NamedTuple):
    """One row of the table, read; held rows were written before the rules that read them."""

    held: bool
    lang: str
    kind: str
    right: bool


def report(title: str, outcomes: Iterable[Outcome]) -> dict[str, float]:
    """Print right/all per part, language and wanted kind (`pytest -s`); the share right of each part, 0-1."""
    all_of: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for outcome in outcomes:
        part = "held" if outcome.held else "open"
        for group in ("all", f"lang {outcome.lang}", f"kind {outcome.kind}"):
            all_of[part, group] += 1
            right[part, group] += outcome.right
    for part, group in sorted(all_of):
        share = right[part, group] / all_of[part, group]
        print(f"{title:8} {part:5} {group:20} {right[part, group]:4}/{all_of[part, group]:<4} {share:7.1%}")  # noqa: T201
    return {part: right[part, "all"] / all_of[part, "all"] for part in ("open", "held")}
