"""What is Firebase's alone: its access tokens, and a token of a device that never was one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from checkin import gateway
from checkin.clock import Clock
from checkin.core.delivery import Accepted, Busy, Uncertain
from checkin.core.pushes import Gone, Misconfigured, Provider, Rejected
from checkin.gateway.posts import Reply
from tests.gateway.test_push import SLOW, notice_for, pusher_at
from tests.pretend_push import RETRY_AFTER, Fault, PretendPush

DETAIL = '{"error": {"details": [{"@type": "type.googleapis.com/FcmError", "errorCode": "%s"}]}}'
INVALID_TOKEN = (DETAIL % "INVALID_ARGUMENT").replace(
    "]", ', {"fieldViolations": [{"field": "message.token", "description": "Invalid registration token"}]}]'
)


@pytest.fixture
async def service() -> AsyncIterator[PretendPush]:
    async with PretendPush() as running:
        yield running


async def test_one_access_token_serves_until_shortly_before_it_ends(service: PretendPush) -> None:
    now: list[datetime] = [Clock().now() - timedelta(minutes=57)]
    fcm = gateway.fcm.Fcm(gateway.fcm.account(service.account), lambda: now[0], api_url=service.origin)
    notice = notice_for(Provider.fcm, service)

    await asyncio.gather(*(fcm.push(notice) for _ in range(20)))
    first = service.tokens_given
    now[0] += timedelta(minutes=54)
    await fcm.push(notice)
    still = service.tokens_given
    now[0] += timedelta(minutes=2)
    await fcm.push(notice)
    await fcm.close()

    assert (first, still, service.tokens_given) == (1, 1, 2)


async def test_a_token_that_is_not_believed_any_more_is_asked_for_anew(service: PretendPush) -> None:
    fcm = pusher_at(Provider.fcm, service)
    notice = notice_for(Provider.fcm, service)
    service.plan([Fault.unbelieved])

    answers = [await fcm.push(notice) for _ in range(2)]
    await fcm.close()

    assert answers[0] == Misconfigured(401)
    assert isinstance(answers[1], Accepted)
    assert service.tokens_given == 2


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.broken, Busy(None, None)),
        (Fault.unavailable, Busy(None, None)),
        (Fault.never, Busy(None, None)),
        (Fault.invalid, Misconfigured(400)),
    ],
)
async def test_without_an_access_token_nothing_was_sent(service: PretendPush, fault: Fault, expected: object) -> None:
    fcm = pusher_at(Provider.fcm, service, SLOW)
    service.token_fault = fault

    answer = await fcm.push(notice_for(Provider.fcm, service))
    await fcm.close()

    assert (answer, service.posts) == (expected, 0)


async def test_all_who_wait_for_an_access_token_give_up_in_time(service: PretendPush) -> None:
    fcm = pusher_at(Provider.fcm, service, SLOW)
    service.token_fault = Fault.never
    notice = notice_for(Provider.fcm, service)

    async with asyncio.timeout(3 * SLOW.total_seconds()):
        answers = await asyncio.gather(*(fcm.push(notice) for _ in range(20)))
    await fcm.close()

    assert answers == [Busy(None, None)] * 20


async def test_a_token_that_never_was_one_is_forgotten_like_one_that_is_gone(service: PretendPush) -> None:
    fcm = pusher_at(Provider.fcm, service)
    service.plan([Fault.bad_token])

    answer = await fcm.push(notice_for(Provider.fcm, service))
    await fcm.close()

    assert answer == Gone()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, "{}", Uncertain("no id")),
        (200, "<html>", Uncertain("no id")),
        (200, '{"name": 7}', Uncertain("no id")),
        (307, "", Misconfigured(307)),
        (403, "", Misconfigured(403)),
        (403, DETAIL % "SENDER_ID_MISMATCH", Rejected(403)),
        (401, DETAIL % "THIRD_PARTY_AUTH_ERROR", Misconfigured(401)),
        (404, "", Misconfigured(404)),
        (404, DETAIL % "UNREGISTERED", Gone()),
        (400, DETAIL % "INVALID_ARGUMENT", Gone()),
        (400, '{"error": {"details": [{"fieldViolations": [{"field": "message.data"}]}]}}', Rejected(400)),
        (400, DETAIL.replace("]", ', {"fieldViolations": [{"field": "m"}]}]') % "INVALID_ARGUMENT", Rejected(400)),
        (400, '{"error": {"details": [{"fieldViolations": [{"field": "message.token"}]}]}}', Gone()),
        (400, INVALID_TOKEN, Gone()),
        (408, "", Uncertain("http 408")),
        (503, "", Uncertain("http 503")),
    ],
)
def test_what_firebase_answers_is_read_by_its_own_codes(status: int, body: str, expected: object) -> None:
    answer = gateway.fcm.read(Reply(status=status, text=body, place=None, retry_after=None))

    assert answer == expected


@pytest.mark.parametrize(
    "key_file",
    ["", "{}", "[]", "not JSON", '{"project_id": "p", "client_email": "e", "private_key": "k"}'],
)
def test_what_is_no_key_file_is_refused(key_file: str) -> None:
    with pytest.raises(ValueError):
        gateway.fcm.account(key_file)


def test_the_project_of_a_key_file_cannot_lead_elsewhere() -> None:
    async def origin() -> str:
        async with PretendPush() as service:
            return service.account

    key_file = asyncio.run(origin()).replace("harbor-1", "../../other", 1)

    with pytest.raises(ValueError):
        gateway.fcm.account(key_file)


def test_retry_after_is_the_seconds_that_were_named() -> None:
    assert gateway.posts.seconds(str(RETRY_AFTER)) == timedelta(seconds=RETRY_AFTER)
    assert [gateway.posts.seconds(one) for one in (None, "", "-7", "soon", "٧", "1" * 10)] == [None] * 6
    assert gateway.posts.seconds("999999") == timedelta(days=1)
