"""Tests of what becomes of a message: statuses, errors and the next step after every answer."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.core import carrier_errors, delivery
from checkin.core.carrier_errors import Remedy
from checkin.core.delivery import (
    Accepted,
    Again,
    Answer,
    Busy,
    Dropped,
    Lane,
    Refused,
    Sent,
    Status,
    Uncertain,
    Unsure,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = NOW + timedelta(hours=1)
WORDS = ["accepted", "scheduled", "queued", "sending", "sent", "delivered", "read", "undelivered", "failed"]

TABLE = {
    Remedy.STOP_SMS: [21610],
    Remedy.SUSPEND_NUMBER: [21211, 21614, 21612, 30005, 30006],
    Remedy.GIVE_UP: [21408, 30450, 21617],
    Remedy.STOP_SENDER: [20003, 21212, 21603, 21606, 21703, 21704, 30002, 30032, 30034],
    Remedy.BACK_OFF: [20429, 14107],
    Remedy.WAIT_FOR_ROOM: [21611, 30001, 30022, 30023, 30027, 63038],
    Remedy.NEXT_CHANNEL: [30004, 30007],
    Remedy.RETRY_LATER: [30003, 30008, 30017, 30410],
    Remedy.LET_GO: [30036],
}
FINAL = (Remedy.STOP_SMS, Remedy.SUSPEND_NUMBER, Remedy.GIVE_UP, Remedy.NEXT_CHANNEL, Remedy.LET_GO)
KNOWN = [(code, remedy) for remedy, codes in TABLE.items() for code in codes]


def after(
    answer: Answer, lane: Lane = Lane.NUDGE, attempts: int = 1, expires_at: datetime = HOUR, jitter: float = 0.0
) -> delivery.Decision:
    return delivery.after(answer, lane, attempts, NOW, expires_at, jitter)


@pytest.mark.parametrize(
    ("current", "reported", "expected"),
    [
        (Status.QUEUED, "sent", Status.SENT),
        (Status.CLAIMED, "queued", Status.SENT),
        (Status.UNCERTAIN, "sending", Status.SENT),
        (Status.UNCERTAIN, "failed", Status.FAILED),
        (Status.SENT, "queued", Status.SENT),
        (Status.SENT, "delivered", Status.DELIVERED),
        (Status.SENT, "read", Status.DELIVERED),
        (Status.SENT, "undelivered", Status.UNDELIVERED),
        (Status.DELIVERED, "sent", Status.DELIVERED),
        (Status.DELIVERED, "failed", Status.DELIVERED),
        (Status.DELIVERED, "undelivered", Status.DELIVERED),
        (Status.FAILED, "sent", Status.FAILED),
        (Status.FAILED, "undelivered", Status.FAILED),
        (Status.UNDELIVERED, "failed", Status.UNDELIVERED),
        (Status.UNDELIVERED, "delivered", Status.DELIVERED),
        (Status.CANCELLED, "sent", Status.CANCELLED),
        (Status.CANCELLED, "failed", Status.CANCELLED),
        (Status.EXPIRED, "undelivered", Status.EXPIRED),
        (Status.EXPIRED, "delivered", Status.DELIVERED),
    ],
)
def test_a_callback_moves_a_message_forward_only(current: Status, reported: str, expected: Status) -> None:
    assert delivery.advance(current, reported) is expected


@pytest.mark.parametrize(
    ("current", "word", "expected"),
    [
        (Status.CANCELLED, "sent", Status.SENT),
        (Status.CANCELLED, "queued", Status.SENT),
        (Status.CANCELLED, "undelivered", Status.CANCELLED),
        (Status.CANCELLED, "delivered", Status.DELIVERED),
        (Status.EXPIRED, "sent", Status.EXPIRED),
    ],
)
def test_what_had_left_when_it_was_cancelled_was_sent(current: Status, word: str, expected: Status) -> None:
    assert delivery.advance(current, word, of_latest=True) is expected


@pytest.mark.parametrize(
    "reported", ["huh", "", "DELIVERED", "delivered ", "canceled", "received", "expired", "claimed"]
)
@pytest.mark.parametrize("current", list(Status))
def test_an_unknown_word_changes_nothing(current: Status, reported: str) -> None:
    assert delivery.advance(current, reported) is current


@given(current=st.sampled_from(Status), words=st.lists(st.sampled_from(WORDS) | st.text()))
def test_delivered_is_for_ever_and_repeats_change_nothing(current: Status, words: list[str]) -> None:
    once = reduce(delivery.advance, words, current)
    again = reduce(delivery.advance, words, once)

    assert again is once
    assert (once is Status.DELIVERED) == (current is Status.DELIVERED or bool({"delivered", "read"} & set(words)))


@pytest.mark.parametrize("start", list(Status))
@pytest.mark.parametrize("last", ["delivered", "undelivered", "failed"])
def test_every_order_of_the_same_callbacks_ends_the_same(start: Status, last: str) -> None:
    orders = permutations(["queued", "sending", "sent", last])

    ends = {reduce(delivery.advance, order, start) for order in orders}

    assert len(ends) == 1


@pytest.mark.parametrize(("code", "expected"), KNOWN)
@pytest.mark.parametrize("status", [None, 400, 403, 429, 500])
def test_a_known_code_has_its_remedy_whatever_the_status(code: int, expected: Remedy, status: int | None) -> None:
    assert carrier_errors.remedy(code, status) is expected


@pytest.mark.parametrize("code", [None, 0, 1, 21609, 99999])
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, Remedy.GIVE_UP),
        (302, Remedy.STOP_SENDER),
        (400, Remedy.GIVE_UP),
        (401, Remedy.STOP_SENDER),
        (403, Remedy.STOP_SENDER),
        (404, Remedy.STOP_SENDER),
        (422, Remedy.GIVE_UP),
        (429, Remedy.BACK_OFF),
        (500, Remedy.CHECK),
        (503, Remedy.CHECK),
    ],
)
def test_an_unknown_code_goes_by_the_http_status(code: int | None, status: int | None, expected: Remedy) -> None:
    assert carrier_errors.remedy(code, status) is expected


def test_lanes_are_served_by_urgency() -> None:
    served = sorted(Lane, key=delivery.place)

    assert served == [Lane.CRISIS, Lane.ALERT, Lane.REPLY, Lane.CODE, Lane.NUDGE]


@pytest.mark.parametrize(
    ("lane", "minutes"), [(Lane.NUDGE, 60), (Lane.CODE, 5), (Lane.ALERT, 240), (Lane.CRISIS, 240), (Lane.REPLY, 240)]
)
def test_the_carrier_may_keep_a_nudge_for_an_hour_and_a_code_for_five_minutes(lane: Lane, minutes: int) -> None:
    assert delivery.validity(lane, NOW, NOW + timedelta(hours=4)) == timedelta(minutes=minutes)
    assert delivery.validity(lane, NOW, NOW + timedelta(minutes=3)) == timedelta(minutes=3)


def test_only_alerts_move_on_to_somebody_else() -> None:
    assert [lane for lane in Lane if delivery.moves_on(lane)] == [Lane.CRISIS, Lane.ALERT]


def test_an_accepted_message_is_sent() -> None:
    assert after(Accepted("SM1")) == Sent("SM1")


@pytest.mark.parametrize("answer", [Uncertain("timeout"), Refused(None, 503)])
def test_a_doubtful_one_waits_a_minute_for_its_callback(answer: Answer) -> None:
    assert after(answer) == Unsure(NOW + timedelta(seconds=60))


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 2), (1, 2), (2, 4), (3, 8), (6, 64), (7, 120), (10**9, 120)])
def test_a_busy_carrier_is_given_twice_the_time_each_time(attempts: int, seconds: int) -> None:
    decision = after(Busy(20429, None), attempts=attempts)

    assert decision == Again(NOW + timedelta(seconds=seconds), Remedy.BACK_OFF, 20429)


@pytest.mark.parametrize("answer", [Busy(14107, None), Refused(14107, 429)])
def test_jitter_takes_up_to_half_off_the_wait(answer: Answer) -> None:
    assert after(answer, jitter=1.0) == Again(NOW + timedelta(seconds=1), Remedy.BACK_OFF, 14107)


def test_a_busy_carrier_is_not_asked_before_the_time_it_names() -> None:
    decision = after(Busy(None, timedelta(seconds=30)), jitter=1.0)

    assert decision == Again(NOW + timedelta(seconds=31), Remedy.BACK_OFF, None)


@pytest.mark.parametrize(
    ("lane", "expected"),
    [
        (Lane.CRISIS, Remedy.NEXT_CHANNEL),
        (Lane.ALERT, Remedy.NEXT_CHANNEL),
        (Lane.REPLY, Remedy.LET_GO),
        (Lane.NUDGE, Remedy.LET_GO),
        (Lane.CODE, Remedy.LET_GO),
    ],
)
@pytest.mark.parametrize("answer", [Busy(20429, None), Refused(30022, 400), Busy(20429, timedelta(days=1))])
def test_waiting_ends_with_the_window(answer: Busy | Refused, lane: Lane, expected: Remedy) -> None:
    decision = after(answer, lane, expires_at=NOW + timedelta(seconds=2))

    assert decision == Dropped(expected, answer.code)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 2), (5, 15), (50, 15)])
def test_a_full_queue_is_given_more_time(attempts: int, minutes: int) -> None:
    decision = after(Refused(30001, 400), attempts=attempts)

    assert decision == Again(NOW + timedelta(minutes=minutes), Remedy.WAIT_FOR_ROOM, 30001)


@pytest.mark.parametrize("lane", list(Lane))
def test_an_error_of_our_set_up_stops_the_sender_and_the_message_waits(lane: Lane) -> None:
    waiting = after(Refused(20003, 401), lane)
    too_late = after(Refused(20003, 401), lane, expires_at=NOW)

    assert waiting == Again(NOW + timedelta(minutes=1), Remedy.STOP_SENDER, 20003)
    assert too_late == Dropped(Remedy.STOP_SENDER, 20003)


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize(
    ("code", "expected"),
    [(code, remedy) for code, remedy in KNOWN if remedy in FINAL],
)
def test_a_final_refusal_is_never_repeated(code: int, expected: Remedy, lane: Lane) -> None:
    assert after(Refused(code, 400), lane) == Dropped(expected, code)


@pytest.mark.parametrize("lane", [Lane.NUDGE, Lane.REPLY])
def test_an_unreachable_handset_is_tried_once_more_inside_the_window(lane: Lane) -> None:
    first = delivery.after_failure(30003, None, lane, 1, NOW, HOUR, 0.5)
    after_a_busy_carrier = delivery.after_failure(30003, None, lane, 2, NOW, HOUR, 0.5, before=20429)
    second = delivery.after_failure(30003, None, lane, 2, NOW, HOUR, 0.5, before=30003)
    too_late = delivery.after_failure(30003, None, lane, 1, NOW, NOW + timedelta(minutes=30), 0.5)

    assert first == after_a_busy_carrier == Again(NOW + timedelta(minutes=30), Remedy.RETRY_LATER, 30003)
    assert second == too_late == Dropped(Remedy.LET_GO, 30003)


@pytest.mark.parametrize("lane", [Lane.CRISIS, Lane.ALERT])
def test_an_alert_to_an_unreachable_handset_moves_on_at_once(lane: Lane) -> None:
    assert delivery.after_failure(30003, None, lane, 1, NOW, HOUR, 0.5) == Dropped(Remedy.NEXT_CHANNEL, 30003)


@pytest.mark.parametrize("not_taken", [False, True])
@pytest.mark.parametrize(
    ("lane", "expires_at", "expected"),
    [
        (Lane.CRISIS, HOUR, Again(NOW, Remedy.CHECK, None)),
        (Lane.ALERT, HOUR, Again(NOW, Remedy.CHECK, None)),
        (Lane.ALERT, NOW, Dropped(Remedy.NEXT_CHANNEL, None)),
    ],
)
def test_an_unheard_alert_is_sent_again_in_its_time(
    lane: Lane, expires_at: datetime, expected: object, not_taken: bool
) -> None:
    assert delivery.after_silence(lane, NOW, expires_at, not_taken) == expected


@pytest.mark.parametrize("lane", [Lane.REPLY, Lane.NUDGE, Lane.CODE])
@pytest.mark.parametrize(
    ("expires_at", "not_taken", "expected"),
    [
        (HOUR, False, Dropped(Remedy.LET_GO, None)),
        (HOUR, True, Again(NOW, Remedy.CHECK, None)),
        (NOW, True, Dropped(Remedy.LET_GO, None)),
    ],
)
def test_of_the_other_unheard_only_what_was_surely_not_taken_is_sent_again(
    lane: Lane, expires_at: datetime, not_taken: bool, expected: object
) -> None:
    assert delivery.after_silence(lane, NOW, expires_at, not_taken) == expected


ANSWERS: st.SearchStrategy[Answer] = st.one_of(
    st.builds(Accepted, st.text()),
    st.builds(Refused, st.none() | st.integers(10_000, 99_999), st.integers(300, 599)),
    st.builds(Busy, st.none() | st.integers(), st.none() | st.timedeltas(timedelta(), timedelta(days=1))),
    st.builds(Uncertain, st.text()),
)


@given(
    answer=ANSWERS,
    lane=st.sampled_from(Lane),
    attempts=st.integers(0, 10**6),
    window=st.timedeltas(timedelta(days=-1), timedelta(days=1)),
    jitter=st.floats(0, 1),
)
def test_nothing_is_put_back_past_its_window_or_into_the_past(
    answer: Answer, lane: Lane, attempts: int, window: timedelta, jitter: float
) -> None:
    decision = delivery.after(answer, lane, attempts, NOW, NOW + window, jitter)

    assert not isinstance(decision, Again) or NOW < decision.at < NOW + window
