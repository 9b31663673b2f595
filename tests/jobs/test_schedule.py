"""The table of jobs: it says when the work is too far behind, and keeps to the rate in the settings."""

from datetime import timedelta

import msgspec
import pytest

from checkin import flows, runtime, store
from checkin.config import Settings
from checkin.core.delivery import Lane
from checkin.jobs import schedule
from checkin.jobs.departures import MOST, Departures
from checkin.store.pool import Connection
from tests.flows.pushing import add_device
from tests.flows.test_delivery import queue
from tests.people import Cast
from tests.pretend_twilio import PretendTwilio


async def test_without_a_carrier_a_push_shows_on_the_pretend_phone_and_no_text(
    settings: Settings, conn: Connection, people: Cast
) -> None:
    assert people.mentee.phone is not None
    given = msgspec.structs.replace(settings, twilio_account_sid="", env="production")
    async with runtime.running(given) as parts:
        parts = msgspec.structs.replace(parts, pushers=runtime.pushers(parts))
        await add_device(conn, people.mentee, "phone-1234")
        await queue(conn, people.mentee, Lane.NUDGE, at=parts.clock.now())
        await conn.execute("update outbox set way = 'push'")

        counts = await schedule.push(parts, runtime.carrier(parts))

    [shown] = await store.sandbox.on_phone(conn, people.mentee.phone)
    assert counts == {"sent": 1}
    assert (shown.body, shown.received) == ("(push) Open the app.", True)


@pytest.mark.parametrize(("rate", "sent"), [(2, 2), (1000, 30)])
async def test_no_more_is_sent_than_the_settings_allow(
    settings: Settings, conn: Connection, people: Cast, rate: float, sent: int
) -> None:
    async with PretendTwilio(
        account_sid=settings.twilio_account_sid, auth_token=settings.twilio_auth_token, callbacks=False
    ) as pretend:
        given = msgspec.structs.replace(settings, twilio_api_url=pretend.url, sender_rate=rate)
        async with runtime.running(given) as parts:
            carrier = runtime.carrier(parts)
            await queue(conn, people.mentee, Lane.REPLY, 30, at=parts.clock.now())

            departures = Departures(Lane.NUDGE, MOST)
            await departures.beat(parts, carrier)
            await departures.beat(parts, carrier)
            await carrier.close()

    assert sent <= len(pretend.messages) <= sent + 1


@pytest.mark.parametrize(
    ("url", "rate"),
    [
        ("https://api.twilio.com", 1),
        ("https://api.dublin.ie1.twilio.com", 1),
        ("http://127.0.0.1:9", 1000),
        ("https://nottwilio.com", 1000),
    ],
)
def test_an_unset_rate_is_a_long_codes_at_the_real_carrier_alone(settings: Settings, url: str, rate: float) -> None:
    given = msgspec.structs.replace(settings, twilio_api_url=url)

    assert given.rate == rate


MANY = """
    with joined as (
        insert into people (id, program_id, roles, status, name, language, time_zone, created_at)
        select gen_random_uuid(), $1, '{mentee}', 'active', '', 'en', 'UTC', $2 from generate_series(1, $3)
     returning id
    )
    insert into nudge_plans (mentee_id, next_nudge_at) select id, $2 from joined
"""


async def test_more_mentees_than_a_batch_holds_are_all_decided_in_one_run(
    settings: Settings, conn: Connection, people: Cast
) -> None:
    number = 2 * flows.nudges.BATCH + 10
    async with runtime.running(settings) as parts:
        now = parts.clock.now()
        await conn.execute(MANY, people.program, now - timedelta(days=2), number)

        await schedule.ask(parts, runtime.carrier(parts))

    decided = await conn.fetchval("select count(distinct mentee_id) from nudges where decision = 'unreachable'")
    left = await conn.fetchval("select count(*) from nudge_plans where next_nudge_at <= $1", now)
    assert (decided, left) == (number, 0)
