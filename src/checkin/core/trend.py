"""Find a lasting fall from one person's own usual mood and hope, report by report.

Three one-sided CUSUMs (both together, mood, hope) of scores measured against a baseline learned from the same person.
Nothing runs on a day without a report. The constants were calibrated together on simulated people, two false alerts a
mentee-year at the default setting: changing any one of them means calibrating again.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from math import floor, sqrt

from msgspec import Struct

H0 = {1: 3.67, 2: 2.9, 3: 2.45, 4: 2.11, 6: 1.63}
"""False alerts a mentee-year, the one thing a programme chooses, to the alert threshold before it is scaled."""

REPORTS_NEEDED = 8  # fewer than this, or fewer days than the next, and the usual range is still being learned
DAYS_NEEDED = 13
DAYS_BETWEEN_ALERTS = 14
STALE_AFTER = 21  # days missed in a row after which evidence no longer counts
SETTLED = 60  # reports after which the baseline moves no slower
EARLY = 6  # fewer reports than this behind the baseline, and it moves freely
ANCHOR_AGE = 32  # days; two more than an edit may reach back, so that two time zones cannot break it

_RATE_KEPT = tuple((29 / 30) ** (missed + 1) for missed in range(11))  # the rate is one of about 30 days
_TRUST = tuple(1 / sqrt(1 + 6 / (known + 3)) for known in range(SETTLED + 1))  # an uncertain baseline counts for less
_BOTH = sqrt(2 + 2 * 0.6)  # spread of the sum of two z-scores that correlate by 0.6
LEAST_VARIANCE = 0.8**2
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 - not twelve lines
)


class Channel(StrEnum):
    """What fell."""

    both = "both"
    mood = "mood"
    hope = "hope"


_CHANNELS = tuple(Channel)


class Report(Struct, frozen=True, array_like=True):
    """One answered day on the mentee's own calendar; mood and hope are whole numbers 0-10, already checked."""

    day: date
    mood: int
    hope: int


class Fall(Struct, frozen=True, kw_only=True):
    """What an alert is explained with.

    `since` to `day` is the run of reports behind it: how many, and their means (0-10). The usual levels are those
    believed on `day`, before that day's report moved them. `statistic` went over `threshold`.
    """

    day: date
    channel: Channel
    since: date
    reports: int
    mean_mood: float
    mean_hope: float
    usual_mood: float
    usual_hope: float
    statistic: float
    threshold: float


class Run(Struct, frozen=True, array_like=True):
    """One CUSUM and the reports gathered since it left 0. Seven numbers, encoded in this order.

    The low marks are those of the latest report and of the one before it. While the statistic is 0, `since` (a day
    ordinal), the count and the sums are 0.
    """

    statistic: float = 0.0
    low: bool = False
    low_before: bool = False
    since: int = 0
    reports: int = 0
    mood: int = 0
    hope: int = 0


Runs = tuple[Run, Run, Run]
"""Of both, mood, hope."""


class Level(Struct, frozen=True, array_like=True):
    """One person's usual score (0-10) as believed so far; the variance in points squared."""

    mean: float = 6.0
    variance: float = 1.5**2


class State(Struct, frozen=True, array_like=True):
    """All that is remembered of a person: 32 numbers, encoded in this order, so fields are only ever added at the end.

    Days are proleptic ordinals (`date.toordinal`), 0 for none. `rate` is the share of days answered lately (0-1),
    `known` the effective number of reports behind the baseline, `recent_z` an exponentially weighted (0.4) z-score of
    both scores.
    """

    first_day: int = 0
    last_day: int = 0
    last_alert_day: int = 0
    reports: int = 0
    rate: float = 0.66
    known: int = 0
    mood: Level = Level()
    hope: Level = Level()
    recent_z: float = 0.0
    runs: Runs = (Run(), Run(), Run())


START = State()


class Trail(Struct, frozen=True, array_like=True):
    """The state, with two earlier ones from which a late or edited report is folded in again exactly.

    `anchor` is START, or a state at least 32 days older than the newest report; edits reach back 30 days.
    """

    state: State = START
    anchor: State = START
    next_anchor: State = START


def last_day(state: State) -> date | None:
    """Return the day of the newest report folded in."""
    return date.fromordinal(state.last_day) if state.last_day else None


def last_alert_day(state: State) -> date | None:
    """Return the day of the newest fall found."""
    return date.fromordinal(state.last_alert_day) if state.last_alert_day else None


def was_low(state: State) -> bool:
    """Say whether the last reports were low enough for silence after them to be worth a word."""
    return state.recent_z < -0.8


def cusum(before: float, y: float, slack: float = 0.5) -> float:
    """Return max(0, before - y - slack): one step of Page's one-sided CUSUM for a fall of y, in spreads.

    Written with abs, which is exact and, unlike max, takes whole arrays too.
    """
    after = before - y - slack
    return (after + abs(after)) / 2


def fold(state: State, reports: Iterable[Report], false_alerts_per_year: int = 2) -> tuple[State, list[Fall]]:
    """Return the state after *reports*, and every fall found; the days must rise, else ValueError."""
    falls = []
    for report in reports:
        state, fall = update(state, report, false_alerts_per_year)
        if fall is not None:
            falls.append(fall)
    return state, falls


def update(state: State, report: Report, false_alerts_per_year: int = 2) -> tuple[State, Fall | None]:
    """Return the state after *report*, and the fall it shows, if any.

    ValueError where the report is not later than every one before it (fold the person's reports again instead), or
    where *false_alerts_per_year* is not 1, 2, 3, 4 or 6.
    """
    day = report.day.toordinal()
    missed = _days_missed(state, day)
    before, known = state.runs, state.known
    if missed >= STALE_AFTER:
        before, known = START.runs, min(known, 15)
    rate = state.rate * _RATE_KEPT[min(missed, 10)] + 1 / 30
    spread_mood = sqrt(max(state.mood.variance, LEAST_VARIANCE))
    spread_hope = sqrt(max(state.hope.variance, LEAST_VARIANCE))
    z_mood = (report.mood - state.mood.mean) / spread_mood
    z_hope = (report.hope - state.hope.mean) / spread_hope
    z_both = (z_mood + z_hope) / _BOTH
    trust = _TRUST[min(known, SETTLED)]
    runs = (
        _join(before[0], trust * z_both, day, report),
        _join(before[1], trust * z_mood, day, report),
        _join(before[2], trust * z_hope, day, report),
    )
    fall = _find(state, before, runs, report, _threshold(rate, false_alerts_per_year))
    last_alert_day = state.last_alert_day
    if fall is not None:
        runs = (_rest(runs[0]), _rest(runs[1]), _rest(runs[2]))
        last_alert_day, known = day, min(known, 4)  # learn the new level: a lasting fall must not alert for ever
    mood = _learn(state.mood, report.mood, spread_mood, known)
    hope = _learn(state.hope, report.hope, spread_hope, known)
    recent_z = state.recent_z + 0.4 * (z_both - state.recent_z)
    first_day, reports = state.first_day or day, state.reports + 1
    after = State(first_day, day, last_alert_day, reports, rate, known + 1, mood, hope, recent_z, runs)
    return after, fall


def _days_missed(state: State, day: int) -> int:
    if not state.reports:
        return 0
    missed = day - state.last_day - 1
    if missed < 0:
        late, newest = date.fromordinal(day), date.fromordinal(state.last_day)
        raise ValueError(f"the report of {late} is not later than that of {newest}: fold the reports again, in order")
    return missed


def _threshold(rate: float, false_alerts_per_year: int) -> float:
    """Return the threshold that keeps false alerts a year the same whatever the share of days answered."""
    try:
        h0 = H0[false_alerts_per_year]
    except KeyError:
        raise ValueError(f"false alerts a year is {false_alerts_per_year}, expected one of 1, 2, 3, 4, 6") from None
    return h0 * (1 + 2.6 / 3 * (min(max(rate, 0.35), 1.0) - 0.66))


def _join(run: Run, y: float, day: int, report: Report) -> Run:
    """Return *run* after one more report that lies *y* spreads over the usual level, winsorised to 2."""
    y = -2.0 if y < -2.0 else min(y, 2.0)
    statistic = cusum(run.statistic, y)
    low = y < -0.75
    if not statistic:
        return Run(0.0, low, run.low)
    if not run.statistic:
        return Run(statistic, low, run.low, day, 1, report.mood, report.hope)
    reports, mood, hope = run.reports + 1, run.mood + report.mood, run.hope + report.hope
    return Run(statistic, low, run.low, run.since, reports, mood, hope)


def _rest(run: Run) -> Run:
    """Return *run* with its evidence gone; the low marks stay."""
    return Run(0.0, run.low, run.low_before)


def _strength(before: Run, after: Run) -> float:
    """Return the statistic where today's low was confirmed by one of the two reports before, else 0."""
    return after.statistic if after.low and (before.low or before.low_before) else 0.0


def _find(state: State, before: Runs, after: Runs, report: Report, threshold: float) -> Fall | None:
    """Return the strongest of the three where it is over the threshold and we may speak; *state* is yesterday's."""
    day = report.day.toordinal()
    if state.reports + 1 < REPORTS_NEEDED or day - state.first_day < DAYS_NEEDED:
        return None
    if day - state.last_alert_day < DAYS_BETWEEN_ALERTS:
        return None
    both = _strength(before[0], after[0])
    mood = _strength(before[1], after[1]) / 1.15
    hope = _strength(before[2], after[2]) / 1.15
    statistic = max(both, mood, hope)
    if statistic <= threshold:
        return None
    which = (both, mood, hope).index(statistic)
    run = after[which]
    return Fall(
        day=report.day,
        channel=_CHANNELS[which],
        since=date.fromordinal(run.since),
        reports=run.reports,
        mean_mood=run.mood / run.reports,
        mean_hope=run.hope / run.reports,
        usual_mood=state.mood.mean,
        usual_hope=state.hope.mean,
        statistic=statistic,
        threshold=threshold,
    )


def _learn(level: Level, score: int, spread: float, known: int) -> Level:
    """Return *level* after one more score, a far one pulled in."""
    early = known < EARLY
    reach = (4.0 if early else 2.5) * spread
    u = min(max(score - level.mean, -reach), reach)
    k = min(known, SETTLED)
    step = 1 / (k + 1.5)
    square = (1.0 if early else 1.3) * u * u * (1 - step)
    return Level(level.mean + step * u, level.variance + (square - level.variance) / (k + 13))


def advance(trail: Trail, report: Report, false_alerts_per_year: int = 2) -> tuple[Trail, Fall | None]:
    """Return the trail after a report later than all before, and the fall it shows; ValueError as for `update`."""
    state, fall = update(trail.state, report, false_alerts_per_year)
    if state.last_day - trail.next_anchor.last_day < ANCHOR_AGE:
        return Trail(state, trail.anchor, trail.next_anchor), fall
    return Trail(state, trail.next_anchor, state), fall


def refold(
    trail: Trail, reports_since_anchor: Iterable[Report], false_alerts_per_year: int = 2
) -> tuple[Trail, list[Fall]]:
    """Return the trail as if every report had come in order, and every fall found since the anchor.

    *reports_since_anchor* are all the person's reports later than `last_day(trail.anchor)`, at most about 65, one a
    day and in any order; ValueError where a day comes twice or lies before the anchor. The falls include those found
    before: an alert already sent is never taken back, so look for the days that are new.
    """
    trail, falls = Trail(trail.anchor, trail.anchor, trail.anchor), []
    for report in sorted(reports_since_anchor, key=lambda report: report.day):
        trail, fall = advance(trail, report, false_alerts_per_year)
        if fall is not None:
            falls.append(fall)
    return trail, falls


def sentence(name: str, fall: Fall) -> str:
    """Return the one sentence that explains *fall* to a mentor; shown behind login, never sent by SMS."""
    since, over = f"{fall.since.day} {_MONTHS[fall.since.month - 1]}", _counted(fall.reports)
    mood, hope = half_points(fall.mean_mood), half_points(fall.mean_hope)
    usual_mood, usual_hope = half_points(fall.usual_mood), half_points(fall.usual_hope)
    if fall.channel is Channel.both:
        return (
            f"{name}'s mood and hope have been below their usual level since {since}: "
            f"{over} averaging {mood} and {hope}, usually about {usual_mood} and {usual_hope}."
        )
    if fall.channel is Channel.mood:
        return (
            f"{name}'s mood has averaged {mood} over {over} since {since}, "
            f"against a usual {usual_mood}; hope is about as usual."
        )
    return (
        f"{name}'s hope has averaged {hope} over {over} since {since}, "
        f"against a usual {usual_hope}; mood is about as usual."
    )


def _counted(reports: int) -> str:
    return "1 report" if reports == 1 else f"{reports} reports"


def half_points(score: float) -> str:
    """Return a mean score to the nearest half point: "6", "6.5"."""
    return f"{floor(score * 2 + 0.5) / 2:g}"
