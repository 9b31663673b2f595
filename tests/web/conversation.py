"""Has a conversation in Spanish in the sandbox page, from invitation to STOP, and keeps what was seen."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from playwright.async_api import Locator, Page, async_playwright, expect

from checkin import store
from checkin.core.people import Person
from checkin.core.texts import Text
from checkin.store.pool import Connection
from tests.phones import told
from tests.web.browsers import CHROMIUM, PICTURES, QUIET, WIDER_THAN_WINDOW
from tests.web.conftest import Stage
from tests.web.test_sandbox_browser import box, phone

PROGRAM = "Casa Abierta"
A_MOVE = 60_000  # milliseconds the clock may take to live through what is due on the way
MENTEE, MENTOR, COVER, COORDINATOR = "Lucía", "Rosa", "Inés", "Julia"
PHONES = {MENTEE: "+12125550141", MENTOR: "+12125550142", COVER: "+12125550143", COORDINATOR: "+12125550144"}
ROUND_THE_WORLD = (
    "America/Los_Angeles America/Mexico_City America/New_York America/Sao_Paulo Atlantic/Azores Europe/Madrid "
    "Asia/Dubai Asia/Dhaka Asia/Manila Australia/Sydney Pacific/Auckland Pacific/Honolulu"
)
IN_DANGER = "ya no quiero vivir"
TEXTS_ON_SCREEN = """(items) => items.map((item) => [
  item.className === "received" ? "us" : "them", item.querySelector("p").textContent])"""
WHOLE_SCREENS = """async () => {
  for (const screen of document.querySelectorAll(".screen")) {
    screen.style.height = "auto";
    screen.style.maxHeight = "none";
  }
  for (let frame = 0; frame < 10; frame++) await new Promise(requestAnimationFrame);
}"""

Said = list[tuple[str, str]]
"""What a phone shows, in order: who said it ("us" or "them"), and the words."""
LINK = "LINK"
ANY_LINK = re.compile(r"http://[0-9.:]+/a/[0-9A-Za-z]{22}")


class View(Struct, frozen=True, kw_only=True):
    """What the page said at one moment: the hint on her phone, when she is asked next, and the panel of alerts."""

    hint: str
    nudge: str
    panel: str


class Seen(Struct, frozen=True, kw_only=True):
    """What was on the page: the phones after ALTO, hers a day later, and views of the page on the way.

    *crisis* and *left* are the two alerts' numbers; *too_wide* are widths at which the page did not fit.
    """

    stage: Stage
    zone: str
    crisis: int
    left: int
    phones: dict[str, Said]
    day_after: Said
    views: dict[str, View]
    too_wide: list[int]

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Connection]:
        pool = await store.pool.connect(self.stage.url, self.stage.vault)
        async with pool.acquire() as conn:
            yield conn
        await pool.close()

    async def mentee(self, conn: Connection) -> Person:
        return (await store.people.by_phone(conn, PHONES[MENTEE]))[0]


def bring_in(url: str, environ: dict[str, str], zone: str) -> None:
    """Import the program as an operator does. She has not consented, so the first text to her is the invitation."""
    rows = [
        "program,name,phone,roles,time_zone,language,mentor,cover",
        row(MENTEE, "mentee", zone, f"{PHONES[MENTOR]},{PHONES[COVER]}"),
        row(MENTOR, "mentor", zone, ","),
        row(COVER, "mentor", zone, ","),
        row(COORDINATOR, "coordinator", zone, ","),
    ]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("CHECKIN_")}
    subprocess.run(
        [sys.executable, "-m", "checkin.cli", "people", "import", "-"],
        input="\n".join(rows),
        env=variables | environ | {"CHECKIN_DATABASE_URL": url},
        encoding="utf-8",
        check=True,
    )


def row(name: str, role: str, zone: str, others: str) -> str:
    return f"{PROGRAM},{name},{PHONES[name]},{role},{zone},es,{others}"


def zone_at_midday(now: datetime) -> str:
    """Return a zone in which it is 11:00 to 15:00, so that no hour of the real day makes these people's quiet hours."""
    return next(zone for zone in ROUND_THE_WORLD.split() if 11 <= now.astimezone(ZoneInfo(zone)).hour < 15)


async def converse(stage: Stage, zone: str) -> Seen:
    """Have the whole conversation in the page; an hour passes wherever three answers have been sent in one."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        await page.goto(f"{stage.base}/sandbox")
        views = {"invited": await invited(page)}
        views["active"] = await begin(page)
        await an_hour_later(page)
        views["paused"] = await correct_pause_and_resume(page)
        await an_hour_later(page)
        crisis = await be_in_danger(page)
        views["crisis"] = await view(page)
        await take(page, crisis)
        views["taken"] = await view(page)
        left = await leave(page)
        views["left"] = await view(page)
        phones = {name: await screen(page, name) for name in PHONES}
        too_wide = [width for width in (1280, 320) if await is_too_wide(page, width)]
        await page.get_by_role("button", name="+1 day").click()
        await expect(page.locator("#now strong")).to_contain_text("1 day", timeout=A_MOVE)
        day_after = await screen(page, MENTEE)
        await browser.close()
    return Seen(
        stage=stage,
        zone=zone,
        crisis=crisis,
        left=left,
        phones=phones,
        day_after=day_after,
        views=views,
        too_wide=too_wide,
    )


async def invited(page: Page) -> View:
    await expect(received(page, MENTEE, casa(Text.invite))).to_be_visible()
    return await view(page)


async def begin(page: Page) -> View:
    await say(page, "si", casa(Text.welcome))
    begun = await view(page)
    await say(page, "7 5", casa(Text.thanks))
    return begun


async def correct_pause_and_resume(page: Page) -> View:
    await say(page, "corrige 4 6", casa(Text.changed))
    await say(page, "PAUSA 3 DIAS", casa(Text.paused, days=3))
    await expect(tries(page, MENTEE)).to_contain_text("REANUDAR")
    paused = await view(page)
    await say(page, "REANUDAR", casa(Text.resumed))
    return paused


async def be_in_danger(page: Page) -> int:
    """Text danger, and wait until mentor and coordinator have heard of it; returns the alert's number."""
    await say(page, IN_DANGER, casa(Text.crisis))
    crisis = await alert_number(page, Text.crisis_alert)
    await expect(received(page, COORDINATOR, casa(Text.crisis_alert, number=crisis))).to_be_visible()
    await expect(tries(page, MENTOR)).to_contain_text(f"VOY {crisis}")
    return crisis


async def take(page: Page, crisis: int) -> None:
    await text(page, MENTOR, f"VOY {crisis}")
    await expect(received(page, MENTOR, casa(Text.alert_yours, number=crisis))).to_be_visible()
    await expect(tries(page, MENTOR)).to_contain_text(f"LLAME {crisis}")


async def leave(page: Page) -> int:
    """Text ALTO, and wait until the mentor has heard of it; returns that alert's number."""
    await text(page, MENTEE, "ALTO")
    left = await alert_number(page, Text.alert)
    await expect(tries(page, MENTEE)).not_to_contain_text("7 5")
    return left


def casa(text: Text, *, number: int = 0, days: int = 0) -> str:
    """Return a text as her program sends it; LINK stands for the link, which is another one each time."""
    return told(text, "es", number=number, days=days, program=PROGRAM, link=LINK)


def received(page: Page, owner: str, words: str) -> Locator:
    said = re.compile(f"^{re.escape(words).replace(LINK, ANY_LINK.pattern)}$")
    return phone(page, owner).locator(".received p").filter(has_text=said)


def tries(page: Page, owner: str) -> Locator:
    return phone(page, owner).locator(".tries")


async def view(page: Page) -> View:
    return View(
        hint=await tries(page, MENTEE).inner_text(),
        nudge=await page.locator("#nudges p").first.inner_text(),
        panel=await page.locator("#alerts").inner_text(),
    )


async def text(page: Page, owner: str, words: str) -> None:
    """Type *words* on somebody's phone and send them."""
    await box(page, owner).fill(words)
    await box(page, owner).press("Enter")
    await expect(phone(page, owner).locator(".texted p").last).to_have_text(words)


async def say(page: Page, words: str, answer: str) -> None:
    """Text *words* from her phone and wait until the newest text there is *answer*."""
    await text(page, MENTEE, words)
    await expect(phone(page, MENTEE).locator(".received p").last).to_have_text(answer)


async def an_hour_later(page: Page) -> None:
    before = await page.locator("#now .time").inner_text()
    await page.get_by_role("button", name="+1 hour").click()
    await expect(page.locator("#now .time")).not_to_have_text(before, timeout=A_MOVE)
    await expect(page.locator("form[aria-busy=true]")).to_have_count(0)


async def alert_number(page: Page, kind: Text) -> int:
    """Wait for an alert of that kind on the mentor's phone and return its short number."""
    before, _, after = casa(kind, number=0).partition("0")
    rest = re.escape(after).replace("0", "[0-9]+").replace(LINK, ANY_LINK.pattern)
    words = re.compile(f"^{re.escape(before)}([0-9]+){rest}$")
    alert = phone(page, MENTOR).locator(".received p").filter(has_text=words)
    await expect(alert).to_have_count(1)
    found = words.match(await alert.inner_text())
    assert found is not None
    return int(found[1])


async def screen(page: Page, owner: str) -> Said:
    items = phone(page, owner).locator(".screen li.received, .screen li.texted")
    return [(who, ANY_LINK.sub(LINK, words)) for who, words in await items.evaluate_all(TEXTS_ON_SCREEN)]


async def is_too_wide(page: Page, width: int) -> bool:
    """Take the page's picture at *width*, every text on it, and say whether it would have to be scrolled sideways."""
    await page.set_viewport_size({"width": width, "height": 900})
    wider: bool = await page.evaluate(WIDER_THAN_WINDOW)
    await page.evaluate(WHOLE_SCREENS)
    PICTURES.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURES / f"conversation-es-{width}.png", full_page=True)
    return wider
