"""The page of an alert: what it shows and to whom, and what its buttons do."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from checkin import flows, store
from checkin.config import Settings
from checkin.core.alerts import Kind, Outcome
from checkin.core.catalogues import LANGUAGES
from checkin.core.people import Person
from checkin.store.links import Bound
from checkin.store.pool import Connection
from tests.api.calls import Client, served
from tests.people import DAY, MONDAY, NOW, Cast, answer
from tests.web.alerts import SITE, fall, form_token, links_of, open_page, press, seen

TOKEN = "T" * 22


@pytest.fixture
async def client(settings: Settings, conn: Connection, people: Cast) -> AsyncIterator[Client]:
    await fall(conn, people)
    async with served(settings) as lent:
        yield lent


async def give_link(conn: Connection, person: Person, token: str = TOKEN) -> str:
    """Give a person a link to the one alert there is, as if they had been asked; returns its path."""
    row = await conn.fetchrow("select mentee_id, id from alerts")
    assert row is not None
    bound = Bound(mentee_id=row["mentee_id"], alert_id=row["id"], person_id=person.id)
    await store.links.add(conn, bound, token, NOW, NOW + timedelta(minutes=15), asked_for=False)
    return f"/a/{token}"


async def state(conn: Connection) -> dict[str, object]:
    row = await conn.fetchrow("select acknowledged_by, acknowledged_through, resolved_at, outcome from alerts")
    assert row is not None
    return dict(row)


async def test_it_says_what_happened_to_whom_since_when_and_who_was_asked(
    client: Client, conn: Connection, people: Cast
) -> None:
    page = await open_page(client, conn, people.mentor)

    words = seen(page)
    number = await conn.fetchval("select number from alerts")
    assert f"Alert {number}" in words
    assert "Ana's mood and hope have been below their usual level since" in words
    assert re.search(r"Since \d+ November, \d\d:\d\d ", words)
    assert "Nobody has it yet." in words
    assert re.search(r"Mood [\d.]+ on average, usually about [\d.]+", words)
    assert "Ben , mentor: asked by text" in words
    assert "35 reports in 60 days" in words


async def test_its_title_names_nobody(client: Client, conn: Connection, people: Cast) -> None:
    page = await open_page(client, conn, people.mentor)

    title = re.search(r"<title>(.*)</title>", page.text)

    assert title
    assert re.fullmatch(r"Alert \d+ · checkin", title[1])


async def test_every_look_is_written_down_with_who_looked(client: Client, conn: Connection, people: Cast) -> None:
    page = await open_page(client, conn, people.mentor)
    await client.get(page.url.path)

    rows = await conn.fetch("select person_id, actor_id, actor, about from audit where action = 'alert.read'")

    alert_id = str(await conn.fetchval("select id from alerts"))
    assert [tuple(row) for row in rows] == [(people.mentee.id, people.mentor.id, "mentor", alert_id)] * 2


@pytest.mark.parametrize("name", ["mentor", "cover", "coordinator"])
async def test_those_whose_business_it_is_see_it(client: Client, conn: Connection, people: Cast, name: str) -> None:
    await client.post(await give_link(conn, getattr(people, name)))

    page = await client.get(f"/alerts/{await conn.fetchval('select id from alerts')}")

    assert page.status_code == 200


@pytest.mark.parametrize("name", ["mentee", "other_mentee", "other_mentor", "stranger"])
async def test_nobody_else_does_even_with_a_link(client: Client, conn: Connection, people: Cast, name: str) -> None:
    opened = await client.post(await give_link(conn, getattr(people, name)))

    page = await client.get(f"/alerts/{await conn.fetchval('select id from alerts')}")

    assert opened.status_code == 404
    assert page.status_code == 404
    assert await conn.fetchval("select count(*) from audit where action = 'alert.read'") == 0


@pytest.mark.parametrize(
    "change",
    [
        "update assignments set ends_at = $1::timestamptz - interval '1 second' where mentor_id = $2",
        "update people set status = 'ended' where created_at < $1 and id = $2",
        "update alerts set resolved_at = $1, next_step_at = null where $2::uuid is not null",
    ],
    ids=["cover ended", "left", "closed"],
)
async def test_an_open_page_ends_with_what_made_it_theirs(
    client: Client, conn: Connection, people: Cast, change: str
) -> None:
    await client.post(await give_link(conn, people.cover))
    page = await client.get(f"/alerts/{await conn.fetchval('select id from alerts')}")
    await conn.execute(change, NOW, people.cover.id)

    later = await client.get(page.url.path)
    pressed = await press(client, page, "acknowledgement")

    assert (page.status_code, later.status_code, pressed.status_code) == (200, 404, 404)
    assert (await state(conn))["acknowledged_by"] is None


async def test_every_refusal_is_the_same_page(client: Client, conn: Connection, people: Cast) -> None:
    alert_id = await conn.fetchval("select id from alerts")
    await client.post(await give_link(conn, people.mentor))
    await conn.execute("update assignments set ends_at = $1::timestamptz - interval '1 second'", NOW)
    former = await client.get(f"/alerts/{alert_id}")
    client.cookies.clear()

    others = [await client.get(f"/alerts/{one}") for one in (alert_id, people.mentee.id, "41", "%00", "x" * 900)]

    assert {(one.status_code, one.text) for one in (former, *others)} == {(404, former.text)}


async def test_only_notes_that_are_shared_are_shown_and_none_to_a_coordinator(
    client: Client, conn: Connection, people: Cast
) -> None:
    for back, note, shared in ((0, "mine alone", False), (1, "<b>for you</b>", True)):
        said = replace(answer(MONDAY - back * DAY, 2, 2, note=note), note_shared=shared, answered_at=NOW)
        await flows.check_ins.record(conn, people.mentee.id, said, NOW)
    mentors = await open_page(client, conn, people.mentor)
    client.cookies.clear()

    await client.post(await give_link(conn, people.coordinator))
    coordinators = await client.get(mentors.url.path)

    assert "&lt;b&gt;for you&lt;/b&gt;" in mentors.text
    assert "mine alone" not in mentors.text
    assert coordinators.status_code == 200
    assert "for you" not in coordinators.text


async def test_i_have_it_takes_the_alert(client: Client, conn: Connection, people: Cast) -> None:
    page = await open_page(client, conn, people.mentor)

    after = await press(client, page, "acknowledgement")

    assert "You have it." in seen(after)
    assert "I have it" not in seen(after)
    taken = await state(conn)
    assert (taken["acknowledged_by"], taken["acknowledged_through"]) == (people.mentor.id, "web")


async def test_who_comes_second_is_told_who_has_it(client: Client, conn: Connection, people: Cast) -> None:
    page = await open_page(client, conn, people.mentor)
    alert_id = await conn.fetchval("select id from alerts")
    await flows.alerts.acknowledge(conn, people.cover, alert_id, "app", NOW)

    after = await press(client, page, "acknowledgement")

    assert "Cleo has it." in seen(after)
    assert (await state(conn))["acknowledged_by"] == people.cover.id


async def test_pass_on_asks_the_next_person_at_once(client: Client, conn: Connection, people: Cast) -> None:
    page = await open_page(client, conn, people.mentor)

    after = await press(client, page, "hand-over")
    await flows.alerts.move_due(conn, client.app.state.clock.now(), SITE)

    assert "Passed on" in seen(after)
    assert "Ana" not in after.text
    assert len(await links_of(conn, people.cover)) == 1


async def test_later_asks_the_same_reader_again_in_four_hours(client: Client, conn: Connection, people: Cast) -> None:
    page = await open_page(client, conn, people.mentor)

    after = await press(client, page, "snooze")

    assert "We ask you again in 4 hours" in seen(after)
    assert await conn.fetchval("select next_step_at - acknowledged_at from alerts") == timedelta(hours=4)


@pytest.mark.parametrize("outcome", [Outcome.talked, Outcome.safe, Outcome.referred])
async def test_an_outcome_closes_the_alert_with_its_note(
    client: Client, conn: Connection, people: Cast, outcome: Outcome
) -> None:
    page = await open_page(client, conn, people.mentor)

    after = await press(client, page, "outcome", outcome=outcome, note=" she is ok ñ 🙂 ")

    row = await conn.fetchrow("select id, resolved_at, outcome, outcome_note from alerts")
    assert row is not None
    assert "The alert is closed" in seen(after)
    assert (row["resolved_at"] is not None, row["outcome"]) == (True, outcome)
    assert conn.vault.open("alerts.outcome_note", row["id"], row["outcome_note"]) == "she is ok ñ 🙂"


@pytest.mark.parametrize(
    ("outcome", "words"),
    [(Outcome.left_message, "Last try: I left a message"), (Outcome.no_answer, "Last try: No answer")],
)
async def test_a_try_that_reached_nobody_leaves_it_open_and_is_shown(
    client: Client, conn: Connection, people: Cast, outcome: Outcome, words: str
) -> None:
    page = await open_page(client, conn, people.mentor)

    await press(client, page, "outcome", outcome=outcome, note="voicemail")
    again = await client.get(page.url.path)

    assert words in seen(again)
    assert "voicemail" in seen(again)
    assert (await state(conn))["resolved_at"] is None
    assert await conn.fetchval("select next_step_at - acknowledged_at from alerts") == timedelta(hours=4)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"note": "kept words"}, "Choose what came of it"),
        ({"outcome": "", "note": "kept words"}, "Choose what came of it"),
        ({"outcome": "cured", "note": "kept words"}, "Choose what came of it"),
        ({"outcome": "talked", "note": "kept words" + "n" * 1000}, "A note has room for 1,000 characters"),
    ],
)
async def test_what_cannot_be_taken_is_said_and_the_words_stay(
    client: Client, conn: Connection, people: Cast, fields: dict[str, str], words: str
) -> None:
    page = await open_page(client, conn, people.mentor)

    after = await press(client, page, "outcome", **fields)

    assert after.status_code == 400
    assert words in seen(after)
    assert "kept words" in after.text
    assert (await state(conn))["outcome"] is None


@pytest.mark.parametrize("form", ["", "x", "0" * 64, "é"])
@pytest.mark.parametrize("act", ["acknowledgement", "hand-over", "snooze", "outcome"])
async def test_a_form_without_the_pages_own_mark_does_nothing(
    client: Client, conn: Connection, people: Cast, act: str, form: str
) -> None:
    page = await open_page(client, conn, people.mentor)
    before = await state(conn)

    answered = await client.post(f"{page.url.path}/{act}", data={"form": form, "outcome": "talked"})

    assert answered.status_code == 404
    assert await state(conn) == before


async def test_buttons_need_the_cookie_a_form_of_their_own_kind_and_a_name_we_know(
    client: Client, conn: Connection, people: Cast
) -> None:
    page = await open_page(client, conn, people.mentor)
    path, fields = page.url.path, {"form": form_token(page)}

    json = await client.post(f"{path}/acknowledgement", json=fields)
    unknown = await client.post(f"{path}/escalate", data=fields)
    foreign = await client.post(f"{path}/acknowledgement", data=fields, headers={"Sec-Fetch-Site": "same-site"})
    client.cookies.clear()
    without = await client.post(f"{path}/acknowledgement", data=fields)

    assert [one.status_code for one in (json, unknown, foreign, without)] == [415, 404, 403, 404]
    assert (await state(conn))["acknowledged_by"] is None


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_kind_has_a_page_in_the_readers_language(
    settings: Settings, conn: Connection, people: Cast, kind: Kind, language: str
) -> None:
    await conn.execute("update people set language = $1", language)
    if kind is Kind.trend:
        await fall(conn, people)
    else:
        await store.alerts.raise_for(conn, people.mentee.id, kind, {"source": "text"}, NOW)
    path = await give_link(conn, people.mentor)

    async with served(settings) as client:
        await client.post(path)
        page = await client.get(f"/alerts/{await conn.fetchval('select id from alerts')}")

    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert ("Yo me encargo" in seen(page)) is (language == "es")


async def test_it_leaves_with_headers_that_let_nothing_in_or_out(
    client: Client, conn: Connection, people: Cast
) -> None:
    page = await open_page(client, conn, people.mentor)
    refused = await client.get("/alerts/41")

    for answered in (page, refused):
        policy = answered.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; ")
        assert "unsafe" not in policy
        assert answered.headers["cache-control"] == "no-store"
        assert answered.headers["referrer-policy"] == "no-referrer"
        assert not re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script", answered.text, re.IGNORECASE)
