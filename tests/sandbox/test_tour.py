"""The guided tour, in a browser against the real bot: each step is ticked by what happened."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.sandbox.run import REPOSITORY, Options, Sandbox
from bot.sandbox.slack.people import PHONES, RILEY
from bot.sandbox_command import running
from tests.sandbox.chromium import BROWSER_TEST, faults, opened

pytestmark = BROWSER_TEST

MILLISECONDS = 30_000


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running(Options()) as (started, _):
        await started.bot.ready()
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def tourist(sandbox: Sandbox, chromium: Browser) -> AsyncIterator[Page]:
    async with opened(chromium, sandbox.page_url) as page:
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


async def test_six_steps_are_done_for_somebody_and_proven(tourist: Page, sandbox: Sandbox) -> None:
    page = tourist
    await page.emulate_media(reduced_motion="reduce")  # what fades in has no colour to measure
    await tour(page).get_by_role("button", name="Start the tour").first.press("Enter")
    await expect(tour(page)).to_contain_text("Step 1 of 6 Ask for a line")
    await expect(tour(page).get_by_role("button", name="Do it for me")).to_be_focused()
    assert sandbox.sendblue.daily_limit == 10
    assert await faults(page) == []

    await page.keyboard.press("Enter")
    await expect(tour(page).get_by_role("status")).to_contain_text(
        "Riley asked, Sendblue named $100.00 a month", timeout=MILLISECONDS
    )
    await expect(tour(page).get_by_role("button", name="Next")).to_be_focused()
    await page.keyboard.press("Enter")
    assert not sandbox.sendblue.ledger

    await page.keyboard.press("Enter")  # as Morgan: the page becomes somebody else's meanwhile
    await expect(tour(page).get_by_role("status")).to_contain_text(
        "Morgan said yes", timeout=MILLISECONDS
    )
    await expect(tour(page).get_by_role("button", name="Next")).to_be_focused()
    await page.keyboard.press("Enter")
    await charged(page, 1)

    await press(page, "Do it for me")
    life = page.get_by_role("list", name="Life of").first
    await expect(life).to_contain_text("nobody decides on", timeout=MILLISECONDS)
    await tour(page).get_by_role("button", name="Let 15 seconds pass").press("Enter")
    await expect(tour(page).get_by_role("status")).to_contain_text(
        "it closed by itself", timeout=MILLISECONDS
    )
    await expect(tour(page).get_by_role("button", name="Next")).to_be_focused()
    await page.keyboard.press("Enter")
    await charged(page, 1)
    assert sandbox.sendblue.preview_seconds == 600

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
    assert await faults(page) == []
    assert set(sandbox.sendblue.confirms_received.values()) == {1}


async def test_what_is_done_by_hand_counts_from_the_start_and_once(
    tourist: Page, sandbox: Sandbox, chromium: Browser
) -> None:
    page = tourist
    await press(page, "Start the tour")
    await expect(tour(page)).to_contain_text("1 of 6")
    await sandbox.slack.command("/line", "buy by hand", user=RILEY, channel=PHONES)
    await expect(tour(page).get_by_role("status")).to_contain_text(
        "Riley asked", timeout=MILLISECONDS
    )

    async with opened(chromium, sandbox.page_url) as another:
        await press(another, "Start the tour")
        await expect(tour(another).get_by_role("button", name="Do it for me")).to_be_visible()
        await expect(tour(another).get_by_role("status")).to_be_empty()

    await press(page, "Do it again")
    await expect(tour(page).get_by_role("button", name="Under way…")).to_be_visible()
    await expect(tour(page).get_by_role("status")).to_be_empty()
    await tour(page).get_by_role("button", name="Step 6").click()  # whatever is under way
    await press(page, "Skip this step")
    await expect(tour(page)).to_contain_text("of six have happened.")
    await press(page, "Start again")
    await expect(tour(page)).to_contain_text("1 of 6")
    await expect(tour(page).get_by_role("button", name="Do it for me")).to_be_visible()


async def test_it_can_be_put_away_and_stays_away(page: Page) -> None:
    await page.get_by_role("button", name="Close the tour").press("Enter")
    await expect(tour(page)).to_have_count(0)
    await expect(page.get_by_role("button", name="Guided tour")).to_be_focused()
    await page.reload()
    await page.get_by_role("button", name="Guided tour").click()
    await expect(tour(page)).to_be_visible()


async def test_on_a_phone_it_is_one_line_that_unfolds(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await expect(page.get_by_text("Nothing here is real.", exact=False).first).to_be_hidden()
    folded = await tour(page).bounding_box()
    assert folded is not None
    assert folded["height"] < 60
    await press(page, "Start the tour")
    await expect(tour(page).get_by_role("button", name="Do it for me")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_what_stops_a_step_is_said_and_nothing_is_ticked(
    tourist: Page, sandbox: Sandbox
) -> None:
    page = tourist
    await press(page, "Start the tour")
    await expect(tour(page)).to_contain_text("1 of 6")
    sandbox.sendblue.card_on_file = False
    await press(page, "Do it for me")

    trouble = tour(page).get_by_role("alert")
    await expect(trouble).to_contain_text("was not offered for approval", timeout=MILLISECONDS)
    await expect(tour(page).get_by_role("button", name="Next", exact=True)).to_have_count(0)


async def test_a_policy_that_wants_two_gets_two(chromium: Browser) -> None:
    policy = REPOSITORY / "docs" / "policy.toml"
    async with running(Options(policy=policy)) as (sandbox, _):
        await sandbox.bot.ready()
        async with opened(chromium, sandbox.page_url) as page:
            await press(page, "Start the tour")
            await tour(page).get_by_role("button", name="Step 2").click()
            await press(page, "Do it for me")
            await proven(page, "Morgan and Max said yes")
            await tour(page).get_by_role("button", name="Step 4").click()
            await press(page, "Do it for me")
            await proven(page, "the policy wants two: each counted once")
