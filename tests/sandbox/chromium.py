"""A page in Debian's Chromium; whoever opens one hears of every error it met."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

CHROMIUM = shutil.which("chromium")
REFUSED = "409 (Conflict)"
"""Chromium reports every answer that is no success; this one the page explains to people."""


@asynccontextmanager
async def opened(url: str, directory: Path) -> AsyncIterator[Page]:
    """Skips the test where there is no Chromium, fails it for an error on the page's console."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch_persistent_context(
            directory / "profile",
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            viewport={"width": 1440, "height": 900},
        )
        page = await browser.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        await page.goto(url)
        yield page
        await browser.close()
    unexplained = [problem for problem in problems if REFUSED not in problem]
    assert not unexplained, unexplained
