"""Where a request for help stands, and when somebody is asked about it again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from checkin.core import alerts, help_requests, words
from checkin.core.alerts import ASKED_AGAIN_AFTER
from checkin.core.errors import BadInput
from checkin.core.help_requests import Outcome, Standing, Status, Topic

NOW = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)
"""Monday, 21:00 in New York; Tuesday in UTC."""
ZONE = "America/New_York"
MONDAY = date(2026, 11, 16)
OPEN: dict[str, Any] = dict.fromkeys(
    ("outcome", "closed_at", "alert_outcome", "alert_resolved_at", "taken_by")
)  # Any: as named


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, (Status.open, None)),
        ({"taken_by": uuid4()}, (Status.taken, None)),
        ({"alert_resolved_at": NOW, "alert_outcome": alerts.Outcome.talked}, (Status.done, "talked")),
        ({"alert_resolved_at": NOW, "taken_by": uuid4()}, (Status.done, None)),
        *(
            ({"outcome": one, "closed_at": NOW, "taken_by": uuid4()}, (status, one))
            for one, status in {
                Outcome.helped: Status.done,
                Outcome.referred: Status.done,
                Outcome.not_needed: Status.dropped,
                Outcome.not_possible: Status.dropped,
            }.items()
        ),
    ],
)
def test_a_request_stands_by_its_own_end_then_its_alerts_then_who_has_it(
    known: dict[str, Any],  # Any: as named
    expected: tuple[Status, str | None],
) -> None:
    found = help_requests.standing(**OPEN | known)

    closed_at = None if expected[0] in (Status.open, Status.taken) else NOW
    assert found == Standing(status=expected[0], outcome=expected[1], closed_at=closed_at)


def test_its_own_end_counts_before_that_of_its_alert() -> None:
    found = help_requests.standing(
        outcome=Outcome.not_needed,
        closed_at=NOW,
        alert_outcome=alerts.Outcome.talked,
        alert_resolved_at=NOW + timedelta(days=1),
        taken_by=None,
    )

    assert (found.status, found.closed_at) == (Status.dropped, NOW)


@pytest.mark.parametrize(("wanted", "due"), [(None, 7), (0, 0), (90, 90)])
def test_the_days_are_those_of_the_mentees_own_calendar(wanted: int | None, due: int) -> None:
    day = None if wanted is None else MONDAY + timedelta(days=wanted)

    assert help_requests.due_day(day, NOW, ZONE) == MONDAY + timedelta(days=due)


@pytest.mark.parametrize("days", [-1, 91])
def test_a_day_that_is_over_or_far_away_is_refused(days: int) -> None:
    with pytest.raises(BadInput):
        help_requests.due_day(MONDAY + timedelta(days=days), NOW, ZONE)


@pytest.mark.parametrize(
    ("days", "at"),
    [
        ([2, 5], datetime(2026, 11, 19, 5, 0, tzinfo=UTC)),
        ([-3], NOW + ASKED_AGAIN_AFTER),
        ([0], NOW + ASKED_AGAIN_AFTER),
    ],
    ids=["when the first day is over", "overdue", "over in three hours"],
)
def test_whoever_has_it_is_asked_when_its_day_is_over(days: list[int], at: datetime) -> None:
    due = [MONDAY + timedelta(days=one) for one in days]

    assert help_requests.asked_again_at(due, NOW, ZONE) == at


def test_texts_and_the_app_know_the_same_topics() -> None:
    assert {*words.TOPICS, Topic.other} == {*Topic}


def test_every_outcome_closes_an_alert() -> None:
    assert {help_requests.alert_outcome(one) for one in Outcome} == {alerts.Outcome.talked, alerts.Outcome.referred}
