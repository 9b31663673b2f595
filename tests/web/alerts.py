"""An alert as its reader meets it: the text with its link, the button, the page and its buttons."""

import re
from datetime import datetime
from html import unescape

from httpx import Response

from checkin import flows
from checkin.core.people import Person
from checkin.flows.links import Site
from checkin.store.pool import Connection
from tests.api.calls import FORM, Client
from tests.people import FALLING, NOW, STEADY, Cast, check_in_daily
from tests.phones import sent_to

SITE = Site("https://checkin.example.org")
LINK = re.compile(r"https://checkin\.example\.org(/a/\w+)")


async def fall(conn: Connection, people: Cast, now: datetime = NOW) -> None:
    """Let the mentee fall, and her mentor be asked about it."""
    await check_in_daily(conn, people.mentee, STEADY * 4 + FALLING)
    await flows.alerts.move_due(conn, now, SITE)


async def links_of(conn: Connection, person: Person) -> list[str]:
    """Return the paths of the links on a person's phone, the oldest first."""
    return [path for body in await sent_to(conn, person) for path in LINK.findall(body)]


async def open_page(client: Client, conn: Connection, person: Person) -> Response:
    """Follow the newest link on a person's phone, press its button, and return the alert's page."""
    path = (await links_of(conn, person))[-1]
    opened = await client.post(path, headers=FORM)
    assert opened.status_code == 303
    return await client.get(opened.headers["location"])


async def press(client: Client, page: Response, act: str, **fields: str) -> Response:
    """Press the button of *page* that does *act*, filled in with *fields*, and return what is seen then."""
    answered = await client.post(f"{page.url.path}/{act}", data={"form": form_token(page), **fields})
    return await client.get(answered.headers["location"]) if answered.status_code == 303 else answered


def form_token(page: Response) -> str:
    found = re.search(r'name="form" value="(\w+)"', page.text)
    assert found
    return found[1]


def seen(page: Response) -> str:
    """Return the words of a page, its tags gone."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))
