"""When unanswered nudges are a silence that a mentor should hear of."""

from datetime import date, timedelta

from msgspec import Struct

from checkin.core import nudges, trend
from checkin.core.trend import State

A_DAY = timedelta(days=1)
IGNORED_AFTER_LOW = 5
REPORTS_TO_BE_LOW = 8
"""With fewer reports there is no usual level to be below."""


class Quiet(Struct, frozen=True, kw_only=True):
    """One mentee at the end of a day they were nudged on.

    *ignored* counts the days with a nudge that really left, after the last answer (a skip is an answer) and up to
    *day*; *first_ignored* is the earliest of them. *may_be_heard* is false for anybody paused, opted out,
    unreachable, or not active; *told*: a silence alert was raised since the last answer. *state* is the detector's.
    """

    day: date
    ignored: int
    first_ignored: date | None
    last_day: date | None
    may_be_heard: bool
    told: bool
    state: State


class Silence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a silence alert is explained with: whole *days* without an answer up to its day, and the last one's day.

    Somebody who never answered has no *last_day*; their days are counted from the first nudge. *low*: the last
    reports were below this person's usual.
    """

    days: int
    last_day: date | None = None
    low: bool = False


def find(quiet: Quiet) -> Silence | None:
    """Return the silence, if this is one, once for each time somebody falls silent.

    It is one after 6 ignored nudges, the end of the ladder; after 5 where the last reports were low.
    """
    low = quiet.state.reports >= REPORTS_TO_BE_LOW and trend.was_low(quiet.state)
    _, at_the_end = nudges.ladder(quiet.ignored)
    if not quiet.may_be_heard or quiet.told or quiet.first_ignored is None:
        return None
    if not at_the_end and not (low and quiet.ignored >= IGNORED_AFTER_LOW):
        return None
    since = quiet.last_day or quiet.first_ignored - A_DAY
    return Silence(days=(quiet.day - since).days, last_day=quiet.last_day, low=low)
