"""A rule tried on past answers: counted by week and by mentor, beside the one that is on."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from checkin import core
from checkin.core.dry_runs import Count, DryRun, History, Span, Trial
from tests.histories import programme, reports
from tests.people import DAY, MONDAY

ANA = UUID(int=1)
YEAR = core.dry_runs.standard_span(MONDAY)


def run(histories: list[History], on: int, tried: int, span: Span = YEAR) -> DryRun:
    trial = Trial(on=on, tried=tried, span=span)
    folded = [core.dry_runs.fold(history, trial) for history in histories]
    heard = [one for one, _ in folded if one is not None]
    return core.dry_runs.summarise(trial, heard, [alert for _, found in folded for alert in found])


@pytest.mark.parametrize("seed", range(5))
def test_more_false_alerts_a_year_never_mean_fewer_alerts_in_a_programme(seed: int) -> None:
    histories = programme(seed, 60, 364)

    totals = [run(histories, 2, budget).total.tried for budget in core.trend.H0]

    assert totals == sorted(totals)
    assert totals[0] < totals[-1]


def test_the_rule_that_is_on_finds_what_it_finds_alone_whatever_is_tried_beside_it() -> None:
    histories = programme(1, 30, 364)

    alone = run(histories, 2, 2)
    beside = run(histories, 2, 4)

    assert beside.total.on == alone.total.on == alone.total.tried > 0
    assert {(one.mentee_id, one.fall.day) for one in beside.alerts if one.on} == {
        (one.mentee_id, one.fall.day) for one in alone.alerts
    }


def test_every_alert_is_in_one_week_and_one_mentors_load() -> None:
    done = run(programme(2, 40, 364), 1, 4)

    for totals in (list(done.weeks.values()), [load.alerts for load in done.mentors]):
        assert Count(sum(one.on for one in totals), sum(one.tried for one in totals)) == done.total
    assert sum(load.mentees for load in done.mentors) == done.mentees == 40
    assert {load.mentor_id for load in done.mentors} == {history.mentor_id for history in programme(2, 40, 364)}


def test_weeks_are_counted_by_their_mondays_and_none_is_left_out() -> None:
    done = run(programme(3, 5, 100), 2, 2, Span(MONDAY - 98 * DAY, MONDAY))

    mondays = list(done.weeks)
    assert mondays[-1] == MONDAY
    assert {monday.weekday() for monday in mondays} == {0}
    assert {after - before for before, after in pairwise(mondays)} == {timedelta(days=7)}
    assert all(done.weeks[one.fall.day - timedelta(days=one.fall.day.weekday())] != Count() for one in done.alerts)


def test_days_before_the_span_teach_and_do_not_count() -> None:
    history = History(mentee_id=ANA, mentor_id=None, reports=reports(7, 240))
    half = Span(MONDAY - 119 * DAY, MONDAY)

    whole, late = run([history], 2, 2), run([history], 2, 2, half)

    assert late.alerts == [one for one in whole.alerts if one.fall.day >= half.first] != whole.alerts
    assert late.reports < whole.reports


def test_days_after_the_span_are_not_looked_at() -> None:
    history = History(mentee_id=ANA, mentor_id=None, reports=reports(7, 240))
    until = MONDAY - 100 * DAY

    early = run([history], 2, 2, Span(MONDAY - 239 * DAY, until))

    assert early.alerts == [one for one in run([history], 2, 2).alerts if one.fall.day <= until] != []


def test_the_span_begins_with_the_first_report_so_that_a_week_is_a_real_one() -> None:
    history = History(mentee_id=ANA, mentor_id=None, reports=reports(7, 70))

    done = run([history], 2, 2)

    assert done.trial.span == Span(history.reports[0].day, MONDAY)
    assert done.a_week(10) == pytest.approx(10 / (done.trial.span.days / 7))


def test_a_programme_without_answers_has_a_run_without_alerts() -> None:
    done = run([History(mentee_id=ANA, mentor_id=None, reports=[])], 2, 3, Span(date(2026, 1, 5), date(2026, 1, 18)))

    assert (done.mentees, done.reports, done.total, done.alerts, done.mentors) == (0, 0, Count(), [], [])
    assert done.weeks == {date(2026, 1, 5): Count(), date(2026, 1, 12): Count()}
