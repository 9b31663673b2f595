"""What every push service must do, asked of each over real connections: the pretend services believe only proof."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec import Struct
from msgspec.structs import replace

from checkin import gateway
from checkin.clock import Clock
from checkin.core.delivery import Accepted, Busy, Uncertain
from checkin.core.pushes import Answer, Gone, Misconfigured, Provider, Rejected
from checkin.gateway.push import Notice, Pusher
from tests.pretend_push import RETRY_AFTER, Fault, PretendPush

AGAIN_IN = timedelta(seconds=RETRY_AFTER)
CONTACT = "mailto:ops@example.org"
SLOW = timedelta(seconds=1)


class Line(Struct, frozen=True):
    """One provider, the service it talks to, and a push for a device there."""

    provider: Provider
    service: PretendPush
    pusher: Pusher
    notice: Notice


def pusher_at(provider: Provider, service: PretendPush, timeout: timedelta = SLOW) -> Pusher:
    if provider is Provider.fcm:
        account = gateway.fcm.account(service.account)
        return gateway.fcm.Fcm(account, Clock().now, api_url=service.origin, timeout=timeout)
    key = gateway.web_push.new_key()
    return gateway.web_push.WebPush(key, CONTACT, [service.origin], Clock().now, timeout=timeout)


def notice_for(provider: Provider, service: PretendPush) -> Notice:
    return Notice(
        message=UUID(int=1),
        attempt=UUID(int=2),
        token="token-of-a-phone" if provider is Provider.fcm else service.browser().token(),
        words="Open the app.",
        valid_for=timedelta(minutes=30),
        urgent=False,
    )


@pytest.fixture(params=list(Provider))
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    async with PretendPush() as service:
        pusher = pusher_at(request.param, service)
        yield Line(request.param, service, pusher, notice_for(request.param, service))
        await pusher.close()


async def test_what_is_accepted_has_reached_the_device_once_with_an_id_and_three_words(line: Line) -> None:
    answer = await line.pusher.push(line.notice)

    [taken] = line.service.taken
    assert isinstance(answer, Accepted)
    assert answer.sid
    assert (taken.token, taken.payload, taken.shown) == (
        line.notice.token,
        {"id": str(line.notice.message)},
        "Open the app.",
    )


async def test_a_service_is_told_how_long_to_try_and_what_a_second_push_takes_the_place_of(line: Line) -> None:
    again = replace(line.notice, attempt=UUID(int=3))

    await line.pusher.push(line.notice)
    await line.pusher.push(again)

    first, second = (taken.headers for taken in line.service.taken)
    assert first == second
    assert first["TTL"] == "1800"
    assert len(first["topic"]) in (22, 36)  # a topic of RFC 8030 has 32 letters at most


OUTCOMES: list[tuple[Fault, Answer, int]] = [
    (Fault.gone, Gone(), 0),
    (Fault.invalid, Rejected(400), 0),
    (Fault.busy, Busy(None, AGAIN_IN), 0),
    (Fault.unavailable, Busy(None, AGAIN_IN), 0),
    (Fault.broken, Uncertain("http 500"), 0),
    (Fault.unbelieved, Misconfigured(401), 0),
    (Fault.never, Uncertain("timeout"), 0),
    (Fault.taken_never, Uncertain("timeout"), 1),
    (Fault.reset, Uncertain("connection lost"), 0),
    (Fault.taken_reset, Uncertain("connection lost"), 1),
]


@pytest.mark.parametrize(("fault", "expected", "taken"), OUTCOMES)
async def test_each_outcome_has_its_answer_after_a_single_request(
    line: Line, fault: Fault, expected: Answer, taken: int
) -> None:
    line.service.plan([fault])

    answer = await line.pusher.push(line.notice)

    assert (answer, line.service.posts, len(line.service.taken)) == (expected, 1, taken)


async def test_wrong_credentials_are_our_set_up_and_reach_nobody(line: Line) -> None:
    line.service.account_is_known = False

    answer = await line.pusher.push(line.notice)

    assert isinstance(answer, Misconfigured)
    assert line.service.taken == []


async def test_nobody_there_is_safe_to_repeat(line: Line) -> None:
    await line.service.__aexit__()

    answer = await line.pusher.push(line.notice)

    assert answer == Busy(None, None)


async def test_many_at_once_are_each_pushed_once(line: Line) -> None:
    notices = [replace(line.notice, message=UUID(int=number)) for number in range(100)]
    pusher = pusher_at(line.provider, line.service, timedelta(seconds=60))
    answers = await asyncio.gather(*(pusher.push(one) for one in notices))
    await pusher.close()

    assert all(isinstance(answer, Accepted) for answer in answers)
    assert sorted(taken.payload["id"] for taken in line.service.taken) == [str(one.message) for one in notices]


async def test_closing_is_harmless_at_any_time(line: Line) -> None:
    await line.pusher.close()
    await line.pusher.push(line.notice)
    await line.pusher.close()
    await line.pusher.close()

    assert isinstance(await line.pusher.push(line.notice), Accepted)


async def test_no_log_record_holds_a_token(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line.service.plan([Fault.gone, Fault.invalid, Fault.reset])

    answers = [await line.pusher.push(line.notice) for _ in range(4)]

    told = f"{[vars(record) for record in caplog.records if not record.name.startswith('aiohttp.server')]} {answers}"
    assert line.notice.token not in told


async def test_pretend_phones_take_pushes_too() -> None:
    kept = []

    async def keep(sid: str, message: UUID, words: str) -> None:
        kept.append((message, words))

    async with PretendPush() as service:
        notice = notice_for(Provider.fcm, service)
    answer = await gateway.sandbox.Screens(keep).push(notice)

    assert isinstance(answer, Accepted)
    assert kept == [(notice.message, "Open the app.")]
