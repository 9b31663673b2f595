"""The alert's page in a real browser, against real processes: what is seen, drawn, pressed, fetched, and for whom."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import count, pairwise

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from checkin.core import charts
from checkin.core.trend import Report
from checkin.embedded import Embedded
from tests.web import evening
from tests.web.browsers import PICTURES, WIDER_THAN_WINDOW, WORST_CONTRAST, launched, violations
from tests.web.evening import NOTE, Evening

DATABASES = count(1)
EVERYBODY = ("Ana", "Bea", "Cid", "Dot", "Eva", "Sol")
SMALLER_THAN_A_FINGER = """() => [...document.querySelectorAll("a, button, summary, input, textarea")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.closest("label") || one, one])
  .filter(([box]) => box.getBoundingClientRect().height < 24 || box.getBoundingClientRect().width < 24)
  .map(([, one]) => one.outerHTML)"""
DOTS = """score => [...document.querySelectorAll(`.chart.${score} circle`)]
  .map((dot) => [Number(dot.getAttribute("cx")), Number(dot.getAttribute("cy"))])"""
LINES = """score => [...document.querySelectorAll(`.chart.${score} polyline`)]
  .map((line) => line.getAttribute("points").split(" ").map((point) => point.split(",").map(Number)))"""
ROWS = """() => [...document.querySelectorAll("#reports tr")].map((row) => [...row.children]
  .map((cell) => cell.querySelector("time")?.dateTime ?? cell.textContent))"""
FOCUS_SHOWS = """() => { const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2; }"""


@pytest.fixture(scope="module")
def tonight(server: Embedded, template: str) -> Iterator[Evening]:
    """Everybody's alerts on a running system, the same for the module."""
    with evening.evening(server, template, f"evening{os.getpid()}_{next(DATABASES)}") as (url, environ, vault):
        alerts = asyncio.run(evening.bring_in(url, vault))
        with evening.running_evening(url, environ, vault, alerts) as lent:
            yield lent


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as lent:
        yield lent


async def open_alert(tonight: Evening, context: BrowserContext, mentee: str) -> Page:
    """Follow a link to a mentee's alert and press its button."""
    page = await context.new_page()
    await page.goto(await tonight.link(mentee))
    await page.locator("button").click()
    await expect(page.locator("h1")).to_have_text(mentee)
    return page


def place(report: Report, last_day: Report, score: str) -> tuple[float, float]:
    """Return where a report belongs, counted from the edges of the plot and from nothing the chart computed."""
    back = (last_day.day - report.day) / timedelta(days=1)
    value = report.mood if score == "mood" else report.hope
    x = charts.RIGHT - (charts.RIGHT - charts.LEFT) * back / 59
    y = charts.BOTTOM - (charts.BOTTOM - charts.TOP) * value / 10
    return x, y


@pytest.mark.parametrize(("mentee", "days"), [("Ana", 50), ("Bea", 1), ("Cid", 0), ("Dot", 60)])
@pytest.mark.parametrize("score", ["mood", "hope"])
async def test_every_report_is_drawn_where_it_belongs_and_no_line_crosses_a_gap(
    tonight: Evening, browser: Browser, mentee: str, days: int, score: str
) -> None:
    page = await open_alert(tonight, await browser.new_context(), mentee)
    reports = await tonight.reports(mentee)
    today = (await tonight.reports("Dot"))[-1]

    dots = await page.evaluate(DOTS, score)
    lines = await page.evaluate(LINES, score)

    assert len(reports) == days
    assert [tuple(dot) for dot in dots] == [pytest.approx(place(one, today, score), abs=0.06) for one in reports]
    step = (charts.RIGHT - charts.LEFT) / 59
    steps = [after[0] - before[0] for line in lines for before, after in pairwise(line)]
    assert all(one == pytest.approx(step, abs=0.11) for one in steps)
    neighbours = sum(after.day - before.day == timedelta(days=1) for before, after in pairwise(reports))
    assert len(steps) == neighbours


@pytest.mark.parametrize("mentee", ["Ana", "Bea", "Cid", "Dot"])
async def test_the_table_has_the_same_numbers(tonight: Evening, browser: Browser, mentee: str) -> None:
    page = await open_alert(tonight, await browser.new_context(), mentee)

    rows = await page.evaluate(ROWS)

    reports = await tonight.reports(mentee)
    expected = [[str(one.day), str(one.mood), str(one.hope)] for one in reversed(reports)]
    assert rows == (expected or [["No answers in these 60 days."]])


async def test_the_run_and_the_usual_range_are_marked_and_said(tonight: Evening, browser: Browser) -> None:
    page = await open_alert(tonight, await browser.new_context(), "Ana")

    chart = page.get_by_role("img", name="Mood")

    await expect(chart.locator("rect.run")).to_have_count(1)
    await expect(chart.locator("polygon.usual")).to_have_count(1)
    await expect(chart.locator("desc")).to_contain_text("Mood from 0 to 10: 50 reports between")
    await expect(chart.locator("desc")).to_contain_text("Marked are the days from")
    await expect(page.get_by_text(NOTE)).to_be_visible()


async def test_without_enough_answers_it_says_so_and_draws_no_range(tonight: Evening, browser: Browser) -> None:
    page = await open_alert(tonight, await browser.new_context(), "Bea")

    await expect(page.get_by_text("We are still learning Bea's usual range (1 report so far).")).to_be_visible()
    await expect(page.locator("polygon.usual")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("mentee", EVERYBODY)
async def test_axe_finds_nothing_wrong(tonight: Evening, browser: Browser, mentee: str, scheme: str) -> None:
    context = await browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = await context.new_page()
    link = await tonight.link(mentee)
    await page.goto(link)
    found = await violations(page)
    await page.locator("button").click()
    await expect(page.locator("h1")).to_have_text(mentee)
    for summary in await page.locator("summary").all():
        await summary.click()

    found += await violations(page)
    contrast, where = await page.evaluate(WORST_CONTRAST)
    await page.goto(link)
    found += await violations(page)

    assert found == []
    assert contrast >= 4.5, where


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("mentee", ["Ana", "Sol", "Eva"])
async def test_it_fits_and_every_target_is_large_enough(
    tonight: Evening, browser: Browser, mentee: str, scheme: str, width: int
) -> None:
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = await open_alert(tonight, context, mentee)
    PICTURES.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURES / f"alert-{mentee.lower()}-{scheme}-{width}.png", full_page=True)
    for summary in await page.locator("summary").all():
        await summary.click()

    wider = await page.evaluate(WIDER_THAN_WINDOW)

    await page.screenshot(path=PICTURES / f"alert-{mentee.lower()}-{scheme}-{width}-open.png", full_page=True)
    assert not wider
    assert await page.evaluate(SMALLER_THAN_A_FINGER) == []


async def test_the_focus_shows_on_everything_that_can_be_reached(tonight: Evening, browser: Browser) -> None:
    page = await open_alert(tonight, await browser.new_context(), "Ana")
    reached = set()

    for _ in range(5):
        await page.keyboard.press("Tab")
        reached.add(await page.evaluate("document.activeElement.textContent.trim()"))
        assert await page.evaluate(FOCUS_SHOWS)

    assert {"I have it", "Pass on", "Ask me again in 4 hours", "I have reached out already"} <= reached


async def test_nothing_is_fetched_from_anybody_else_and_nothing_is_blocked(tonight: Evening, browser: Browser) -> None:
    context = await browser.new_context()
    asked: list[str] = []
    complaints: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: complaints.append(message.text))

    page = await open_alert(tonight, context, "Dot")
    await page.get_by_role("button", name="Ask me again").click()
    await expect(page.get_by_role("heading", name="Noted. You have it.")).to_be_visible()

    assert len(asked) > 5
    assert [url for url in asked if not url.startswith(f"{tonight.base}/")] == []
    assert complaints == []


async def test_without_script_the_buttons_work_to_the_end(tonight: Evening, browser: Browser) -> None:
    page = await open_alert(tonight, await browser.new_context(java_script_enabled=False), "Eva")

    await page.get_by_role("button", name="I have it").click()
    await expect(page.get_by_text("You have it.")).to_be_visible()
    await page.get_by_label("I left a message").check()
    await page.get_by_label("A note, if you like").fill("on her voicemail")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Noted. You have it.")).to_be_visible()
    assert await tonight.outcome("Eva") == ("left_message", False)
    await page.go_back()
    await page.reload()
    await expect(page.get_by_text("on her voicemail")).to_be_visible()
    await page.get_by_label("We talked").check()
    await page.get_by_role("button", name="Save").click()

    await expect(page.get_by_role("heading", name="Noted. The alert is closed.")).to_be_visible()
    assert await tonight.outcome("Eva") == ("talked", True)


async def test_the_text_on_the_mentors_phone_leads_to_the_page(tonight: Evening, browser: Browser) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{tonight.base}/sandbox?mentee={tonight.alerts['Kim'].mentee_id}")
    texts = page.get_by_role("article", name="Ben").locator(".received", has_text=f"OK {await tonight.number('Kim')}")
    link = texts.get_by_role("link").last
    await expect(link).to_be_visible()

    async with context.expect_page() as opened:
        await link.click()
    alert = await opened.value
    await alert.get_by_role("button", name="Open").click()

    await expect(alert).to_have_url(re.compile(rf"^{tonight.base}/alerts/[0-9a-f-]+$"))
    await expect(alert.locator("h1")).to_be_visible()
