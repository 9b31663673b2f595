"""What the carrier says of a number counts for whoever has that number now, and until it is reached again."""

import asyncio
from uuid import UUID

import pytest

from checkin import flows, store
from checkin.core.alerts import Kind
from checkin.core.delivery import Accepted, Answer, Lane, Refused
from checkin.core.people import Person, Role
from checkin.flows.delivery import Report, Sender
from checkin.flows.people import NewPerson
from checkin.flows.roster import Edit
from checkin.gateway.sms import Outgoing
from checkin.store.pool import Connection, Pool
from tests.flows.test_delivery import CALLBACKS, queue
from tests.people import NOW, ZONE, Cast
from tests.phones import text

ONE_AT_A_TIME = Sender("+15005550006", 1)


class Says:
    """A carrier that gives one answer to everything."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.sent: list[str] = []

    async def send(self, message: Outgoing) -> Answer:
        self.sent.append(message.body)
        return self.answer

    async def close(self) -> None:
        """Nothing was opened."""


async def send(pool: Pool, carrier: Says) -> None:
    await flows.delivery.send_due(pool, carrier, ONE_AT_A_TIME, CALLBACKS, lambda: NOW)


async def hear(conn: Connection, word: str, code: int | None = None) -> None:
    row = await conn.fetchrow("select id, attempt_id from outbox where attempt_id is not null")
    assert row is not None
    said = Report(message=row["id"], attempt=row["attempt_id"], sid="SM1", word=word, code=code)
    await flows.delivery.hear_callback(conn, said, ONE_AT_A_TIME.name, NOW)


async def standing(conn: Connection, person: UUID) -> tuple[bool, bool]:
    """Return whether somebody has opted out, and whether they are out of reach."""
    found = await store.people.by_id(conn, person)
    assert found is not None
    return found.opted_out, found.unreachable


async def twin(conn: Connection, people: Cast) -> Person:
    """Somebody of another programme who has the mentee's phone too."""
    row = NewPerson(
        line=0,
        program="",
        name="Twin",
        phone=people.mentee.phone or "",
        roles=frozenset([Role.mentee]),
        time_zone=ZONE,
        language="en",
        consented=True,
    )
    return await flows.people.add(conn, row, people.other_program, NOW)


@pytest.mark.parametrize("code", [30005, 21610])
async def test_a_late_report_of_an_old_number_says_nothing_of_the_new_one(
    pool: Pool, conn: Connection, people: Cast, code: int
) -> None:
    await queue(conn, people.mentee, Lane.REPLY)
    await send(pool, Says(Accepted("SM1")))
    new = Edit(phone="+12125550199")
    await flows.roster.change(conn, people.mentee, new, NOW, actor=None, role="operator")

    await hear(conn, "undelivered", code)

    assert await standing(conn, people.mentee.id) == (False, False)
    assert await store.alerts.open_for(conn, people.mentor.id, NOW) == []


@pytest.mark.parametrize(("code", "became"), [(21610, (True, False)), (21211, (False, True))])
async def test_a_refused_number_counts_for_everybody_who_has_it_and_for_all_that_waits(
    pool: Pool, conn: Connection, people: Cast, code: int, became: tuple[bool, bool]
) -> None:
    sharer = await twin(conn, people)
    for lane in (Lane.ALERT, Lane.REPLY):
        await queue(conn, people.mentee, lane)
    carrier = Says(Refused(code, 400))

    await send(pool, carrier)

    assert carrier.sent == ["alert 0"]
    assert [row["status"] for row in await conn.fetch("select status from outbox order by lane")] == [
        "failed",
        "cancelled",
    ]
    assert [await standing(conn, one) for one in (people.mentee.id, sharer.id)] == [became, became]


async def test_alerts_that_wait_for_a_refused_number_go_to_the_next_person(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    await queue(conn, people.mentor, Lane.CRISIS)
    await store.alerts.raise_for(conn, people.mentee.id, Kind.trend, {}, NOW)
    await flows.alerts.move_due(conn, NOW)

    await send(pool, Says(Refused(21211, 400)))
    await flows.alerts.move_due(conn, NOW)

    roles = [row["role"] for row in await conn.fetch("select role from alert_steps order by step")]
    assert roles == ["mentor", "cover"]


@pytest.mark.parametrize("body", ["7 5", "hello"])
async def test_who_texts_us_is_in_reach_again(conn: Connection, people: Cast, body: str) -> None:
    await store.people.mark_unreachable(conn, people.mentee.id, NOW)

    await text(conn, people.mentee, body)

    assert await standing(conn, people.mentee.id) == (False, False)


async def test_who_shares_a_phone_that_texts_us_is_in_reach_again(conn: Connection, people: Cast) -> None:
    sharer = await twin(conn, people)
    await store.people.mark_unreachable(conn, sharer.id, NOW)

    await text(conn, people.mentee, "7 5")

    assert await standing(conn, sharer.id) == (False, False)


async def test_who_gets_a_text_is_in_reach_again(pool: Pool, conn: Connection, people: Cast) -> None:
    await queue(conn, people.mentee, Lane.REPLY)
    await send(pool, Says(Accepted("SM1")))
    await store.people.mark_unreachable(conn, people.mentee.id, NOW)

    await hear(conn, "delivered")

    assert await standing(conn, people.mentee.id) == (False, False)


async def test_a_stop_and_the_carriers_word_of_it_do_not_wait_for_each_other(
    pool: Pool, conn: Connection, people: Cast
) -> None:
    await queue(conn, people.mentee, Lane.REPLY)
    [claimed] = (await store.outbox.claim_due(conn, NOW, flows.claims.LEASE, 1)).readable
    async with pool.acquire() as web, web.transaction():
        await store.consents.opt_out(web, [people.mentee.id], "sms", NOW)
        refused = asyncio.ensure_future(send_claimed(pool, claimed))
        await asyncio.wait({refused}, timeout=0.3)
        await store.closings.cancel_to(web, people.mentee.phone or "", NOW)
    await refused

    assert await standing(conn, people.mentee.id) == (True, False)


async def send_claimed(pool: Pool, claimed: store.claims.Claimed) -> None:
    line = flows.delivery.Line(pool, Says(Refused(21610, 400)), ONE_AT_A_TIME, CALLBACKS, lambda: NOW)
    await flows.delivery.send(line, claimed)
