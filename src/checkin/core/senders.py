"""Whether a sender may send: its rate as a bucket of tokens, its set-up as a circuit."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

FAILURES_TO_OPEN: Final = 5  # set-up errors in a row after which a sender is stopped
STEPPED_BACK: Final = timedelta(minutes=1)  # a clock behind by more was set back; by less, two machines differ
TRIAL: Final = timedelta(minutes=1)
"""How long an accepted probe is waited for, when it was reports that stopped the sender."""

_FIRST_OPEN: Final = timedelta(minutes=1)
_LONGEST_OPEN: Final = timedelta(minutes=15)


class Bucket(Struct, frozen=True):
    """How many messages a sender may send at once, counted at *filled_at* (UTC)."""

    tokens: float
    filled_at: datetime


class Circuit(Struct, frozen=True, kw_only=True):
    """Whether a sender's set-up works: errors in a row, and how often in a row that stopped it.

    *failures* are the carrier's refusals; *reported* are errors that it reported of messages it had accepted, since
    one was reported as delivered: an unregistered number shows only so. Until *open_until* nothing is sent; then one
    attempt, *probe*, finds out. None: the circuit is closed.
    """

    failures: int = 0
    reported: int = 0
    openings: int = 0
    open_until: datetime | None = None
    probe: UUID | None = None


def fill(bucket: Bucket, rate: float, now: datetime) -> Bucket:
    """Return the bucket with what *rate* (messages a second) has added by *now*: at most a second's worth and one.

    Clocks that differ by a little make no tokens, and one that was set back does not stop the sender.
    """
    passed = (now - bucket.filled_at).total_seconds()
    tokens = min(bucket.tokens + max(passed, 0) * rate, rate + 1)
    was_set_back = bucket.filled_at - now > STEPPED_BACK
    return Bucket(tokens, now if was_set_back else max(bucket.filled_at, now))


def room(bucket: Bucket, circuit: Circuit, most: int, now: datetime) -> int:
    """Return how many messages, 0 to *most*, may be claimed; one when a stopped sender is to be tried again."""
    if _is_shut(circuit, now):
        return 0
    return 1 if _is_broken(circuit) else min(int(bucket.tokens), most)


def after_claim(circuit: Circuit, attempt: UUID, wait: timedelta, now: datetime) -> Circuit:
    """Return the circuit after *attempt* was claimed where `room` allowed it; a probe is waited for until *wait* ends.

    A probe that was accepted, and of which nothing bad was reported in its trial, has closed the circuit.
    """
    if _is_broken(circuit):
        return replace(circuit, open_until=now + wait, probe=attempt)
    return circuit if circuit.open_until is None else Circuit()


def after_refusal(circuit: Circuit, attempt: UUID, now: datetime) -> Circuit:
    """Return the circuit after the carrier refused *attempt* because of our set-up.

    It opens at `FAILURES_TO_OPEN` in a row for a minute, and for twice as long, up to 15 minutes, each time that
    the probe fails too. Attempts that were under way when it opened change nothing.
    """
    if _is_bystander(circuit, attempt):
        return circuit
    return _opened(replace(circuit, failures=min(circuit.failures + 1, FAILURES_TO_OPEN)), now)


def after_bad_report(circuit: Circuit, attempt: UUID, now: datetime) -> Circuit:
    """Return the circuit after *attempt*, once accepted, was reported as failed because of our set-up."""
    if _is_bystander(circuit, attempt):
        return circuit
    return _opened(replace(circuit, reported=min(circuit.reported + 1, FAILURES_TO_OPEN)), now)


def after_acceptance(circuit: Circuit, attempt: UUID, now: datetime) -> Circuit:
    """Return the circuit after the carrier took *attempt*, or refused it for a reason that is not our set-up.

    That ends a row of refusals. It says nothing about errors that only a report tells: where those stopped the
    sender, its probe is on trial.
    """
    if circuit.reported < FAILURES_TO_OPEN:
        return circuit if _is_on_trial(circuit) else Circuit(reported=circuit.reported)
    if attempt != circuit.probe:
        return circuit
    on_trial = FAILURES_TO_OPEN - 1
    return replace(circuit, failures=0, reported=on_trial, open_until=now + TRIAL)


def after_arrival(circuit: Circuit, attempt: UUID) -> Circuit:
    """Return the circuit after *attempt* was reported as delivered: the row of bad reports has ended."""
    if attempt == circuit.probe:
        return Circuit()
    return circuit if circuit.open_until is not None else replace(circuit, reported=0)


def state(circuit: Circuit, now: datetime) -> str:
    """Return `closed`, `open`, or `half-open` when a probe may go, or is under way."""
    if circuit.open_until is None or not (_is_broken(circuit) or _is_shut(circuit, now)):
        return "closed"
    return "half-open" if not _is_shut(circuit, now) or circuit.probe is not None else "open"


def _is_broken(circuit: Circuit) -> bool:
    return max(circuit.failures, circuit.reported) >= FAILURES_TO_OPEN


def _is_shut(circuit: Circuit, now: datetime) -> bool:
    """Say whether nothing may be sent yet; no pause is longer than the longest, or the clock was set back."""
    return circuit.open_until is not None and now < circuit.open_until <= now + _LONGEST_OPEN


def _is_on_trial(circuit: Circuit) -> bool:
    return circuit.open_until is not None and not _is_broken(circuit)


def _is_bystander(circuit: Circuit, attempt: UUID) -> bool:
    return circuit.open_until is not None and attempt != circuit.probe


def _opened(circuit: Circuit, now: datetime) -> Circuit:
    if not _is_broken(circuit):
        return circuit
    wait = min(_FIRST_OPEN * (1 << min(circuit.openings, 8)), _LONGEST_OPEN)
    return replace(circuit, openings=min(circuit.openings + 1, 1000), open_until=now + wait, probe=None)
