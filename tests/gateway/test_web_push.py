"""What is Web Push's alone: how a payload is sealed, what keys are, and where a subscription may lead."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from checkin import gateway
from checkin.core.pushes import Gone, Provider, Rejected, Subscription
from checkin.gateway import sealing
from tests.gateway.test_push import notice_for, pusher_at
from tests.pretend_push import ANSWERS, Fault, PretendPush

SERVICES = ("fcm.googleapis.com", "push.apple.com", "http://127.0.0.1:9000")


def test_the_example_of_rfc_8291_is_sealed_byte_for_byte() -> None:
    secret = int.from_bytes(sealing.from_base64url("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")

    sealed = sealing.seal(
        b"When I grow up, I want to be a watermelon",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
        salt=sealing.from_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
        our_key=ec.derive_private_key(secret, ec.SECP256R1()),
    )

    assert sealing.base64url(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://web.push.apple.com/abc",
        "https://WEB.push.apple.com:443/abc",
        "http://127.0.0.1:9000/abc",
    ],
)
def test_a_push_services_own_address_is_posted_to(endpoint: str) -> None:
    assert gateway.web_push.is_known(endpoint, SERVICES)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/abc",
        "https://fcm.googleapis.com:8443/abc",
        "https://fcm.googleapis.com.example.org/abc",
        "https://evilpush.apple.com.evil/abc",
        "https://notpush.apple.com@10.0.0.1/abc",
        "https://user@fcm.googleapis.com/abc",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/",
        "http://127.0.0.1:9001/abc",
        "http://127.0.0.1:9000@10.0.0.1/abc",
        "https://[::1/abc",
        "https://fcm.googleapis.com:port/",
        "file:///etc/passwd",
        "https://",
        "",
    ],
)
def test_no_other_address_is(endpoint: str) -> None:
    assert not gateway.web_push.is_known(endpoint, SERVICES)


async def test_a_subscription_that_leads_elsewhere_is_not_posted_to() -> None:
    async with PretendPush() as service, PretendPush() as other:
        pusher = pusher_at(Provider.web_push, service)

        answer = await pusher.push(notice_for(Provider.web_push, other))
        await pusher.close()

    assert (answer, service.posts, other.posts) == (Rejected(0), 0, 0)


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_gone_by_either_word(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ANSWERS, Fault.gone, (status, ""))
    async with PretendPush() as service:
        pusher = pusher_at(Provider.web_push, service)
        service.plan([Fault.gone])

        answer = await pusher.push(notice_for(Provider.web_push, service))
        await pusher.close()

    assert answer == Gone()


@pytest.mark.parametrize(
    "token",
    [
        "not JSON",
        "{}",
        Subscription(endpoint="https://fcm.googleapis.com/x", p256dh="AAAA", auth="AAAA").token(),
        Subscription(endpoint="https://fcm.googleapis.com/x", p256dh="B" * 87, auth="A" * 22).token(),
    ],
)
async def test_keys_that_are_none_are_a_browser_that_is_gone(token: str) -> None:
    async with PretendPush() as service:
        pusher = pusher_at(Provider.web_push, service)

        answer = await pusher.push(replace(notice_for(Provider.fcm, service), token=token))
        await pusher.close()

    assert (answer, service.posts) == (Gone(), 0)


def test_a_made_key_is_taken_and_its_public_half_is_a_point() -> None:
    key = gateway.web_push.private_key(gateway.web_push.new_key())

    point = sealing.from_base64url(gateway.web_push.public_key(key))

    assert (len(point), point[0]) == (65, 4)


@pytest.mark.parametrize("text", ["", "A", "A" * 42, "A" * 44, "!" * 43, "é" * 43])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        gateway.web_push.private_key(text)
