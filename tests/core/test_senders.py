"""Tests of a sender's circuit: what stops it, what a probe proves, and that no clock keeps it stopped."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checkin.core import senders
from checkin.core.senders import Bucket, Circuit

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FULL = Bucket(100, NOW)
PROBE = UUID(int=1)


def failing(reports: int = 0, refusals: int = 0, circuit: Circuit | None = None) -> Circuit:
    circuit = circuit or Circuit()
    for _ in range(refusals):
        circuit = senders.after_refusal(circuit, uuid4(), NOW)
    for _ in range(reports):
        circuit = senders.after_bad_report(circuit, uuid4(), NOW)
    return circuit


@pytest.mark.parametrize(("refusals", "reports"), [(5, 0), (0, 5), (4, 5), (5, 4)])
def test_five_errors_of_one_kind_in_a_row_stop_the_sender_for_a_minute(refusals: int, reports: int) -> None:
    circuit = failing(refusals=refusals, reports=reports)

    assert circuit.open_until == NOW + MINUTE
    assert senders.room(FULL, circuit, 20, NOW) == 0
    assert senders.room(FULL, circuit, 20, NOW + MINUTE) == 1


def test_an_acceptance_ends_a_row_of_refusals_and_not_one_of_reports() -> None:
    circuit = senders.after_acceptance(failing(refusals=4, reports=4), uuid4(), NOW)

    assert (circuit.failures, circuit.reported) == (0, 4)


def test_an_arrival_ends_a_row_of_reports_and_not_one_of_refusals() -> None:
    circuit = senders.after_arrival(failing(refusals=4, reports=4), uuid4())

    assert (circuit.failures, circuit.reported) == (4, 0)


def test_attempts_that_were_under_way_when_it_opened_do_not_keep_it_open() -> None:
    open_one = failing(reports=5)

    assert senders.after_refusal(open_one, uuid4(), NOW + MINUTE) == open_one
    assert senders.after_bad_report(open_one, uuid4(), NOW + MINUTE) == open_one
    assert senders.after_arrival(open_one, uuid4()) == open_one


def test_an_accepted_probe_is_on_trial_where_reports_stopped_the_sender() -> None:
    probing = senders.after_claim(failing(reports=5), PROBE, 2 * MINUTE, NOW)

    on_trial = senders.after_acceptance(probing, PROBE, NOW)

    assert senders.room(FULL, on_trial, 20, NOW + MINUTE / 2) == 0
    assert senders.state(on_trial, NOW) == "half-open"
    assert senders.room(FULL, on_trial, 20, NOW + MINUTE) == 20
    assert senders.after_claim(on_trial, uuid4(), MINUTE, NOW + MINUTE) == Circuit()
    assert senders.after_arrival(on_trial, PROBE) == Circuit()
    assert senders.after_bad_report(on_trial, PROBE, NOW).open_until == NOW + 2 * MINUTE


def test_an_accepted_probe_closes_a_circuit_that_refusals_opened() -> None:
    probing = senders.after_claim(failing(refusals=5), PROBE, 2 * MINUTE, NOW)

    assert senders.after_acceptance(probing, PROBE, NOW) == Circuit()


@given(
    refusals=st.integers(0, 6),
    reports=st.integers(0, 6),
    openings=st.integers(0, 1000),
    step=st.timedeltas(timedelta(days=-400), timedelta(days=400)),
)
def test_a_sender_is_tried_again_within_fifteen_minutes_however_the_clock_steps(
    refusals: int, reports: int, openings: int, step: timedelta
) -> None:
    circuit = failing(reports, refusals, replace(Circuit(), openings=openings))

    assert senders.room(FULL, circuit, 20, NOW + step) > 0 or senders.room(FULL, circuit, 20, NOW + step + 15 * MINUTE)
