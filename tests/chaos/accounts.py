"""What became of every message: what the carrier took, beside what the outbox says, and which promise is broken."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from msgspec import Struct

from checkin.core.delivery import Lane, Status, moves_on
from checkin.store.outbox import Letter
from checkin.store.pool import Pool
from tests.chaos.carrier import Arrival

MENTEES = 100  # the carrier's list shows the newest 50 messages to a number
LANES = {Lane.CRISIS: 5, Lane.ALERT: 15, Lane.REPLY: 30, Lane.NUDGE: 50}  # in a hundred messages
KNOWN = (Status.SENT, Status.DELIVERED)
COLUMNS = ("queued", "once", "more", "never", "sent", "uncertain")
TITLES = ("queued", "arrived once", "arrived again", "never arrived", "said sent", "said uncertain")

STATUSES = """
    select id, status from outbox
"""


class Fate(Struct, frozen=True):
    """One message: its lane, how often it arrived, and what the outbox says of it."""

    lane: Lane
    arrived: int
    status: Status


class Account(Struct, frozen=True, kw_only=True):
    """Every message that was queued, and how many arrivals are of none of them or do not say what was queued."""

    fates: list[Fate]
    strange: int


def lane_of(number: int) -> Lane:
    """Return the lane of a message, so that every hundred in a row hold what `LANES` says, well mixed."""
    place = number * 37 % 100
    for lane, share in LANES.items():
        if place < share:
            return lane
        place -= share
    raise AssertionError


def words_of(number: int) -> str:
    """Return the words of a message; every second one to half of the phones says what the one before it said."""
    repeats = number // MENTEES % 2 == 1 and number % MENTEES < MENTEES // 2
    return f"message {number - MENTEES if repeats else number:06d}"


async def account(pool: Pool, letters: Mapping[UUID, Letter], arrivals: Iterable[Arrival]) -> Account:
    """Draw up the account of *letters*, by their ids in the outbox.

    Which of two with the same words to the same phone arrived, its reader cannot tell, nor the carrier's list: what
    came of one may have been found for the other. It makes up for one that was said to be sent, for no other.
    """
    taken: Counter[UUID] = Counter()
    strange = 0
    for arrival in arrivals:
        letter = letters.get(arrival.message)
        if letter is None or (letter.phone, letter.body) != (arrival.to, arrival.body):
            strange += 1
        else:
            taken[arrival.message] += 1
    async with pool.acquire(patience=10) as conn:
        said = {row["id"]: Status(row["status"]) for row in await conn.fetch(STATUSES)}
    alike: dict[tuple[str, str], list[UUID]] = defaultdict(list)
    for number, letter in letters.items():
        alike[letter.phone, letter.body].append(number)
    fates = []
    for numbers in alike.values():
        numbers.sort(key=lambda number: said[number] not in KNOWN)
        arrived = _dealt(numbers, taken, said)
        fates += [Fate(letters[number].lane, arrived[number], said[number]) for number in numbers]
    return Account(fates=fates, strange=strange + len(said) - len(letters))


def _dealt(numbers: list[UUID], taken: Counter[UUID], said: Mapping[UUID, Status]) -> Counter[UUID]:
    """Return how often each of *numbers*, which say the same, arrived; those that were said to be sent are first.

    Each of these once, as far as all arrivals go, then the others by their own; what is left arrived again.
    """
    arrived: Counter[UUID] = Counter()
    spare = sum(taken[number] for number in numbers)
    for number in numbers:
        if spare and (said[number] in KNOWN or taken[number]):
            arrived[number] = 1
            spare -= 1
    arrived[max(numbers, key=taken.__getitem__)] += spare
    return arrived


def broken_promises(drawn: Account, *, calls_back: bool, lists: bool) -> list[str]:
    """Return one line for each promise that does not hold, for a carrier that reports or not, and *lists* or not."""
    fates = drawn.fates
    counts = {
        "not of ours": drawn.strange,
        "neither sent nor given up": sum(one.status not in (*KNOWN, Status.UNCERTAIN) for one in fates),
        "said to be sent, never arrived": sum(one.status in KNOWN and not one.arrived for one in fates),
        "alerts lost": sum(moves_on(one.lane) and not one.arrived for one in fates),
        "others doubled": sum(not moves_on(one.lane) and one.arrived > 1 for one in fates),
    }
    if calls_back:
        counts["lost though the carrier reports"] = sum(not one.arrived for one in fates)
        counts["uncertain though the carrier reports"] = sum(one.status is Status.UNCERTAIN for one in fates)
    if calls_back or lists:
        counts["doubled though the carrier tells"] = sum(one.arrived > 1 for one in fates)
    return [f"{count} messages {what}" for what, count in counts.items() if count]


def table(drawn: Account) -> str:
    """Return the counts by lane, and of all."""
    rows = [(str(lane), [one for one in drawn.fates if one.lane is lane]) for lane in LANES]
    rows.append(("all", drawn.fates))
    lines = [f"{'':<8}" + "".join(f"{title:>16}" for title in TITLES)]
    for name, fates in rows:
        counts = _counts(fates)
        lines.append(f"{name:<8}" + "".join(f"{counts[column]:>16}" for column in COLUMNS))
    return "\n".join(lines)


def _counts(fates: list[Fate]) -> dict[str, int]:
    return {
        "queued": len(fates),
        "once": sum(one.arrived == 1 for one in fates),
        "more": sum(one.arrived > 1 for one in fates),
        "never": sum(one.arrived == 0 for one in fates),
        "sent": sum(one.status in KNOWN for one in fates),
        "uncertain": sum(one.status is Status.UNCERTAIN for one in fates),
    }
