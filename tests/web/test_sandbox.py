"""The sandbox page as HTTP sees it, in this process; the carrier's way in is tried in test_sandbox_browser.py."""

import re
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from checkin import flows, store
from checkin.clock import Clock
from checkin.core.people import Role
from checkin.flows.people import NewPerson
from checkin.store.pool import Connection
from checkin.web import pages
from tests.people import DAY, FALLING, STEADY, ZONE, Cast, check_in_daily

Client = AsyncTestClient[Litestar]
OWNERS = re.compile(r'<h3 id="owner-[^"]*">([^<]*)</h3>')
TODAY = date(2026, 11, 20)


def owners(html: str) -> list[str]:
    return OWNERS.findall(html)


async def test_the_phones_are_the_mentees_the_mentors_the_covers_and_the_coordinators(
    client: Client, now_people: Cast
) -> None:
    answer = await client.get("/sandbox", params={"mentee": str(now_people.mentee.id)})

    assert owners(answer.text) == ["Ana", "Ben", "Cleo", "Fay"]


async def test_another_mentee_can_be_chosen(client: Client, now_people: Cast) -> None:
    answer = await client.get("/sandbox", params={"mentee": str(now_people.other_mentee.id)})

    assert owners(answer.text) == ["Dina", "Eli", "Fay"]


@pytest.mark.parametrize("mentee", ["", "x", "' or 1=1", str(uuid4())])
async def test_a_mentee_who_is_not_there_shows_the_first(client: Client, now_people: Cast, mentee: str) -> None:
    answer = await client.get("/sandbox", params={"mentee": mentee})

    assert owners(answer.text)[0] == "Ana"


async def test_an_empty_sandbox_says_how_people_come_in(client: Client) -> None:
    answer = await client.get("/sandbox")

    assert answer.status_code == 200
    assert "checkin people import" in answer.text
    assert "checkin demo" in answer.text


async def test_the_page_leaves_with_headers_that_let_nothing_in_or_out(client: Client, now_people: Cast) -> None:
    answer = await client.get("/sandbox")

    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_page_has_no_inline_script_or_style(client: Client, now_people: Cast) -> None:
    answer = await client.get("/sandbox")

    assert not re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", answer.text, re.IGNORECASE)


async def test_what_people_are_called_and_text_is_shown_and_never_run(
    client: Client, conn: Connection, now_people: Cast
) -> None:
    name = '<script>alert("x")</script>'
    row = NewPerson(
        line=0,
        program="",
        name=name,
        phone="+12125550109",
        roles=frozenset({Role.mentee}),
        time_zone=ZONE,
        language="en",
    )
    person = await flows.people.add(conn, row, now_people.program, Clock().now())
    await store.sandbox.add_text(conn, "SM1", "+12125550109", "to_phone", "<img src=x onerror=y>", Clock().now())

    answer = await client.get("/sandbox", params={"mentee": str(person.id)})

    assert name not in answer.text
    assert "<img" not in answer.text
    assert "&lt;script&gt;alert(" in answer.text
    assert "&lt;img src=x onerror=y&gt;" in answer.text


async def test_programs_read_the_phones_as_json(client: Client, conn: Connection, now_people: Cast) -> None:
    at = Clock().now()
    await store.sandbox.add_text(conn, "SM1", "+12125550101", "to_phone", "How are you?", at)

    answer = await client.get("/sandbox/state", params={"mentee": str(now_people.mentee.id)})

    seen = answer.json()
    assert list(seen) == ["now", "ahead_seconds", "mentees", "phones"]
    assert seen["now"].endswith("Z")
    assert seen["ahead_seconds"] == 0
    assert seen["mentees"][0] == {"id": str(now_people.mentee.id), "name": "Ana"}
    phone = seen["phones"][0]
    assert phone["texts"][0].pop("at") == at.isoformat().replace("+00:00", "Z")
    assert phone == {
        "person_id": str(now_people.mentee.id),
        "name": "Ana",
        "roles": ["mentee"],
        "phone": "+12125550101",
        "texts": [{"sid": "SM1", "received": True, "body": "How are you?"}],
    }


async def test_the_mentors_side_shows_the_alert_with_its_sentence_and_who_was_asked(
    client: Client, conn: Connection, now_people: Cast
) -> None:
    today = Clock().now().date()
    await check_in_daily(conn, now_people.mentee, STEADY * 3 + FALLING, until=today - DAY)
    await flows.alerts.move_due(conn, datetime.fromisoformat(f"{today}T17:00:00Z"))

    answer = await client.get("/sandbox", params={"mentee": str(now_people.mentee.id)})

    assert "What Ben sees behind login" in answer.text
    assert "Ana&#39;s mood and hope have been below their usual level since" in answer.text
    assert "asked: Ben" in answer.text
    assert "OK 11" in answer.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/sandbox/texts", "/sandbox/clock"])
async def test_another_sites_page_cannot_post(client: Client, now_people: Cast, path: str, site: str) -> None:
    form = {"person": str(now_people.mentee.id), "body": "7 5", "by": "hour"}

    answer = await client.post(path, data=form, headers={"Sec-Fetch-Site": site}, follow_redirects=False)

    assert answer.status_code == 403
    assert (await client.get("/sandbox/state")).json()["ahead_seconds"] == 0


async def test_a_text_that_is_not_taken_is_said_plainly_and_kept_in_its_box(client: Client, now_people: Cast) -> None:
    form = {"person": str(now_people.mentee.id), "body": "7 5 & more"}

    answer = await client.post("/sandbox/texts", data=form)

    assert answer.status_code == 502
    assert "our own webhook did not answer" in answer.text
    assert 'value="7 5 &amp; more"' in answer.text
    assert (await client.get("/sandbox/state")).json()["phones"][0]["texts"] == []


@pytest.mark.parametrize(
    ("body", "said"), [("", "nothing to send"), ("  ", "nothing to send"), ("x" * 1601, "1600 characters is the most")]
)
async def test_a_text_has_1_to_1600_characters(client: Client, now_people: Cast, body: str, said: str) -> None:
    form = {"person": str(now_people.mentee.id), "body": body}

    answer = await client.post("/sandbox/texts", data=form)

    assert answer.status_code == 400
    assert said in answer.text


@pytest.mark.parametrize("person", ["", "x", str(uuid4())])
async def test_a_text_from_nobodys_phone_goes_nowhere(client: Client, now_people: Cast, person: str) -> None:
    answer = await client.post("/sandbox/texts", data={"person": person, "body": "7 5"})

    assert answer.status_code == 404
    assert "Nobody has that phone" in answer.text


@pytest.mark.parametrize("path", ["/sandbox/texts", "/sandbox/clock"])
async def test_only_forms_are_taken(client: Client, path: str) -> None:
    answer = await client.post(path, json={"by": "hour"})

    assert answer.status_code == 415


@pytest.mark.parametrize(("by", "expected"), [("hour", timedelta(hours=1)), ("day", timedelta(days=1))])
async def test_the_clock_is_moved_when_the_answer_leaves(
    client: Client, now_people: Cast, by: str, expected: timedelta
) -> None:
    mentee = str(now_people.mentee.id)

    answer = await client.post("/sandbox/clock", data={"by": by, "mentee": mentee}, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sandbox?mentee={mentee}#clock"
    ahead = (await client.get("/sandbox/state")).json()["ahead_seconds"]
    assert ahead == pytest.approx(expected.total_seconds(), abs=1)


async def test_two_moves_add_up(client: Client, now_people: Cast) -> None:
    await client.post("/sandbox/clock", data={"by": "hour"})
    await client.post("/sandbox/clock", data={"by": "hour"})

    ahead = (await client.get("/sandbox/state")).json()["ahead_seconds"]

    assert ahead == pytest.approx(7200, abs=1)


async def test_the_next_nudge_is_the_chosen_mentees(client: Client, conn: Connection, now_people: Cast) -> None:
    now = Clock().now()
    times = [(now_people.mentee.id, now + timedelta(hours=5)), (now_people.other_mentee.id, now + timedelta(hours=2))]
    await store.nudges.plan_next(conn, [(mentee, at) for mentee, at in times])

    found = await flows.sandbox.target_of(conn, flows.sandbox.Move.nudge, now, now_people.mentee.id)

    assert found == now + timedelta(hours=5) + flows.sandbox.A_STOP


async def test_a_second_move_while_one_is_under_way_is_told_to_wait(
    client: Client, conn: Connection, now_people: Cast
) -> None:
    async with conn.transaction():
        await store.sandbox.lock_clock(conn)
        answer = await client.post("/sandbox/clock", data={"by": "day"})

    assert answer.status_code == 409
    assert "being moved already" in answer.text
    assert (await client.get("/sandbox/state")).json()["ahead_seconds"] == 0


async def test_without_a_planned_nudge_the_clock_stays(client: Client, now_people: Cast) -> None:
    answer = await client.post("/sandbox/clock", data={"by": "nudge", "mentee": str(now_people.mentee.id)})

    assert "No nudge is planned" in answer.text
    assert (await client.get("/sandbox/state")).json()["ahead_seconds"] == 0


@pytest.mark.parametrize("by", ["", "week", "-1"])
async def test_the_clock_moves_by_nothing_else(client: Client, now_people: Cast, by: str) -> None:
    answer = await client.post("/sandbox/clock", data={"by": by})

    assert answer.status_code == 400
    assert (await client.get("/sandbox/state")).json()["ahead_seconds"] == 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sandbox.css", "text/css; charset=utf-8"),
        ("sandbox.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
async def test_style_script_and_icon_have_their_types(client: Client, name: str, kind: str) -> None:
    answer = await client.get(f"/static/{name}")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind


@pytest.mark.parametrize(
    "name", ["pages.py", "..%2fpages.py", "%2e%2e%2fpages.py", "..%5cpages.py", "%00", "sandbox.css%00"]
)
async def test_no_other_file_can_be_fetched(client: Client, name: str) -> None:
    answer = await client.get(f"/static/{name}")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(), ""),
        (timedelta(seconds=20), ""),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=3), "3 days"),
        (timedelta(days=1, hours=2, minutes=5), "1 day 2 hours"),
        (timedelta(hours=23, minutes=59, seconds=59), "1 day"),
    ],
)
def test_how_far_the_clock_is_moved_is_said_in_two_words(ahead: timedelta, words: str) -> None:
    assert pages.spoken(ahead) == words
