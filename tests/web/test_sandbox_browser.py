"""The sandbox page in a real browser, against real processes: what is clicked, seen, fetched, and how it fits."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from checkin import core
from checkin.core.texts import Text
from tests.web.browsers import PICTURES, WIDER_THAN_WINDOW, WORST_CONTRAST, launched
from tests.web.conftest import Stage

NUDGE = core.texts.render(Text.nudge, "en")
THANKS = core.texts.render(Text.thanks, "en")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as lent:
        yield lent


async def open_page(stage: Stage, context: BrowserContext, mentee: str) -> Page:
    """Open the sandbox and choose *mentee*."""
    page = await context.new_page()
    await page.goto(f"{stage.base}/sandbox")
    await page.get_by_role("link", name=mentee, exact=True).click()
    await expect(page.get_by_role("link", name=mentee, exact=True)).to_have_attribute("aria-current", "page")
    return page


def phone(page: Page, owner: str) -> Locator:
    return page.get_by_role("article", name=owner)


def box(page: Page, owner: str) -> Locator:
    return page.get_by_label(f"Text from {owner}'s phone")


async def test_a_nudge_comes_and_its_answer_is_recorded(stage: Stage, browser: Browser) -> None:
    page = await open_page(stage, await browser.new_context(viewport={"width": 1280, "height": 900}), "Ana")
    address = page.url

    await page.get_by_role("button", name="to the next nudge").click()
    await expect(phone(page, "Ana").get_by_text(NUDGE)).to_be_visible()
    await box(page, "Ana").fill("7 5")
    await box(page, "Ana").press("Enter")

    await expect(phone(page, "Ana").locator(".texted", has_text="7 5")).to_be_visible()
    await expect(phone(page, "Ana").locator(".received", has_text=THANKS)).to_be_in_viewport()
    await expect(box(page, "Ana")).to_have_value("")
    await expect(box(page, "Ana")).to_be_focused()
    stored = await stage.check_in_of("Ana")
    assert stored is not None
    assert (stored.mood, stored.hope, stored.source) == (7, 5, "sms")
    assert page.url == address


async def test_it_works_without_script(stage: Stage, browser: Browser) -> None:
    page = await open_page(stage, await browser.new_context(java_script_enabled=False), "Marcus")

    await page.get_by_role("button", name="to the next nudge").click()
    await expect(phone(page, "Marcus").get_by_text(NUDGE).last).to_be_visible()
    await box(page, "Marcus").fill("6 4 on the bus")
    await page.get_by_role("button", name="Send from Marcus's phone").click()

    await expect(phone(page, "Marcus").get_by_text("6 4 on the bus")).to_be_visible()
    await expect(phone(page, "Marcus").get_by_text(THANKS)).to_be_visible()
    stored = await stage.check_in_of("Marcus")
    assert stored is not None
    assert (stored.mood, stored.hope, stored.note) == (6, 4, "on the bus")


async def test_texts_arrive_by_themselves_beside_words_still_being_typed(stage: Stage, browser: Browser) -> None:
    context = await browser.new_context()
    page = await open_page(stage, context, "Priya")
    person = await page.locator("form.write input[name=person]").first.get_attribute("value")
    await box(page, "Priya").press_sequentially("half a thou")

    sent = await context.request.post(f"{stage.base}/sandbox/texts", form={"person": person or "", "body": "HELP"})

    assert sent.ok
    await expect(phone(page, "Priya").get_by_text(core.texts.render(Text.help, "en"))).to_be_in_viewport()
    await expect(box(page, "Priya")).to_have_value("half a thou")
    await expect(box(page, "Priya")).to_be_focused()


async def test_what_the_server_refuses_is_said_and_the_words_stay(stage: Stage, browser: Browser) -> None:
    page = await open_page(stage, await browser.new_context(), "Priya")

    await box(page, "Priya").fill("   ")
    await box(page, "Priya").press("Enter")

    await expect(page.get_by_role("alert")).to_have_text("There is nothing to send. Type a text first.")
    await expect(box(page, "Priya")).to_have_value("   ")


async def test_nothing_is_fetched_from_anybody_else_and_nothing_is_blocked(stage: Stage, browser: Browser) -> None:
    context = await browser.new_context()
    asked: list[str] = []
    complaints: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: complaints.append(message.text))
    context.on("weberror", lambda error: complaints.append(str(error.error)))

    page = await open_page(stage, context, "Tom")
    await page.get_by_role("button", name="+1 hour").click()
    await expect(page.locator("#now strong")).to_contain_text("ahead by")

    assert len(asked) > 3
    assert [url for url in asked if not url.startswith((f"{stage.base}/sandbox", f"{stage.base}/static/"))] == []
    assert complaints == []


@pytest.mark.parametrize("width", [320, 360, 1280])
async def test_nothing_has_to_be_scrolled_sideways(stage: Stage, browser: Browser, width: int) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 800})
    page = await open_page(stage, context, "Lucía")
    await box(page, "Lucía").fill("NECESITO " + "x" * 60)
    await box(page, "Lucía").press("Enter")
    await expect(phone(page, "Lucía").locator(".texted").last).to_be_visible()
    await page.get_by_text("The same numbers as a table").click()

    wider = await page.evaluate(WIDER_THAN_WINDOW)

    PICTURES.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURES / f"sandbox-{width}.png", full_page=True)
    assert not wider


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_stands_out_from_its_ground(stage: Stage, browser: Browser, scheme: str) -> None:
    dark = scheme == "dark"
    page = await open_page(stage, await browser.new_context(color_scheme="dark" if dark else "light"), "Lucía")

    contrast, where = await page.evaluate(WORST_CONTRAST)

    assert contrast >= 4.5, where
