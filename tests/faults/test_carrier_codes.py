"""Fault 7: every error code of the carrier, as the answer to a request and in a callback, for a nudge and an alert."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from checkin import flows, store
from checkin.config import Settings
from checkin.core.alerts import Kind
from checkin.core.delivery import Lane
from checkin.core.senders import Circuit
from checkin.flows.delivery import Sender
from checkin.gateway.twilio import Twilio
from checkin.store.pool import Connection, Pool
from tests import pretend_twilio
from tests.api.calls import STATUS, Client, post_form
from tests.faults.counts import tell
from tests.flows.test_delivery import CALLBACKS, queue
from tests.people import NOW, Cast
from tests.pretend_twilio import PretendTwilio

CODES = {
    "opted out": [21610],
    "bad number": [21211, 21614, 21612, 30005, 30006],
    "region or fraud": [21408, 30450],
    "our set-up": [20003, 21212, 21603, 21606, 21703, 21704, 30002, 30032, 30034],
    "busy": [20429, 14107],
    "no room": [21611, 30001, 30022, 30023, 30027, 63038],
    "filtered": [30004, 30007],
    "handset": [30003, 30008, 30017, 30410],
    "validity over": [30036],
    "too long": [21617],
    "unknown": [29999],
}
HTTP = {20003: 401, 21408: 403, 20429: 429}


class Became(NamedTuple):
    """What an answer led to: how the message stands, when it goes again, who is not texted, what happens beside it."""

    status: str
    again: str = "never"
    person: str = "texted"
    moved_on: bool = False
    counted: bool = False


ENDED = Became("failed")
NUDGE_REFUSED = {
    "opted out": Became("failed", person="opted out"),
    "bad number": Became("failed", person="unreachable"),
    "region or fraud": ENDED,
    "our set-up": Became("queued", "a minute", counted=True),
    "busy": Became("queued", "seconds"),
    "no room": Became("queued", "a minute"),
    "filtered": ENDED,
    "handset": Became("queued", "half an hour"),
    "validity over": ENDED,
    "too long": ENDED,
    "unknown": ENDED,
}
ALERT_REFUSED = {
    group: became._replace(moved_on=became.status == "failed") for group, became in NUDGE_REFUSED.items()
} | {"handset": Became("failed", moved_on=True)}
NUDGE_REPORTED = {
    group: became._replace(status="undelivered" if became.status == "failed" else "queued")
    for group, became in NUDGE_REFUSED.items()
}
ALERT_REPORTED = {group: became._replace(moved_on=True) for group, became in NUDGE_REPORTED.items()} | {
    "handset": Became("undelivered", moved_on=True)
}
Provoke = Callable[[int], Awaitable[datetime]]


@pytest.fixture
def sender(settings: Settings) -> Sender:
    return Sender(settings.carrier.sender, 1000)


async def refuse(pool: Pool, pretend: PretendTwilio, twilio: Twilio, sender: Sender, code: int) -> datetime:
    """Let the carrier refuse the waiting message, and return when."""
    pretend.plan([pretend_twilio.error(HTTP.get(code, 400), code)])
    await flows.delivery.send_due(pool, twilio, sender, CALLBACKS, lambda: NOW)
    return NOW


async def report(
    pool: Pool, conn: Connection, twilio: Twilio, sender: Sender, client: Client, settings: Settings, code: int
) -> datetime:
    """Let the carrier accept the waiting message and then report, signed, that it did not arrive; return when."""
    await flows.delivery.send_due(pool, twilio, sender, CALLBACKS, lambda: NOW)
    row = await conn.fetchrow("select id, attempt_id, provider_sid from outbox where sent_at is not null")
    assert row is not None
    form = {"AccountSid": settings.carrier.account_sid, "MessageSid": row["provider_sid"]}
    form |= {"MessageStatus": "undelivered", "ErrorCode": str(code)}
    told = await post_form(client, settings, f"{STATUS}?message={row['id']}&attempt={row['attempt_id']}", form)
    assert told.status_code == 204
    now: datetime = client.app.state.clock.now()
    return now


async def ask_about(conn: Connection, people: Cast, lane: Lane) -> None:
    """Begin anew with one message that waits: a nudge to the mentee, or an alert's text to the mentor."""
    await conn.execute("truncate outbox, alerts, alert_steps, alert_links, help_requests")
    await conn.execute("update people set opted_out_at = null, unreachable_at = null")
    await conn.execute("update senders set failures = 0, reported = 0, openings = 0, open_until = null, probe = null")
    if lane is Lane.NUDGE:
        await queue(conn, people.mentee, Lane.NUDGE)
    else:
        await store.alerts.raise_for(conn, people.mentee.id, Kind.trend, {}, NOW)
        await flows.alerts.move_due(conn, NOW)


async def became(conn: Connection, people: Cast, lane: Lane, sender: Sender, now: datetime) -> Became:
    """Look at what is left of the one message; the coordinator may have been told of its reader since."""
    person = await store.people.by_id(conn, people.mentee.id if lane is Lane.NUDGE else people.mentor.id)
    assert person is not None
    row = await conn.fetchrow("select status, not_before from outbox where person_id = $1", person.id)
    assert row is not None
    circuit = await store.senders.circuit_of(conn, sender.name) or Circuit()
    await flows.alerts.move_due(conn, now)
    steps = await conn.fetchval("select max(step) from alert_steps") if lane is Lane.ALERT else 0
    return Became(
        status=row["status"],
        again=wait(row["not_before"] - now) if row["status"] == "queued" else "never",
        person="opted out" if person.opted_out else "unreachable" if person.unreachable else "texted",
        moved_on=steps > (1 if lane is Lane.ALERT else 0),
        counted=circuit.failures + circuit.reported > 0,
    )


def wait(left: timedelta) -> str:
    """Say how long a message waits; jitter takes up to half off, and a moment has passed since."""
    waits = {"seconds": timedelta(seconds=2), "a minute": timedelta(minutes=1), "half an hour": timedelta(minutes=30)}
    return next(name for name, longest in waits.items() if longest / 4 <= left <= longest)


async def outcomes(conn: Connection, people: Cast, lane: Lane, sender: Sender, provoke: Provoke) -> dict[int, Became]:
    """Provoke each code once, each time from the beginning."""
    found = {}
    for code in (code for group in CODES.values() for code in group):
        await ask_about(conn, people, lane)
        at = await provoke(code)
        found[code] = await became(conn, people, lane, sender, at)
    return found


def expected(table: dict[str, Became]) -> dict[int, Became]:
    return {code: table[group] for group, codes in CODES.items() for code in codes}


@pytest.mark.parametrize(
    ("lane", "table"), [(Lane.NUDGE, NUDGE_REFUSED), (Lane.ALERT, ALERT_REFUSED)], ids=["nudge", "alert"]
)
async def test_every_code_a_request_is_refused_with_has_its_consequence(
    pool: Pool,
    conn: Connection,
    people: Cast,
    pretend: PretendTwilio,
    twilio: Twilio,
    sender: Sender,
    lane: Lane,
    table: dict[str, Became],
) -> None:
    found = await outcomes(conn, people, lane, sender, lambda code: refuse(pool, pretend, twilio, sender, code))

    tell(7, codes_refused=len(found), lane=lane, posts=pretend.posts)
    assert found == expected(table)
    assert pretend.posts == len(found)
    assert [one.code for one in await store.carrier_unknowns.all_of_them(conn)] == CODES["unknown"]


@pytest.mark.parametrize(
    ("lane", "table"), [(Lane.NUDGE, NUDGE_REPORTED), (Lane.ALERT, ALERT_REPORTED)], ids=["nudge", "alert"]
)
async def test_every_code_a_callback_reports_has_its_consequence(
    pool: Pool,
    conn: Connection,
    people: Cast,
    pretend: PretendTwilio,
    twilio: Twilio,
    sender: Sender,
    client: Client,
    settings: Settings,
    lane: Lane,
    table: dict[str, Became],
) -> None:
    async def provoke(code: int) -> datetime:
        return await report(pool, conn, twilio, sender, client, settings, code)

    found = await outcomes(conn, people, lane, sender, provoke)

    tell(7, codes_in_signed_callbacks=len(found), lane=lane, posts=pretend.posts)
    assert found == expected(table)
    assert pretend.posts == len(found)
    assert [one.code for one in await store.carrier_unknowns.all_of_them(conn)] == CODES["unknown"]
