"""When an alert's text carries a link, whose it is, and what is kept of it."""

from datetime import timedelta

import pytest

from checkin import core, flows, store
from checkin.core.alerts import Kind, Outcome
from checkin.core.danger import Tier
from checkin.core.texts import Text
from checkin.flows.links import NOWHERE, Site
from checkin.store.pool import Connection
from tests.people import NOW, Cast
from tests.phones import sent_to, told

LONG = Site("https://checkin." + "very-" * 30 + "long.example.org")


@pytest.mark.parametrize("site", [NOWHERE, LONG], ids=["no pages", "no room"])
async def test_a_text_without_a_link_leaves_none_behind(conn: Connection, people: Cast, site: Site) -> None:
    await store.alerts.raise_for(conn, people.mentee.id, Kind.call_me, {}, NOW)
    number = await conn.fetchval("select number from alerts")

    await flows.alerts.move_due(conn, NOW, site)

    assert await sent_to(conn, people.mentor) == [told(Text.alert, number=number)]
    assert await conn.fetchval("select count(*) from alert_links") == 0


async def test_each_who_is_asked_has_a_link_of_their_own(conn: Connection, people: Cast) -> None:
    urgency = core.alerts.TIER_URGENCY[Tier.a]
    await store.alerts.raise_for(conn, people.mentee.id, Kind.crisis, {"tier": "A"}, NOW, urgency)

    await flows.alerts.move_due(conn, NOW, Site("https://checkin.example.org/"))

    [mentors], [coordinators] = [await sent_to(conn, one) for one in (people.mentor, people.coordinator)]
    owners = await conn.fetch("select person_id from alert_links")
    assert mentors.split()[-1].startswith("https://checkin.example.org/a/")
    assert mentors.split()[-1] != coordinators.split()[-1]
    assert {row["person_id"] for row in owners} == {people.mentor.id, people.coordinator.id}


@pytest.mark.parametrize(
    ("word", "is_link"),
    [
        ("https://checkin.example.org/a/" + "x" * 22, True),
        ("https://checkin.example.org/a/" + "x" * 21, False),
        ("https://checkin.example.org/a/" + "x" * 21 + "'", False),
        ("https://checkin.example.org.evil/a/" + "x" * 22, False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_only_our_own_links_can_be_followed(word: str, is_link: bool) -> None:
    assert Site("https://checkin.example.org").is_link(word) is is_link


async def test_a_link_is_forgotten_a_day_later_once_its_alert_is_closed(conn: Connection, people: Cast) -> None:
    site = Site("https://checkin.example.org")
    for kind in (Kind.call_me, Kind.trend):
        await store.alerts.raise_for(conn, people.mentee.id, kind, {}, NOW)
    await flows.alerts.move_due(conn, NOW, site)
    closed, left = await store.alerts.open_for(conn, people.mentor.id, NOW)
    async with conn.transaction():
        await flows.alerts.close(conn, people.mentor, closed, "app", Outcome.talked, None, NOW)

    too_soon = await flows.links.clear_old(conn, NOW + timedelta(days=1) - timedelta(seconds=1))
    cleared = await flows.links.clear_old(conn, NOW + timedelta(days=1))

    assert (too_soon, cleared) == (0, 1)
    assert await conn.fetchval("select alert_id from alert_links") == left.id
