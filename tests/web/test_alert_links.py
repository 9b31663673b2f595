"""Links in alert texts: who can open one, how often, how long, and what anybody else is told."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from checkin import core, flows, store
from checkin.config import Settings
from checkin.core.alerts import Outcome
from checkin.core.texts import Text
from checkin.flows.links import LENGTH, VALID, Site
from checkin.store.pool import Connection
from tests.api.calls import FORM, Client, served
from tests.people import DAY, NOW, Cast
from tests.phones import sent_to, text, told
from tests.web.alerts import fall, links_of, open_page, seen

MINUTE = timedelta(minutes=1)
SITE = Site("https://checkin.example.org")
STALE = "This link has had its time"
GONE = "There is nothing here for you now"


@pytest.fixture
async def client(settings: Settings, conn: Connection, people: Cast) -> AsyncIterator[Client]:
    await fall(conn, people)
    async with served(settings) as lent:
        yield lent


async def the_link(conn: Connection, people: Cast) -> str:
    [path] = await links_of(conn, people.mentor)
    return path


async def test_the_text_carries_a_link_and_still_says_nothing_of_anybody(
    client: Client, conn: Connection, people: Cast
) -> None:
    [body] = await sent_to(conn, people.mentor)
    number = await conn.fetchval("select number from alerts")

    path = await the_link(conn, people)

    link = f"https://checkin.example.org{path}"
    assert body == core.texts.render(Text.alert, "en", number=number, link=link)
    assert core.segments.fits(body)
    assert "Ana" not in body


async def test_a_token_is_of_130_bits_and_kept_nowhere(client: Client, conn: Connection, people: Cast) -> None:
    token = (await the_link(conn, people)).removeprefix("/a/")

    rows = await conn.fetch("select t::text as row from alert_links t")

    assert (len(token), LENGTH) == (22, 22)
    assert 62**LENGTH > 2**130
    assert not [row for row in rows if token in row["row"]]
    assert [len(row["token_hash"]) for row in await conn.fetch("select token_hash from alert_links")] == [32]


async def test_a_link_opens_the_page_with_a_cookie_nobody_else_gets(
    client: Client, conn: Connection, people: Cast
) -> None:
    opened = await client.post(await the_link(conn, people), headers=FORM)

    alert_id = await conn.fetchval("select id from alerts")
    cookie = opened.headers["set-cookie"]
    assert opened.headers["location"] == f"/alerts/{alert_id}"
    assert {"HttpOnly", "SameSite=strict", "Secure", "Max-Age=1800", f"Path=/alerts/{alert_id}"} <= set(
        cookie.replace("httponly", "HttpOnly").replace("secure", "Secure").split("; ")
    )
    page = await client.get(opened.headers["location"])
    assert page.status_code == 200
    assert "Ana" in page.text


async def test_looking_at_a_link_does_not_use_it_up(client: Client, conn: Connection, people: Cast) -> None:
    path = await the_link(conn, people)

    looks = [await client.request(method, path) for method in ("GET", "HEAD", "GET", "GET")]

    assert [look.status_code for look in looks] == [200, 200, 200, 200]
    assert "Ana" not in looks[0].text
    assert "set-cookie" not in looks[0].headers
    assert (await client.post(path, headers=FORM)).status_code == 303


async def test_a_link_opens_once_however_many_try_at_once(client: Client, conn: Connection, people: Cast) -> None:
    path = await the_link(conn, people)

    answers = await asyncio.gather(*(client.post(path, headers=FORM) for _ in range(20)))

    assert sorted(answer.status_code for answer in answers) == [303, *[404] * 19]


async def test_a_used_link_offers_a_new_one_and_shows_nothing(client: Client, conn: Connection, people: Cast) -> None:
    path = await the_link(conn, people)
    await client.post(path, headers=FORM)

    again = await client.get(path)

    assert again.status_code == 404
    assert STALE in seen(again)
    assert "Ana" not in again.text


@pytest.mark.parametrize(("after", "status"), [(VALID - MINUTE, 303), (VALID + MINUTE, 404)])
async def test_a_link_is_good_for_fifteen_minutes(
    client: Client, conn: Connection, people: Cast, after: timedelta, status: int
) -> None:
    path = await the_link(conn, people)
    client.app.state.clock.ahead += after

    assert (await client.post(path, headers=FORM)).status_code == status


@pytest.mark.parametrize(
    "token",
    ["x" * 22, "x" * 21, "x" * 23, "x" * 5000, "%00" * 8, "é" * 22, "' or 1=1 --", "0"],
)
async def test_a_link_that_never_was_looks_like_one_that_was_used(client: Client, token: str) -> None:
    looked = await client.get(f"/a/{token}")
    opened = await client.post(f"/a/{token}", headers=FORM)
    sent = await client.post(f"/a/{token}/again", headers=FORM)

    assert (looked.status_code, opened.status_code) == (404, 404)
    assert STALE in seen(looked)
    assert sent.status_code == 200


@pytest.mark.parametrize("place", range(0, 22, 7))
async def test_a_link_with_one_letter_changed_opens_nothing(
    client: Client, conn: Connection, people: Cast, place: int
) -> None:
    token = (await the_link(conn, people)).removeprefix("/a/")
    changed = token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :]

    assert (await client.post(f"/a/{changed}", headers=FORM)).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        "update assignments set ends_at = $1::timestamptz - interval '1 second' where mentor_id = $2",
        "update people set status = 'ended' where created_at < $1 and id = $2",
    ],
    ids=["former mentor", "ended"],
)
async def test_a_link_opens_nothing_for_who_does_not_stand_by_any_more(
    client: Client, conn: Connection, people: Cast, change: str
) -> None:
    await conn.execute(change, NOW, people.mentor.id)

    opened = await client.post(await the_link(conn, people), headers=FORM)

    assert opened.status_code == 404
    assert "set-cookie" not in opened.headers


async def test_a_link_opens_one_alert_and_no_other(client: Client, conn: Connection, people: Cast) -> None:
    await open_page(client, conn, people.mentor)
    await store.alerts.raise_for(conn, people.mentee.id, core.alerts.Kind.call_me, {}, NOW)
    other = await conn.fetchval("select id from alerts where kind = 'call_me'")
    session = client.cookies["checkin_alert"]

    page = await client.get(f"/alerts/{other}", headers={"Cookie": f"checkin_alert={session}"})

    assert page.status_code == 404
    assert GONE in seen(page)


async def test_the_page_closes_after_half_an_hour(client: Client, conn: Connection, people: Cast) -> None:
    page = await open_page(client, conn, people.mentor)
    client.app.state.clock.ahead += timedelta(minutes=31)

    later = await client.get(
        page.url.path, headers={"Cookie": "; ".join(f"{k}={v}" for k, v in client.cookies.items())}
    )

    assert (page.status_code, later.status_code) == (200, 404)


async def test_a_new_link_is_texted_to_the_same_phone_and_works(client: Client, conn: Connection, people: Cast) -> None:
    old = await the_link(conn, people)
    client.app.state.clock.ahead += DAY

    answered = await client.post(f"{old}/again", headers=FORM)

    old_again, new = await links_of(conn, people.mentor)
    assert "Look at your phone" in seen(answered)
    assert old_again == old
    assert (await client.post(new, headers=FORM)).status_code == 303


async def test_there_are_three_new_links_an_hour_and_nobody_is_told_of_the_fourth(
    client: Client, conn: Connection, people: Cast
) -> None:
    path = await the_link(conn, people)

    answers = await asyncio.gather(*(client.post(f"{path}/again", headers=FORM) for _ in range(10)))

    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert len(await links_of(conn, people.mentor)) == 1 + 3
    client.app.state.clock.ahead += timedelta(minutes=61)
    await client.post(f"{path}/again", headers=FORM)
    assert len(await links_of(conn, people.mentor)) == 1 + 4


async def test_no_new_link_for_an_alert_that_is_closed(client: Client, conn: Connection, people: Cast) -> None:
    path = await the_link(conn, people)
    alert_id = await conn.fetchval("select id from alerts")
    await flows.answers.record_outcome(conn, people.mentor, alert_id, "app", Outcome.talked, None, NOW)

    answered = await client.post(f"{path}/again", headers=FORM)

    assert "Look at your phone" in seen(answered)
    assert len(await links_of(conn, people.mentor)) == 1


async def test_a_link_to_an_alert_that_is_closed_says_so_and_not_that_it_is_late(
    client: Client, conn: Connection, people: Cast
) -> None:
    path = await the_link(conn, people)
    alert_id = await conn.fetchval("select id from alerts")
    await flows.answers.record_outcome(conn, people.mentor, alert_id, "app", Outcome.talked, None, NOW)

    looked, pressed = await client.get(path), await client.post(path, headers=FORM)

    assert [one.status_code for one in (looked, pressed)] == [404, 404]
    assert all("The alert may be closed" in seen(one) and STALE not in seen(one) for one in (looked, pressed))
    assert "set-cookie" not in pressed.headers


@pytest.mark.parametrize("words", ["LINK {number}", "link", "Enlace {number}"])
async def test_a_mentor_who_texts_link_gets_one_that_opens_the_page(
    client: Client, conn: Connection, people: Cast, words: str
) -> None:
    number = await conn.fetchval("select number from alerts")
    old = await the_link(conn, people)
    client.app.state.clock.ahead += DAY

    taken_for = await text(conn, people.mentor, words.format(number=number), at=NOW + DAY, site=SITE)

    old_again, new = await links_of(conn, people.mentor)
    assert (taken_for, old_again) == ("link", old)
    assert (await sent_to(conn, people.mentor))[1:] == [
        core.texts.render(Text.new_link, "en", number=number, link=SITE.url + new)
    ]
    assert (await client.post(new, headers=FORM)).status_code == 303
    assert await conn.fetchval("select acknowledged_by from alerts") is None


async def test_by_text_and_by_the_page_together_there_are_three_new_links_an_hour(
    client: Client, conn: Connection, people: Cast
) -> None:
    number = await conn.fetchval("select number from alerts")
    path = await the_link(conn, people)

    await client.post(f"{path}/again", headers=FORM)
    for _ in range(3):
        await text(conn, people.mentor, f"LINK {number}", site=SITE)

    assert len(await links_of(conn, people.mentor)) == 1 + 3
    assert told(Text.no_more_links, number=number) in await sent_to(conn, people.mentor)


@pytest.mark.parametrize("who", ["other_mentor", "mentee", "stranger"])
async def test_no_link_by_text_for_somebody_whose_business_the_alert_is_not(
    client: Client, conn: Connection, people: Cast, who: str
) -> None:
    number = await conn.fetchval("select number from alerts")

    await text(conn, getattr(people, who), f"LINK {number}", site=SITE)

    assert await links_of(conn, getattr(people, who)) == []
    assert await conn.fetchval("select count(*) from alert_links") == 1


async def test_no_link_by_text_for_an_alert_that_is_closed(client: Client, conn: Connection, people: Cast) -> None:
    number = await conn.fetchval("select number from alerts")
    await text(conn, people.mentor, f"CALLED {number}")

    await text(conn, people.mentor, f"LINK {number}", site=SITE)

    assert (await sent_to(conn, people.mentor))[-1] == told(Text.alert_unknown, number=number)
    assert await conn.fetchval("select count(*) from alert_links") == 1


async def test_other_sites_pages_cannot_press_our_buttons(client: Client, conn: Connection, people: Cast) -> None:
    path = await the_link(conn, people)
    headers = {**FORM, "Sec-Fetch-Site": "cross-site"}

    answers = [await client.post(one, headers=headers) for one in (path, f"{path}/again")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert (await client.post(path, headers=FORM)).status_code == 303


@pytest.mark.parametrize(
    ("accepted", "language", "title"),
    [("es-MX,es;q=0.9,en;q=0.8", "es", "El tiempo de este enlace"), ("fr", "en", STALE), ("", "en", STALE)],
)
async def test_who_is_not_known_is_spoken_to_as_their_browser_asks(
    client: Client, accepted: str, language: str, title: str
) -> None:
    page = await client.get("/a/" + "x" * 22, headers={"Accept-Language": accepted})

    assert f'<html lang="{language}">' in page.text
    assert title in seen(page)
