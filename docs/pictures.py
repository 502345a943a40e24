"""Takes the pictures of the README from a running sandbox: `make pictures`."""

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import FloatRect, ViewportSize, async_playwright

from bot.sandbox.run import Options, running

HERE = Path(__file__).parent
WIDE = ViewportSize(width=720, height=1100)
EDGE = 2  # pixels


async def take(chromium: str) -> None:
    """Ask for a line as Riley and photograph its card."""
    async with (
        running(Options()) as (sandbox, _),
        async_playwright() as playwright,
        await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        ) as browser,
    ):
        await sandbox.bot.ready()
        page = await browser.new_page(viewport=WIDE, device_scale_factor=2)
        await page.goto(sandbox.page_url)
        await page.get_by_label("Message or command").fill("/line buy new desk in Denver")
        await page.get_by_role("button", name="Send").click()
        card = page.get_by_role("article").filter(has=page.get_by_role("button", name="Approve"))
        await card.wait_for()
        box = await card.bounding_box()
        if box is None:
            raise RuntimeError("The card is not on the page.")
        # Less than the whole: its border belongs to the message above.
        clip = FloatRect(
            x=box["x"],
            y=box["y"] + EDGE,
            width=box["width"],
            height=box["height"] - EDGE,
        )
        await page.screenshot(path=HERE / "card.png", clip=clip)


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("The pictures need Debian's chromium: apt-get install chromium\n")
        return 1
    asyncio.run(take(chromium))
    return 0


if __name__ == "__main__":
    sys.exit(main())
