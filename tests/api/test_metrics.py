"""Lag is visible: in `/metrics` and beside readiness, without a word about anybody."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from checkin import store
from checkin.config import Settings
from checkin.core.alerts import Kind
from checkin.core.delivery import Lane
from checkin.core.senders import Circuit
from checkin.store.pool import Connection
from tests.api.calls import STATUS, Client, post_form
from tests.flows.test_delivery import queue
from tests.people import NOW, Cast
from tests.phones import text

MINUTE = timedelta(minutes=1)
LINE = re.compile(r'(checkin_[a-z_]+(?:\{[a-z]+="[a-z0-9-]+"\})?) ([0-9.e+]+)')


async def figures(client: Client) -> dict[str, float]:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = [LINE.fullmatch(line) for line in answer.text.splitlines() if not line.startswith("#")]
    assert None not in lines
    return {line[1]: float(line[2]) for line in lines if line}


async def test_ages_are_those_of_the_oldest_due_work(client: Client, conn: Connection, people: Cast) -> None:
    await queue(conn, people.mentee, Lane.NUDGE, 3, at=NOW - 7 * MINUTE)
    await queue(conn, people.mentor, Lane.CRISIS, at=NOW - 2 * MINUTE)
    await queue(conn, people.mentor, Lane.REPLY, at=NOW + 60 * MINUTE)
    await conn.execute("update nudge_plans set next_nudge_at = $1", NOW - MINUTE)
    await store.alerts.raise_for(conn, people.mentee.id, Kind.trend, {}, NOW - 3 * MINUTE)

    found = await figures(client)

    assert found['checkin_oldest_message_seconds{lane="nudge"}'] == pytest.approx(420, abs=60)
    assert found['checkin_oldest_message_seconds{lane="crisis"}'] == pytest.approx(120, abs=60)
    assert found['checkin_oldest_message_seconds{lane="reply"}'] == 0
    assert found['checkin_waiting_messages{lane="nudge"}'] == 3
    assert found["checkin_oldest_due_nudge_seconds"] == pytest.approx(60, abs=60)
    assert found["checkin_oldest_due_alert_seconds"] == pytest.approx(180, abs=60)


async def test_what_waits_to_be_pushed_counts_beside_the_texts_and_a_stopped_service_shows(
    client: Client, conn: Connection, people: Cast
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE, 3)
    await conn.execute("update outbox set way = 'push' where dedupe_key <> 'nudge:0'")
    for sender, until in (("push:fcm", NOW + 600 * MINUTE), ("push:web_push", None)):
        await store.senders.recognise(conn, sender, 0, None, NOW)
        await store.senders.turn(conn, sender, Circuit(failures=5 if until else 0, openings=1, open_until=until))

    found = await figures(client)

    assert (found['checkin_waiting_by_way{way="sms"}'], found['checkin_waiting_by_way{way="push"}']) == (1, 2)
    assert found['checkin_push_stopped{service="fcm"}'] == 1
    assert found['checkin_push_stopped{service="web-push"}'] == 0


async def test_uncertain_messages_count_until_they_are_settled(client: Client, conn: Connection, people: Cast) -> None:
    await queue(conn, people.mentee, Lane.NUDGE, 2)
    for message in (await store.outbox.claim_due(conn, NOW, MINUTE, 2)).readable:
        await store.outbox.mark_uncertain(conn, message, NOW + MINUTE)
    before = await figures(client)
    [first] = (await store.uncertain.claim(conn, NOW + MINUTE, MINUTE, MINUTE, 1)).readable

    await store.uncertain.settle(conn, first, None, NOW + MINUTE)

    after = await figures(client)
    assert (before["checkin_uncertain_messages"], after["checkin_uncertain_messages"]) == (2, 1)
    assert (before["checkin_given_up_messages"], after["checkin_given_up_messages"]) == (0, 1)


async def test_what_a_killed_sender_holds_has_not_left(client: Client, conn: Connection, people: Cast) -> None:
    await queue(conn, people.mentor, Lane.CRISIS, at=NOW - MINUTE)
    await store.outbox.claim_due(conn, NOW - MINUTE, MINUTE, 1)
    held = await figures(client)
    await store.uncertain.claim(conn, NOW, MINUTE, MINUTE, 1)

    unsure = await figures(client)

    assert held['checkin_oldest_message_seconds{lane="crisis"}'] >= 60
    assert unsure['checkin_oldest_message_seconds{lane="crisis"}'] >= 60


async def test_a_stopped_sender_shows_and_does_not_make_the_process_unready(
    client: Client, conn: Connection, settings: Settings
) -> None:
    sender = settings.carrier.sender
    await store.senders.recognise(conn, sender, 1, None, NOW)
    await store.senders.turn(conn, sender, Circuit(failures=5, openings=1, open_until=NOW + 10 * MINUTE))

    found, ready = await figures(client), await client.get("/health/ready")

    assert found['checkin_sender_circuit{state="open"}'] == 1
    assert found['checkin_sender_circuit{state="closed"}'] == 0
    assert (ready.status_code, ready.json()["sender"]) == (200, "stopped")


@pytest.mark.parametrize(
    ("circuit", "state", "word"),
    [
        (Circuit(failures=5, openings=1, open_until=NOW - MINUTE), "half-open", "stopped"),
        (Circuit(failures=5, openings=1, open_until=NOW + MINUTE, probe=UUID(int=1)), "half-open", "stopped"),
        (Circuit(reported=4, openings=1, open_until=NOW + MINUTE, probe=UUID(int=1)), "half-open", "stopped"),
        (Circuit(reported=4, openings=1, open_until=NOW - MINUTE, probe=UUID(int=1)), "closed", "ok"),
    ],
    ids=["may be tried", "is tried", "on trial", "trial over"],
)
async def test_health_and_metrics_say_the_same_of_a_sender_that_is_tried_again(
    client: Client, conn: Connection, settings: Settings, circuit: Circuit, state: str, word: str
) -> None:
    await store.senders.recognise(conn, settings.carrier.sender, 1, None, NOW)
    await store.senders.turn(conn, settings.carrier.sender, circuit)

    found, ready = await figures(client), await client.get("/health/ready")

    assert found[f'checkin_sender_circuit{{state="{state}"}}'] == 1
    assert ready.json().get("sender", "ok") == word


async def test_a_paused_sender_shows(client: Client, conn: Connection, settings: Settings) -> None:
    before = await figures(client)

    await store.senders.pause(conn, settings.carrier.sender, None, NOW)

    found, ready = await figures(client), await client.get("/health/ready")
    assert (before["checkin_sender_paused"], found["checkin_sender_paused"]) == (0, 1)
    assert ready.json()["sender"] == "paused"


async def test_a_copy_shows_as_paused_before_a_worker_has_seen_it(
    client: Client, conn: Connection, settings: Settings
) -> None:
    await store.senders.recognise(conn, settings.carrier.sender, 1, None, NOW)
    await conn.execute("update senders set instance = 'another/5'")

    found, ready = await figures(client), await client.get("/health/ready")

    assert found["checkin_sender_paused"] == 1
    assert ready.json()["sender"] == "paused"


async def test_what_the_carrier_says_that_we_know_nothing_of_is_counted(
    client: Client, conn: Connection, people: Cast, settings: Settings
) -> None:
    await queue(conn, people.mentee, Lane.NUDGE)
    [ours] = (await store.outbox.claim_due(conn, NOW, MINUTE, 1)).readable
    about = f"?message={ours.id}&attempt={ours.attempt_id}"
    before = await figures(client)

    for address, word, code in [
        ("", "sent", ""),  # no id of a message
        ("?message=nobody", "delivered", ""),
        (f"?message={uuid4()}", "undelivered", "30003"),  # an id we never gave out
        (about, "huh", ""),
        (about, "sent", "29998"),
        (about, "undelivered", "29999"),
        (about, "undelivered", "29999"),
        (about, "undelivered", "30003"),  # a code with a rule
    ]:
        form = {"AccountSid": settings.carrier.account_sid, "MessageSid": "SM1", "MessageStatus": word}
        told = await post_form(client, settings, STATUS + address, form | {"ErrorCode": code})
        assert told.status_code == 204

    after = await figures(client)
    reports = 'checkin_unknown_reports_total{kind="%s"}'
    assert [before[reports % kind] for kind in ("message", "word")] == [0, 0]
    assert [after[reports % kind] for kind in ("message", "word")] == [3, 1]
    codes = {name: times for name, times in after.items() if name.startswith("checkin_unknown_codes")}
    assert codes == {'checkin_unknown_codes_total{code="29998"}': 1, 'checkin_unknown_codes_total{code="29999"}': 2}


async def test_readiness_tells_how_far_behind_the_work_is(client: Client, conn: Connection, people: Cast) -> None:
    await queue(conn, people.mentee, Lane.NUDGE, at=NOW - 30 * MINUTE)

    ready = await client.get("/health/ready")

    assert ready.status_code == 200
    assert ready.json()["oldest_message_seconds"] == pytest.approx(1800, abs=60)


@pytest.mark.parametrize("address", ["/metrics", "/health/ready"])
async def test_figures_hold_nothing_about_anybody(
    client: Client, conn: Connection, people: Cast, settings: Settings, address: str
) -> None:
    await text(conn, people.mentee, "2 1 canary-note")
    await queue(conn, people.mentor, Lane.CRISIS, at=NOW - MINUTE)
    await store.senders.pause(conn, settings.carrier.sender, None, NOW)

    answer = await client.get(address)

    secrets: list[Callable[[], str]] = [lambda: str(people.mentee.id), lambda: people.mentee.phone or "", lambda: "Ana"]
    assert not [secret() for secret in secrets if secret() in answer.text]
    assert not re.search(r"\+?\d{10}|canary|[0-9a-f]{8}-[0-9a-f]{4}", answer.text)
