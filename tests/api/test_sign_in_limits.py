"""How often a code may be asked for, and guessed: by number, address, range, and by everybody together."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from msgspec.structs import replace

from checkin import core, flows, store
from checkin.config import Settings
from checkin.core.errors import WrongCode
from checkin.store.ids import new_id
from checkin.store.pool import Connection, Pool
from checkin.store.sign_in import CodeRequest
from tests.api.calls import INVALID, OK, Client, outcome, served
from tests.api.signing import ASKED, CODES, TOKENS, TOO_OFTEN, ask, code_for, codes_of, pass_time, sign_in
from tests.people import NOW, Cast

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


async def test_the_waits_between_codes_are_a_minute_then_five_then_a_day(
    client: Client, conn: Connection, people: Cast
) -> None:
    waited = []
    for wait in (0, 60, 300):
        pass_time(client, wait * SECOND)
        taken = await ask(client, people.mentee.phone)
        refused = await ask(client, people.mentee.phone)
        waited.append((outcome(taken), outcome(refused), int(refused.headers["retry-after"])))

    assert [(taken, refused) for taken, refused, _ in waited] == [(ASKED, TOO_OFTEN)] * 3
    assert [seconds for _, _, seconds in waited] == pytest.approx([60, 300, 86_400], abs=5)
    assert len(await codes_of(conn, client, people.mentee)) == 1  # the older two were over when the worker looked


async def test_the_waits_are_the_same_for_a_number_nobody_has(client: Client, people: Cast) -> None:
    waited = []
    for phone in (people.mentee.phone, "+12125559999"):
        await ask(client, phone)
        refused = await ask(client, phone)
        waited.append((refused.json()["type"], refused.headers["retry-after"], refused.headers["ratelimit-policy"]))

    assert waited[0] == waited[1]


async def test_a_sixth_code_a_day_is_refused_to_whoever_signs_in_each_time(
    client: Client, conn: Connection, people: Cast
) -> None:
    for _ in range(5):
        await sign_in(client, conn, people.mentee)
        pass_time(client, HOUR)

    refused = await ask(client, people.mentee.phone)
    pass_time(client, 19 * HOUR)

    assert outcome(refused) == TOO_OFTEN
    assert refused.headers["ratelimit-policy"] == '"number";q=5;w=86400'
    assert refused.headers["ratelimit"].startswith('"number";r=0;t=')
    assert int(refused.headers["retry-after"]) == pytest.approx(19 * 3600, abs=60)
    assert outcome(await ask(client, people.mentee.phone)) == ASKED


async def test_asking_too_early_does_not_make_the_wait_longer(client: Client, people: Cast) -> None:
    await ask(client, people.mentee.phone)
    for _ in range(10):
        await ask(client, people.mentee.phone)

    pass_time(client, 60 * SECOND)

    assert outcome(await ask(client, people.mentee.phone)) == ASKED


async def test_one_address_asks_20_times_an_hour(client: Client, conn: Connection) -> None:
    found = [outcome(await ask(client, f"+1212{number}0000")) for number in range(600, 625)]

    refused = await ask(client, "+12126990000")
    pass_time(client, HOUR)

    assert Counter(found) == {ASKED: 20, TOO_OFTEN: 5}
    assert refused.headers["ratelimit-policy"] == '"address";q=20;w=3600'
    assert outcome(await ask(client, "+12126990000")) == ASKED


async def test_a_range_of_numbers_is_sent_30_codes_an_hour_from_however_many_addresses(
    settings: Settings, people: Cast
) -> None:
    """Who is paid by the text asks for numbers one after the other, from many addresses (SMS pumping)."""
    async with served(replace(settings, trusted_proxies="127.0.0.0/8")) as client:

        async def pump(number: int) -> tuple[int, str]:
            headers = {"X-Forwarded-For": f"198.51.100.{number}"}
            return outcome(await client.post(CODES, json={"phone": f"+1212555{7000 + number}"}, headers=headers))

        found = [await pump(number) for number in range(40)]
        elsewhere = await client.post(
            CODES, json={"phone": "+12126667000"}, headers={"X-Forwarded-For": "198.51.100.99"}
        )

    assert Counter(found) == {ASKED: 30, TOO_OFTEN: 10}
    assert outcome(elsewhere) == ASKED


async def test_the_budget_is_everybodys_together(settings: Settings, people: Cast) -> None:
    async with served(replace(settings, codes_per_hour=3)) as client:
        found = [outcome(await ask(client, f"+1212{number}0000")) for number in range(600, 605)]
        refused = await ask(client, people.mentee.phone)

    assert found == [ASKED] * 3 + [TOO_OFTEN] * 2
    assert refused.headers["ratelimit-policy"] == '"service";q=3;w=3600'


async def test_limits_hold_for_requests_at_once(client: Client, conn: Connection) -> None:
    found = await asyncio.gather(*(ask(client, f"+1212{number}0000") for number in range(600, 640)))

    assert Counter(outcome(one) for one in found) == {ASKED: 20, TOO_OFTEN: 20}
    assert await conn.fetchval("select count(*) from sign_in_codes") == 20


async def test_an_address_that_nobody_vouches_for_is_not_believed(client: Client) -> None:
    found = []
    for number in range(25):
        spoofed = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        more = {"X-Real-IP": f"198.51.100.{number}", "True-Client-IP": f"198.51.100.{number}"}
        found.append(
            outcome(await client.post(CODES, json={"phone": f"+1212{600 + number}0000"}, headers=spoofed | more))
        )

    assert Counter(found) == {ASKED: 20, TOO_OFTEN: 5}


@pytest.mark.parametrize(
    ("countries", "expected"), [("", ASKED), ("US", ASKED), ("us, ca", ASKED), ("CA", INVALID), ("GB,IE", INVALID)]
)
async def test_codes_go_to_the_countries_of_the_setting_alone(
    settings: Settings, people: Cast, countries: str, expected: tuple[int, str]
) -> None:
    async with served(replace(settings, code_countries=countries)) as client:
        assert outcome(await ask(client, people.mentee.phone)) == expected


async def test_islands_that_share_a_country_code_are_countries_of_their_own(settings: Settings, people: Cast) -> None:
    async with served(replace(settings, code_countries="US")) as client:
        found = {phone: outcome(await ask(client, phone)) for phone in ("+18765550100", "+12425550100", "+14165550100")}

    assert found == dict.fromkeys(found, INVALID)


async def test_of_10_000_guesses_none_beyond_the_fifth_looks(pool: Pool, conn: Connection, people: Cast) -> None:
    """Twenty codes are guessed at once, 500 different guesses each, the right one among them but not in the first five.

    Every look is counted before it is taken, and the table takes no sixth.
    """
    right = "777777"
    asked = [
        CodeRequest(id=new_id(NOW), phone="+12125550101", expires_at=NOW + core.sign_in.CODE_LIFETIME)
        for _ in range(20)
    ]
    for one in asked:
        await store.sign_in.add(conn, one, None, NOW)
        await store.sign_in.give(conn, one.id, people.mentee.id, right)

    async def guess(one: CodeRequest) -> int:
        let_in = 0
        async with pool.acquire(patience=60) as own:
            for number in range(500):
                code = right if number >= 5 and number % 5 == 0 else f"{number:06}"
                try:
                    await flows.sign_in.redeem(own, one.id, code, None, NOW)
                except WrongCode:
                    continue
                let_in += 1
        return let_in

    let_in = sum(await asyncio.gather(*map(guess, asked)))

    assert let_in == 0
    assert await conn.fetchval("select array_agg(distinct tries) from sign_in_codes") == [5]
    assert await conn.fetchval("select count(*) from sessions") == 0


async def test_guessing_at_one_number_for_a_day_gives_15_looks(client: Client, conn: Connection, people: Cast) -> None:
    """Three codes of five tries: the waits allow no more where nobody signs in."""
    for _ in range(24 * 12):
        asked = await ask(client, people.mentee.phone)
        if outcome(asked) == ASKED:
            await flows.sign_in.send_codes(conn, client.app.state.clock.now())
            body = {"request_id": asked.json()["request_id"], "code": "000000"}
            await asyncio.gather(*(client.post(TOKENS, json=body) for _ in range(20)))
        pass_time(client, 300 * SECOND - timedelta(seconds=1))

    assert await conn.fetchval("select sum(tries) from sign_in_codes") == 15


async def test_a_guesser_does_not_spend_the_owners_tries_on_another_request(
    client: Client, conn: Connection, people: Cast
) -> None:
    theirs = await ask(client, people.mentee.phone)
    pass_time(client, 60 * SECOND)
    mine = await code_for(client, conn, people.mentee)
    for number in range(10):
        await client.post(TOKENS, json={"request_id": theirs.json()["request_id"], "code": f"{number:06}"})

    assert outcome(await client.post(TOKENS, json=mine)) == OK
