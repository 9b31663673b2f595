"""The page about the API in a real browser: it shows every operation, and asks nobody but this server."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from playwright.async_api import Browser, expect

import checkin
from checkin.web import docs
from tests.web.browsers import launched
from tests.web.conftest import Stage

SWAGGER_UI = Path(checkin.__file__).parent / "web" / "static" / "swagger-ui"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as chromium:
        yield chromium


async def test_the_page_shows_the_operations_and_no_request_leaves_the_server(stage: Stage, browser: Browser) -> None:
    page = await browser.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    await page.goto(f"{stage.base}/docs")
    await page.get_by_text("List check-ins", exact=True).click()
    await expect(page.get_by_role("button", name="Execute")).to_be_visible()
    await page.get_by_role("button", name="Execute").click()
    await expect(page.locator(".live-responses-table").get_by_text("/problems/unauthorized").first).to_be_visible()

    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(stage.base).netloc}
    assert f"{stage.base}/docs/static/swagger-ui-bundle.js" in asked
    assert [said for said in complaints if "401" not in said] == []


async def test_the_page_and_its_files_forbid_scripts_from_elsewhere(client: AsyncTestClient[Litestar]) -> None:
    answers = [await client.get(path) for path in ("/docs", *(f"/docs/static/{name}" for name in docs.STATIC))]

    for answered in answers:
        policy = answered.headers["content-security-policy"]
        assert answered.status_code == 200
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
    assert answers[0].text.count("<script") == answers[0].text.count("<script src=")


@pytest.mark.parametrize("name", ["swagger-ui/LICENSE", "..%2Fassets.py", "nothing", "%00"])
async def test_no_other_file_is_sent(client: AsyncTestClient[Litestar], name: str) -> None:
    answered = await client.get(f"/docs/static/{name}")

    assert answered.status_code == 404


async def test_the_start_page_leads_to_it(client: AsyncTestClient[Litestar]) -> None:
    assert 'href="/docs"' in (await client.get("/sandbox")).text


def test_the_files_of_others_are_as_they_were_published() -> None:
    lines = [line.split() for line in (SWAGGER_UI / "SHA256SUMS").read_text().splitlines()]
    listed = {name: digest for digest, name in lines}

    found = {name: hashlib.sha256((SWAGGER_UI / name).read_bytes()).hexdigest() for name in listed}

    assert found == listed
    assert {"LICENSE", "NOTICE", "swagger-ui-bundle.js", "swagger-ui.css"} <= listed.keys()
