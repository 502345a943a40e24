"""The director's panel in a browser: what it draws, and that what is turned there is turned."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from bot.sandbox import sendblue
from bot.sandbox.lives import Life, Step
from bot.sandbox.sendblue_records import Charge
from bot.sandbox.slack.people import MAX, MORGAN, NORA, RILEY
from tests.sandbox.chromium import BROWSER_TEST
from tests.sandbox.page_world import World

pytestmark = BROWSER_TEST

NUMBER = "+14152007986"
ASKED_AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def section(page: Page, name: str) -> Locator:
    return page.locator(f"[data-section={name}]")


async def unfolded(page: Page, name: str) -> Locator:
    """That section of the panel, opened."""
    found = section(page, name)
    if await found.get_attribute("open") is None:
        await found.locator("summary").first.click()
    return found


def step(seq: int, action: str, after: str | None = None, **more: Any) -> Step:
    row: dict[str, Any] = {"actor_id": "dialtone", "outcome": "done", "detail": {}} | more
    before = row.pop("before", None)
    at = ASKED_AT + timedelta(seconds=seq)
    return Step(seq=seq, at=at, action=action, before=before, after=after, **row)


def lost_and_found() -> Life:
    """Two managers press at once, the answer is lost, the bot finds the line."""
    asked = {"provider": "sendblue", "order": {}, "reason": "a <b>desk</b>"}
    barred = {"error": "NotAnApproverAnyMore", "fields": {"code": "K7Q2"}}
    late = {"error": "AlreadyApproved", "fields": {"approver": MORGAN, "code": "K7Q2"}}
    lost = {"error": "AnswerLost", "fields": {"provider": "Sendblue", "what": "cut"}}
    steps = [
        step(1, "request", "requested", actor_id=RILEY, detail=asked),
        step(2, "preview", "pending", before="requested", detail={"price": "100.00 USD"}),
        step(3, "approve", before="pending", actor_id=NORA, outcome="refused", detail=barred),
        step(4, "approve", "approved", before="pending", actor_id=MORGAN),
        step(5, "approve", before="approved", actor_id=MAX, outcome="refused", detail=late),
        step(6, "confirm", "confirming", before="approved"),
        step(7, "answer", "unknown", before="confirming", detail=lost),
        step(8, "look_up", "provisioned", before="unknown", detail={"number": NUMBER}),
    ]
    return Life("K7Q2", NUMBER, "provisioned", steps)


async def test_a_life_says_who_did_what_and_how_the_lost_answer_was_found(
    page: Page, world: World
) -> None:
    world.audit.is_of = [lost_and_found()]
    rows = page.get_by_role("list", name="Life of K7Q2").get_by_role("listitem")

    await expect(rows).to_have_count(8)
    await expect(rows.nth(0)).to_contain_text("Riley asked for it: “a <b>desk</b>”")
    await expect(rows.nth(1)).to_contain_text("$100.00 a month; nothing charged")
    await expect(rows.nth(2)).to_contain_text("Nora pressed Approve: refused, may not approve")
    await expect(rows.nth(4)).to_contain_text("Max pressed Approve: refused, Morgan had approved")
    await expect(rows.nth(6)).to_contain_text("Sendblue did not answer: the answer was lost")
    await expect(rows.nth(6)).to_contain_text("being bought → not known")
    await expect(rows.nth(7)).to_contain_text("looked at the account and found +1 415-200-7986")
    await expect(rows.nth(7)).to_contain_text("not known → bought")


async def test_a_life_grows_while_it_is_looked_at_and_stays_folded_when_it_was_folded(
    page: Page, world: World
) -> None:
    whole = lost_and_found()
    world.audit.is_of = [Life("K7Q2", "a line", "pending", whole.steps[:2])]
    rows = page.get_by_role("list", name="Life of K7Q2").get_by_role("listitem")
    await expect(rows).to_have_count(2)

    world.audit.is_of = [whole]
    await expect(rows).to_have_count(8)

    fold = section(page, "lives").get_by_text("K7Q2")
    await fold.click()
    await expect(rows.first).to_be_hidden()
    world.audit.is_of = [Life("K7Q2", NUMBER, "provisioned", whole.steps[:6])]
    await expect(page.locator(".life > li")).to_have_count(6)
    await expect(page.locator(".life")).to_be_hidden()


async def test_the_ledger_counts_and_says_what_the_bot_does_not_know_yet(
    page: Page, world: World
) -> None:
    charged = page.get_by_role("status", name="Charged")
    await expect(charged).to_contain_text("charged: 0")

    line = Charge(ASKED_AT, NUMBER, "worker", "sub", "1234")
    world.sendblue.ledger.append(line)
    others = [Life(f"A{index:03}", "a line", "expired", []) for index in range(30)]
    world.audit.is_of = others
    world.slack.workspace.changed()
    await expect(charged).to_contain_text("charged: 1")
    await expect(page.get_by_text("One charge that Dialtone does not know of yet.")).to_be_visible()

    world.audit.is_of = [*others, lost_and_found()]
    await expect(section(page, "lives").locator("summary").first).to_contain_text("31 purchases")
    await expect(page.get_by_text("Every charge belongs to a purchase")).to_be_visible()
    rows = page.get_by_role("list", name="Charges, newest first").get_by_role("listitem")
    await expect(rows).to_contain_text(["+1 415-200-7986$100.00Sendblue · K7Q2"])


async def test_every_kind_of_knob_reaches_its_simulator(page: Page, world: World) -> None:
    settings = await unfolded(page, "world")
    await expect(settings.get_by_text("Sendblue sells lines")).to_be_in_viewport()

    stands = settings.get_by_label("How long a price stands")
    await stands.select_option("15 seconds")
    await expect(stands).to_have_value("5")
    limit = settings.get_by_label("Lines per day")
    await limit.fill("7")
    await limit.press("Enter")
    await settings.get_by_label("Card on file").click()
    await expect(settings.get_by_label("Card on file")).not_to_be_checked()
    await expect(page.get_by_text("0 of 7")).to_be_visible()

    assert world.sendblue.preview_seconds == 15
    assert world.sendblue.daily_limit == 7
    assert not world.sendblue.card_on_file


async def test_rarer_knobs_are_folded_and_a_refused_value_is_explained(
    page: Page, world: World
) -> None:
    settings = await unfolded(page, "world")
    fails = settings.get_by_label("Charge the card, give no line")
    await expect(fails).to_be_hidden()
    await settings.get_by_text("Answer shapes and rarer things").first.click()
    await fails.click()
    await expect(fails).to_be_checked()
    assert world.sendblue.provisioning_fails

    limit = settings.get_by_label("Lines per day")
    await limit.fill("1000")
    await limit.press("Enter")
    await expect(settings.get_by_role("alert")).to_contain_text("a whole number from 0 to 100")
    assert world.sendblue.daily_limit == 3


async def test_a_lost_answer_is_one_press_away_and_can_be_called_off(
    page: Page, world: World
) -> None:
    faults = await unfolded(page, "faults")
    await faults.get_by_role("button", name="the charge of the next line").click()
    armed = faults.get_by_role("status", name="Armed faults")
    await expect(armed).to_contain_text("cut the connection after the work is done")
    await expect(armed).to_contain_text("Sendblue, confirm: buy the line")
    assert world.sendblue.faults.waiting() == [sendblue.CONFIRM]

    await faults.get_by_role("button", name="Clear all").click()
    await expect(armed).to_contain_text("Nothing is armed")
    assert not world.sendblue.faults.waiting()


async def test_only_faults_that_fit_can_be_armed_for_an_endpoint(page: Page, world: World) -> None:
    faults = await unfolded(page, "faults")
    await faults.get_by_label("Next call of").select_option("change a message")
    goes_wrong = faults.get_by_label("goes wrong")
    await expect(goes_wrong).to_contain_text("refuse: message_not_found")
    await expect(goes_wrong).not_to_contain_text("no card on file")
    await goes_wrong.select_option("refuse: message_not_found")
    await faults.get_by_role("button", name="Arm it").click()

    armed = faults.get_by_role("status", name="Armed faults")
    await expect(armed).to_contain_text("Slack, change a message")
    assert world.slack.faults.waiting() == ["chat.update"]


async def test_a_killed_bot_is_seen_to_come_back(
    page: Page, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.bot_process.RESTART_AFTER_SECONDS", 0)
    bot = await unfolded(page, "bot")
    await expect(bot.locator("summary")).to_contain_text("ready")
    before = world.bot.pid
    await expect(bot).to_contain_text(f"{before}")

    await bot.get_by_role("button", name="kill -9").click()
    await expect(bot).to_contain_text("2 times")
    await expect(bot.locator("summary")).to_contain_text("ready")
    assert world.bot.pid != before

    await bot.get_by_role("button", name="Restart").click()
    await expect(bot).to_contain_text("3 times")


async def test_time_can_be_skipped(page: Page, world: World) -> None:
    time = await unfolded(page, "time")
    await time.get_by_role("button", name="Skip 10 minutes").click()
    await expect(time.locator("summary")).to_contain_text("10 minutes skipped")
    await expect(time.get_by_text(re.compile(r"(AM|PM) M[SD]T"))).to_be_visible()
    await time.get_by_role("button", name="Skip 1 hour").click()
    await expect(time).to_contain_text("1.2 hours ahead")
    assert world.clock.skipped_seconds == 4200


async def test_everything_in_the_panel_has_a_name(page: Page) -> None:
    for name in ("lives", "faults", "bot", "time", "world"):
        await unfolded(page, name)
    for each in await page.locator(".world details > summary").all():
        await each.click()
    panel = page.locator(".director")
    controls = panel.locator("button, select, input")
    assert await controls.count() > 25
    for each in await controls.all():
        snapshot = await each.aria_snapshot()
        assert '"' in snapshot, snapshot
