"""The alerts panel and the hints: how urgent an alert is, who was asked, and what is worth texting about it."""

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from checkin import flows
from checkin.clock import Clock
from checkin.core.alerts import Kind
from checkin.store import alerts
from checkin.store.pool import Connection
from tests import phones
from tests.people import Cast

Client = AsyncTestClient[Litestar]
PLAIN = "i want to kill myself"
INDIRECT = "everyone would be better off without me"
PAST = "my friend died by suicide"


async def page(client: Client, people: Cast) -> str:
    return (await client.get("/sandbox", params={"mentee": str(people.mentee.id)})).text


async def text(conn: Connection, people: Cast, *bodies: str) -> None:
    """Text from the mentee's phone now, and let the alerts that come of it take their first step."""
    for body in bodies:
        await phones.text(conn, people.mentee, body, at=Clock().now())
    await flows.alerts.move_due(conn, Clock().now())


@pytest.mark.parametrize(
    ("bodies", "waits", "is_urgent"),
    [
        ([PLAIN], "Mentor and coordinator at once, at any hour", True),
        ([INDIRECT], "One after the other, at any hour", True),
        ([PAST], "Can wait for a day", False),
        ([PAST, PLAIN], "Mentor and coordinator at once, at any hour", True),
    ],
    ids=["own wish", "indirect", "somebody else", "the worse of two"],
)
async def test_a_crisis_says_how_long_it_can_wait_and_never_the_words(
    client: Client, conn: Connection, now_people: Cast, bodies: list[str], waits: str, is_urgent: bool
) -> None:
    await text(conn, now_people, *bodies)

    shown = await page(client, now_people)

    assert waits in shown
    assert (">Urgent<" in shown) is is_urgent
    assert not [body for body in bodies if body in shown]


async def test_a_crisis_names_everybody_who_was_asked(client: Client, conn: Connection, now_people: Cast) -> None:
    await text(conn, now_people, PLAIN)

    assert "asked: Ben, Fay" in await page(client, now_people)


async def test_the_hints_are_about_the_crisis_and_not_about_what_can_wait(
    client: Client, conn: Connection, now_people: Cast
) -> None:
    await text(conn, now_people, PLAIN)
    await alerts.raise_for(conn, now_people.mentee.id, Kind.opted_out, {"source": "text"}, Clock().now())
    number = await conn.fetchval("select number from alerts where kind = 'crisis'")

    assert (await page(client, now_people)).count(f"<span>PASS {number}</span>") == 2


async def test_who_took_an_alert_is_reminded_how_to_close_it(
    client: Client, conn: Connection, now_people: Cast
) -> None:
    await text(conn, now_people, PLAIN)
    number = await conn.fetchval("select number from alerts")
    await phones.text(conn, now_people.mentor, f"OK {number}", at=Clock().now())

    shown = await page(client, now_people)

    assert "taken by Ben" in shown
    assert shown.count(f"<span>SAFE {number}</span>") == 1
    assert f"PASS {number}" not in shown
