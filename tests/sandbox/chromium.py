"""A page in Debian's Chromium; whoever opens one hears of every error it met."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = shutil.which("chromium")
REFUSED = "409 (Conflict)"
"""Chromium reports every answer that is no success; this one the page explains to people."""

BROWSER_TEST = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
"""The marks of a module of browser tests: its Chromium belongs to its loop."""


@asynccontextmanager
async def started() -> AsyncIterator[Browser]:
    """Chromium without a page. Skips the test where there is none."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(browser: Browser, url: str) -> AsyncIterator[Page]:
    """A page with nobody's past. Fails the test for an error on its console."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    await page.goto(url)
    yield page
    await context.close()
    unexplained = [problem for problem in problems if REFUSED not in problem]
    assert not unexplained, unexplained


async def faults(page: Page) -> list[str]:
    """What axe-core finds wrong, with the elements it is about."""
    found = await Axe().run(page)
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
