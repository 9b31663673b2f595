"""What the worker does for signing in: it sends the codes that were asked for, and forgets what matters no more."""

from datetime import timedelta

import pytest

from checkin import core, flows, runtime, store
from checkin.config import Settings
from checkin.core.delivery import Lane
from checkin.core.limits import Limit
from checkin.flows.sign_in import Wish
from checkin.jobs import schedule
from checkin.store.pool import Connection
from tests.people import NOW, Cast

A_DAY = timedelta(days=1)
LIMIT = Limit("x", 5, A_DAY)


def test_codes_are_made_before_messages_leave() -> None:
    names = [job.name for job in schedule.jobs()]

    assert names.index("codes") < names.index("delivery")


async def test_every_code_that_was_asked_for_is_sent_in_one_run(
    settings: Settings, conn: Connection, people: Cast
) -> None:
    others = (people.mentee, people.mentor, people.cover)
    async with runtime.running(settings) as parts:
        now = parts.clock.now()
        for number, person in enumerate(others):
            assert person.phone is not None
            await flows.sign_in.ask(
                conn, Wish(phone=person.phone, address=f"198.51.100.{number}"), now, codes_an_hour=500
            )

        done = await schedule.send_codes(parts, runtime.carrier(parts))

        assert dict(done) == {"asked": 3, "queued": 3}
        assert dict(await schedule.send_codes(parts, runtime.carrier(parts))) == {}


async def test_a_code_that_waits_to_be_made_counts_as_work_that_waits(conn: Connection, people: Cast) -> None:
    assert people.mentee.phone is not None
    await flows.sign_in.ask(conn, Wish(phone=people.mentee.phone, address="198.51.100.1"), NOW, codes_an_hour=500)

    lag = await store.lag.measure(conn, NOW + timedelta(minutes=2))

    assert [(one.waiting, one.oldest) for one in lag.lanes if one.lane is Lane.CODE] == [(1, timedelta(minutes=2))]


async def test_more_codes_than_a_batch_are_sent_in_one_run(settings: Settings, conn: Connection, people: Cast) -> None:
    many = flows.sign_in.BATCH + 7
    async with runtime.running(settings) as parts:
        now = parts.clock.now()
        for number in range(many):
            await flows.sign_in.ask(
                conn, Wish(phone=f"+1212{number + 200}0000", address=str(number)), now, codes_an_hour=500
            )

        done = await schedule.send_codes(parts, runtime.carrier(parts))

    assert dict(done) == {"asked": many, "queued": 0}


@pytest.mark.parametrize(("days", "left"), [(1, 1), (3, 0)])
async def test_codes_and_what_was_counted_are_forgotten_after_two_days(
    conn: Connection, people: Cast, days: int, left: int
) -> None:
    assert people.mentee.phone is not None
    await flows.sign_in.ask(conn, Wish(phone=people.mentee.phone, address="198.51.100.1"), NOW, codes_an_hour=500)

    await flows.sign_in.clear(conn, NOW + days * A_DAY)

    assert await conn.fetchval("select count(*) from sign_in_codes") == left
    assert await conn.fetchval("select count(*) from limited_uses") == 3 * left


async def test_a_limit_counts_within_its_window_alone(conn: Connection) -> None:
    keys = [(LIMIT, "me"), (LIMIT, "you")]
    await store.limits.use(conn, keys[:1], NOW - A_DAY)
    for hours in (3, 2, 1):
        await store.limits.use(conn, keys[:1], NOW - timedelta(hours=hours))

    mine, yours = await store.limits.used(conn, keys, NOW)

    assert (mine.count, mine.first) == (3, NOW - timedelta(hours=3))
    assert (yours.count, yours.first) == (0, None)


@pytest.mark.parametrize(("days", "left"), [(119, 2), (121, 1)])
async def test_sessions_that_are_over_are_forgotten_after_60_days(
    conn: Connection, people: Cast, days: int, left: int
) -> None:
    async with conn.transaction():
        await flows.sessions.begin(conn, people.mentee, None, NOW)
        await flows.sessions.begin(conn, people.mentor, None, NOW + 30 * A_DAY)

    await flows.sign_in.clear(conn, NOW + days * A_DAY)

    assert await conn.fetchval("select count(*) from sessions") == left


async def test_clearing_away_leaves_who_is_signed_in(conn: Connection, people: Cast) -> None:
    async with conn.transaction():
        signed = await flows.sessions.begin(conn, people.mentee, None, NOW)

    await flows.sign_in.clear(conn, NOW + core.sign_in.SESSION_LIFETIME - A_DAY)

    assert await store.sessions.may_call(conn, people.mentee.id, signed.session)
