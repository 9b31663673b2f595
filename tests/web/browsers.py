"""A real browser for the tests of pages, and what is asked of every page in it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.skipping import skip

PICTURES = Path(__file__).parents[2] / "test-output"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 30_000  # milliseconds; a busy machine may stall
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
WIDER_THAN_WINDOW = "document.documentElement.scrollWidth > window.innerWidth"
# Every text's contrast against the nearest painted ground (WCAG 2.2, 1.4.3): the worst of them, and whose it is.
WORST_CONTRAST = """() => {
  const light = (rgb) => rgb.map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const color = numbers(getComputedStyle(node).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  let worst = [99, ""];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const owner = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || owner.closest(".unseen, noscript, title, desc")) continue;
    const style = getComputedStyle(owner);
    const ink = numbers(owner.closest("svg") ? style.fill : style.color).slice(0, 3);
    const [low, high] = [light(ink), light(ground(owner))].sort((a, b) => a - b);
    const contrast = (high + .05) / (low + .05);
    if (contrast < worst[0]) worst = [contrast, `${owner.tagName}: ${walker.currentNode.data.trim()}`];
  }
  return worst;
}"""


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Lend the system's Chromium; skips the test where there is none."""
    if CHROMIUM is None:
        skip("no Chromium on this machine: install it (apt-get install chromium) to try the page in a browser")
    async with async_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield browser
        await browser.close()


async def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with a page under WCAG 2.0 to 2.2, levels A and AA."""
    await page.evaluate(AXE)
    run = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})"
    found: dict[str, Any] = await page.evaluate(run, RULES)  # Any: axe's own
    assert len(found["passes"]) > 10
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]
