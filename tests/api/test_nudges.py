"""A mentee's own nudges over HTTP: when they were asked and why not, and when they will be."""

from datetime import UTC, date, datetime, timedelta

import pytest

from checkin import core, flows, store
from checkin.clock import Clock
from checkin.core.nudges import Kind
from checkin.core.pushes import Way
from checkin.store.pool import Connection
from tests.api.calls import INVALID, NOTHING, OK, UNKNOWN, Bearer, Client, outcome
from tests.people import DAY, MONDAY, NOW, STEADY, Cast, answer, check_in_daily

NUDGES = "/v1/me/nudges"
PREVIEW = "/v1/me/nudges/preview"
EVENING = NOW + timedelta(hours=3, minutes=6)
"""18:06 in New York."""


async def test_past_nudges_are_told_newest_first_with_the_reason_in_plain_words(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await flows.nudges.ask_due(conn, EVENING - DAY)
    await conn.execute("update outbox set status = 'sent'")
    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, 7, 5), NOW)
    await flows.nudges.ask_due(conn, EVENING)

    answered = await client.get(NUDGES, params={"limit": 2}, headers=bearer(people.mentee))

    assert outcome(answered) == OK
    today, yesterday = answered.json()["items"]
    assert (today["day"], today["kind"], today["decision"]) == (str(MONDAY), "nudge", "answered")
    assert today["sentence"] == "Not sent: answered in the app 13:00."
    assert today["due_at"].startswith("2026-11-16T23:0")
    assert today["decided_at"] == "2026-11-16T23:06:00Z"
    assert (yesterday["decision"], yesterday["sentence"]) == ("sent", "Sent.")


@pytest.mark.parametrize(
    ("way", "sentence"),
    [("sms", "Enviado."), ("push", "Enviado a la aplicación.")],
)
async def test_a_nudge_says_by_which_way_it_went(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, way: str, sentence: str
) -> None:
    await store.pushes.choose(conn, people.other_mentee.id, Way(way))
    await flows.nudges.ask_due(conn, EVENING)
    await conn.execute("update outbox set status = 'sent'")

    answered = await client.get(NUDGES, headers=bearer(people.other_mentee))

    row = answered.json()["items"][0]
    assert (row["decision"], row["by"], row["sentence"]) == ("sent", way, sentence)


async def test_a_nudge_that_was_not_sent_went_no_way(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await store.pushes.choose(conn, people.mentee.id, Way.push)
    await flows.check_ins.record(conn, people.mentee.id, answer(MONDAY, 7, 5), NOW)
    await flows.nudges.ask_due(conn, EVENING)

    row = (await client.get(NUDGES, headers=bearer(people.mentee))).json()["items"][0]

    assert row["decision"] == "answered"
    assert "by" not in row


async def test_every_row_is_listed_once_whatever_the_page(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    rows = [(MONDAY - n * DAY, kind) for n in range(4) for kind in (Kind.reminder, Kind.nudge)]
    for day, kind in rows:
        await conn.execute(
            "insert into nudges (mentee_id, day, kind, due_at, decided_at, decision) values ($1, $2, $3, $4, $4, $5)",
            people.mentee.id, day, kind, NOW, "weekly",
        )  # fmt: skip

    for limit in (1, 3, 100):
        found, cursor = [], None
        while True:
            query = {"limit": str(limit)} | ({} if cursor is None else {"cursor": cursor})
            page = (await client.get(NUDGES, params=query, headers=bearer(people.mentee))).json()
            found += [(date.fromisoformat(one["day"]), one["kind"]) for one in page["items"]]
            cursor = page.get("next_cursor")
            if cursor is None:
                break

        assert found == rows


async def test_nobody_reads_the_nudges_of_another(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await flows.nudges.ask_due(conn, EVENING)

    answers = [
        (await client.get(path, headers=bearer(person))).json()
        for person in (people.mentor, people.other_mentor, people.coordinator, people.stranger)
        for path in (NUDGES, PREVIEW)
    ]

    assert [answered["items"] for answered in answers] == [[]] * 8


async def test_a_cursor_of_another_list_is_refused(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await check_in_daily(conn, people.mentee, STEADY)
    headers = bearer(people.mentee)
    page = (await client.get("/v1/me/check-ins?limit=1", headers=headers)).json()

    found = await client.get(NUDGES, params={"cursor": page["next_cursor"]}, headers=headers)

    assert outcome(found) == INVALID


@pytest.mark.parametrize("path", [NUDGES, PREVIEW])
async def test_without_a_token_there_is_nothing_to_read(client: Client, path: str) -> None:
    assert outcome(await client.get(path)) == UNKNOWN


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"cursor": "x"}, {"cursor": ""}])
async def test_a_bad_query_is_refused(client: Client, people: Cast, bearer: Bearer, query: dict[str, str]) -> None:
    assert outcome(await client.get(NUDGES, params=query, headers=bearer(people.mentee))) == INVALID


async def test_the_preview_shows_fourteen_on_the_wall_and_in_utc(client: Client, people: Cast, bearer: Bearer) -> None:
    answered = await client.get(PREVIEW, headers=bearer(people.mentee))

    assert outcome(answered) == OK
    items = answered.json()["items"]
    weekly = range(15, 15 + 8 * 7, 7)
    assert [one["day"] for one in items] == [str(MONDAY + n * DAY) for n in (0, 1, 2, 4, 6, 8, *weekly)]
    first = items[0]
    assert first["local_time"].startswith("2026-11-16T18:0")
    assert first["local_time"].endswith("-05:00")
    assert first["at"].startswith("2026-11-16T23:0")
    assert first["at"].endswith("Z")
    assert (first["time_zone"], first["clock"]) == ("America/New_York", "plain")


async def test_the_preview_follows_the_ladder_down(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    for back in (4, 3, 2, 1):
        await flows.nudges.ask_due(conn, EVENING - back * DAY)
        await conn.execute("update outbox set status = 'delivered'")

    items = (await client.get(PREVIEW, headers=bearer(people.mentee))).json()["items"]

    assert [one["day"] for one in items[:3]] == [str(MONDAY + n * DAY) for n in (0, 2, 4)]


async def test_the_preview_is_empty_for_whom_no_text_may_reach(
    client: Client, conn: Connection, people: Cast, bearer: Bearer
) -> None:
    await conn.execute("update people set opted_out_at = $1", NOW)

    answered = await client.get(PREVIEW, headers=bearer(people.mentee))

    assert answered.json() == {"items": [], "breaks": []}


@pytest.mark.parametrize(
    ("day", "hour", "clock"),
    [
        (datetime(2027, 3, 13, 15, tzinfo=UTC), 2, "gap"),
        (datetime(2026, 10, 31, 15, tzinfo=UTC), 1, "fold"),
        (datetime(2026, 10, 31, 15, tzinfo=UTC), 4, "plain"),
    ],
)
async def test_the_preview_tells_what_the_clocks_do(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, day: datetime, hour: int, clock: str
) -> None:
    await conn.execute("update nudge_plans set times = array[make_time($1, 30, 0)], quiet_from = quiet_until", hour)
    await conn.execute("update programs set texts_from = '00:00', texts_until = '23:59'")
    client.app.state.clock.ahead = day - Clock().now()

    items = (await client.get(PREVIEW, headers=bearer(people.mentee))).json()["items"]

    assert [one["clock"] for one in items[:2]] == [clock, "plain"]
    assert core.wall.is_zone(items[0]["time_zone"])


async def test_there_is_no_single_nudge_to_read(client: Client, people: Cast, bearer: Bearer) -> None:
    assert outcome(await client.get(f"{NUDGES}/{MONDAY}", headers=bearer(people.mentee))) == NOTHING


@pytest.mark.parametrize(
    ("status", "language", "sentence"),
    [
        ("delivered", "en", "Sent."),
        ("expired", "en", "Not sent: it did not leave in time."),
        ("expired", "es", "No se envió: no salió a tiempo."),
        ("undelivered", "en", "Sent, and it did not arrive."),
        ("queued", "en", "Waits to be sent."),
    ],
)
async def test_a_nudge_is_told_by_what_became_of_its_message(
    client: Client, conn: Connection, people: Cast, bearer: Bearer, status: str, language: str, sentence: str
) -> None:
    await flows.nudges.ask_due(conn, EVENING)
    await conn.execute("update outbox set status = $1", status)
    headers = {**bearer(people.mentee), "Accept-Language": language}

    answered = await client.get(NUDGES, headers=headers)

    assert answered.json()["items"][0]["sentence"] == sentence
