"""Takes the pictures of the documentation from a running sandbox: `make pictures`."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from playwright.async_api import (
    Browser,
    FloatRect,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
)

from bot.sandbox.run import Options
from bot.sandbox_command import running

HERE = Path(__file__).parent
DESK = ViewportSize(width=1360, height=840)
PHONE = ViewportSize(width=390, height=844)
EDGE = 2  # pixels of a card's border that belong to its neighbours
MOST = 250_000  # bytes of a picture: pages are opened over slow lines, too

Theme = Literal["light", "dark"]


@asynccontextmanager
async def looking(
    browser: Browser, url: str, size: ViewportSize, theme: Theme, scale: float = 1
) -> AsyncIterator[Page]:
    """The sandbox's page, as somebody sees it who comes for the first time."""
    context = await browser.new_context(
        viewport=size,
        color_scheme=theme,
        device_scale_factor=scale,
        reduced_motion="reduce",
        locale="en-US",
    )
    page = await context.new_page()
    await page.goto(url)
    await page.get_by_label("Message or command").wait_for()
    yield page
    await context.close()


async def say(page: Page, who: str, text: str) -> None:
    await page.get_by_label("Act as").select_option(who)
    await page.get_by_label("Message or command").fill(text)
    await page.get_by_role("button", name="Send", exact=True).click()


async def approve(page: Page, who: str, asked: str) -> None:
    """Press Approve on the card of that request, and say yes to the question."""
    await page.get_by_label("Act as").select_option(who)
    await card(page, asked).get_by_role("button", name="Approve").click()
    await page.get_by_role("button", name="Approve and buy").click()


def card(page: Page, asked: str) -> Locator:
    """The card of the request with that reason, while it can be approved."""
    return (
        page.get_by_role("article")
        .filter(has_text=asked)
        .filter(has=page.get_by_role("button", name="Approve"))
    )


async def photograph(page: Page, name: str, clip: FloatRect | None = None) -> None:
    await page.mouse.move(0, 0)
    picture = await page.screenshot(clip=clip, animations="disabled", caret="hide")
    if len(picture) > MOST:
        raise RuntimeError(f"{name} has {len(picture)} bytes, more than {MOST}.")
    (HERE / name).write_bytes(picture)


async def take_card(page: Page) -> None:
    """Ask for a line as Riley and photograph its card alone."""
    await say(page, "U0RILEY001", "/line buy new desk in Denver")
    await card(page, "new desk in Denver").wait_for()
    box = await card(page, "new desk in Denver").bounding_box()
    if box is None:
        raise RuntimeError("The card is not on the page.")
    clip = FloatRect(
        x=box["x"],
        y=box["y"] + EDGE,
        width=box["width"],
        height=box["height"] - EDGE,
    )
    await photograph(page, "card.png", clip)


async def make_history(page: Page) -> None:
    """One line bought, another one waiting."""
    await approve(page, "U0MORGAN01", "new desk in Denver")
    await page.get_by_role("article").filter(has_text="Bought:").first.wait_for()
    await say(page, "U0RILEY001", "/line buy hotline for the spring campaign")
    await card(page, "spring campaign").wait_for()


async def take(chromium: str) -> None:
    async with (
        running(Options()) as (sandbox, _),
        async_playwright() as playwright,
        await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        ) as browser,
    ):
        await sandbox.bot.ready()
        narrow = ViewportSize(width=1000, height=900)
        async with looking(browser, sandbox.page_url, narrow, "light", 1.5) as page:
            await take_card(page)
            await make_history(page)
        for theme in ("light", "dark"):
            async with looking(browser, sandbox.page_url, DESK, theme) as page:
                await page.get_by_label("Act as").select_option("U0MORGAN01")
                await card(page, "spring campaign").wait_for()
                await page.get_by_role("complementary").get_by_text("Lives").wait_for()
                await photograph(page, f"sandbox-{theme}.png")
        async with looking(browser, sandbox.page_url, PHONE, "light", 1.5) as page:
            await page.get_by_label("Act as").select_option("U0MORGAN01")
            await card(page, "spring campaign").wait_for()
            await photograph(page, "sandbox-phone.png")


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("The pictures need Debian's chromium: apt-get install chromium\n")
        return 1
    asyncio.run(take(chromium))
    return 0


if __name__ == "__main__":
    sys.exit(main())
