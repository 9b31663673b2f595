"""The hours of a day in which a person may be nudged, on the clock face."""

from datetime import datetime, time
from functools import lru_cache
from itertools import pairwise

from checkin.core import wall
from checkin.core.wall import Span


@lru_cache(maxsize=1024)
def open_spans(quiet_from: time, quiet_until: time, wall_from: time, wall_until: time) -> tuple[Span, ...]:
    """Return the hours outside the quiet ones and inside the wall, in order, joined where they touch.

    Remembered, because a thousand people due together have few different hours.
    """
    edges = sorted({wall.MIDNIGHT, quiet_from, quiet_until, wall_from, wall_until})
    spans: list[Span] = []
    for at, (start, end) in zip(edges, pairwise([*map(wall.since_midnight, edges), wall.DAY]), strict=True):
        if wall.is_between(at, wall_until, wall_from) or wall.is_between(at, quiet_from, quiet_until):
            continue
        if spans and spans[-1].end == start:
            start = spans.pop().start
        spans.append(Span(start, end))
    return tuple(spans)


def without(spans: tuple[Span, ...], skipped: Span) -> tuple[Span, ...]:
    """Return what is left of *spans* when the clocks skip one."""
    pieces = (
        piece
        for span in spans
        for piece in (
            Span(span.start, min(span.end, skipped.start)),
            Span(max(span.start, skipped.end), span.end),
        )
    )
    return tuple(piece for piece in pieces if piece.start < piece.end)


@lru_cache(maxsize=1024)
def open_until(spans: tuple[Span, ...], zone: str, now: datetime) -> datetime:
    """Return when the one of *spans* ends (UTC) that holds *now* on the wall of *zone*; *now* itself outside them.

    Remembered, because those who are decided together share the moment, and have few different hours.
    """
    shown = wall.since_midnight(wall.local(now, zone).time())
    end = next((span.end for span in spans if span.start <= shown < span.end), None)
    return now if end is None else wall.instant_at(wall.local_day(now, zone), end, zone)
