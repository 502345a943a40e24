"""The guided tour, in a browser against the real bot: each step is ticked by what happened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from bot.sandbox.run import Options, Sandbox
from bot.sandbox.slack.people import PHONES, RILEY
from bot.sandbox_command import running
from tests.sandbox.chromium import opened
from tests.sandbox.page_world import page_world

pytestmark = pytest.mark.browser

MILLISECONDS = 30_000


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running(Options()) as (started, _):
        await started.bot.ready()
        yield started


@pytest.fixture
async def page(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Page]:
    async with opened(sandbox.page_url, tmp_path) as page:
        yield page


def tour(page: Page) -> Locator:
    return page.locator(".tour")


async def press(page: Page, name: str) -> None:
    await tour(page).get_by_role("button", name=name, exact=True).click()


async def proven(page: Page, words: str) -> None:
    """The step is ticked, and its sentence says so; then on to the next."""
    await expect(tour(page).get_by_role("status")).to_contain_text(words, timeout=MILLISECONDS)
    await press(page, "Next")


async def charged(page: Page, times: int) -> None:
    await expect(page.get_by_role("status", name="Charged")).to_contain_text(f"charged: {times}")


async def test_six_steps_are_done_for_somebody_and_proven(page: Page, sandbox: Sandbox) -> None:
    await press(page, "Start the tour")
    await expect(tour(page)).to_contain_text("Step 1 of 6 Ask for a line")
    assert sandbox.sendblue.daily_limit == 10

    await press(page, "Do it for me")
    await proven(page, "Riley asked, Sendblue named $100.00 a month")
    assert not sandbox.sendblue.ledger

    await press(page, "Do it for me")
    await proven(page, "Morgan said yes")
    await charged(page, 1)

    await press(page, "Do it for me")
    life = page.get_by_role("list", name="Life of").first
    await expect(life).to_contain_text("nobody decides on", timeout=MILLISECONDS)
    await expect(life).to_contain_text("waiting")
    await press(page, "Skip 15 seconds")
    await proven(page, "it closed by itself")
    assert sandbox.sendblue.preview_seconds == 600
    await charged(page, 1)

    await press(page, "Do it for me")
    await proven(page, "Both pressed in the same moment. One charge: $100.00;")
    await charged(page, 2)

    await press(page, "Do it for me")
    await proven(page, "The answer was lost after the charge.")
    await charged(page, 3)

    await press(page, "Do it for me")
    await proven(page, "Sendblue's limit is near: 4 of 5 lines used in 24 hours, one left")
    await charged(page, 4)

    await expect(tour(page)).to_contain_text("All six happened, and no card was charged twice.")
    assert set(sandbox.sendblue.confirms_received.values()) == {1}


async def test_what_was_done_by_hand_counts_and_a_fresh_start_forgets_it(
    page: Page, sandbox: Sandbox
) -> None:
    await sandbox.slack.command("/line", "buy by hand", user=RILEY, channel=PHONES)
    await press(page, "Start the tour")
    await proven(page, "Riley asked")

    await tour(page).get_by_role("button", name="Step 6").click()
    await press(page, "Skip")
    await expect(tour(page)).to_contain_text("1 of six have happened.")
    await press(page, "Start again")
    await expect(tour(page)).to_contain_text("1 of 6")
    await expect(tour(page).get_by_role("button", name="Do it for me")).to_be_visible()


async def test_it_can_be_put_away_and_stays_away(tmp_path: Path) -> None:
    async with page_world(tmp_path) as world, opened(world.url, tmp_path) as page:
        await page.get_by_role("button", name="Close the tour").click()
        await expect(tour(page)).to_have_count(0)
        await page.reload()
        await page.get_by_role("button", name="Guided tour").click()
        await expect(tour(page)).to_be_visible()


async def test_on_a_phone_it_is_one_line_that_unfolds(tmp_path: Path) -> None:
    async with page_world(tmp_path) as world, opened(world.url, tmp_path) as page:
        await page.set_viewport_size({"width": 360, "height": 740})
        start = page.get_by_role("button", name="Start the tour")
        await expect(start).to_be_hidden()
        folded = await tour(page).bounding_box()
        assert folded is not None
        assert folded["height"] < 60
        await press(page, "More")
        await start.click()
        await expect(tour(page).get_by_role("button", name="Do it for me")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_what_stops_a_step_is_said_and_nothing_is_ticked(
    page: Page, sandbox: Sandbox
) -> None:
    await press(page, "Start the tour")
    await expect(tour(page)).to_contain_text("1 of 6")
    sandbox.sendblue.card_on_file = False
    await press(page, "Do it for me")

    trouble = tour(page).get_by_role("alert")
    await expect(trouble).to_contain_text("was not offered for approval", timeout=MILLISECONDS)
    await expect(tour(page).get_by_role("button", name="Next", exact=True)).to_have_count(0)
