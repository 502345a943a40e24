"""The small Slack in a browser: the message box, the places to go, and modals."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from bot.sandbox.slack.people import BOT_USER_ID, GENERAL, MORGAN, PHONES, RILEY
from tests.sandbox.chromium import BROWSER_TEST
from tests.sandbox.page_world import World

pytestmark = BROWSER_TEST


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Message or command").fill(text)
    await page.get_by_role("button", name="Send", exact=True).click()


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def field(block_id: str, label: str, **element: Any) -> dict[str, Any]:
    typed = {"type": "plain_text_input", "action_id": "typed", **element}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": typed}


def form(title: str, *blocks: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain(title),
        "submit": plain("Go"),
        "close": plain("Back out"),
        "callback_id": "reason",
        "blocks": list(blocks),
    }


# The message box


async def test_commands_are_completed_by_keyboard(page: Page, world: World) -> None:
    box = page.get_by_role("combobox", name="Message or command")
    options = page.get_by_role("listbox", name="Completions").get_by_role("option")
    await box.press_sequentially("/")
    await expect(options.filter(has_text="/number search")).to_have_count(1)
    await box.press_sequentially("li")
    await expect(options.first).to_contain_text("/line Buy")
    await expect(box).to_have_attribute("aria-expanded", "true")
    await box.press("Tab")
    await expect(box).to_have_value("/line ")

    await box.press_sequentially("h")
    await box.press("ArrowDown")
    chosen = page.get_by_role("listbox", name="Completions").get_by_role("option", selected=True)
    await expect(chosen).to_contain_text("/line h")
    active = await box.get_attribute("aria-activedescendant")
    assert await chosen.get_attribute("id") == active
    await box.press("Escape")
    await expect(options).to_have_count(0)
    await expect(box).to_have_value("/line h")

    await box.fill("/line bu")
    await box.press("ArrowDown")
    await box.press("Enter")
    await expect(box).to_have_value("/line buy ")
    assert world.slack.deliveries == []
    await box.press_sequentially("x")
    await box.press("Enter")
    await expect(page.get_by_role("button", name="Approve")).to_be_visible()


async def test_names_are_completed_and_what_was_sent_comes_back(page: Page) -> None:
    box = page.get_by_role("combobox", name="Message or command")
    await box.press_sequentially("hello @mor")
    await box.press("Tab")
    await expect(box).to_have_value("hello @morgan ")
    await box.press("Enter")
    await expect(page.get_by_text("hello @Morgan Moss")).to_be_visible()

    await say(page, "second")
    await box.press("ArrowUp")
    await expect(box).to_have_value("second")
    await box.press("ArrowUp")
    await expect(box).to_have_value("hello @morgan")
    await box.press("ArrowDown")
    await box.press("ArrowDown")
    await expect(box).to_have_value("")


async def test_an_unknown_command_is_kept_and_explained(page: Page) -> None:
    await say(page, "/lime buy")
    await expect(page.get_by_text("/lime is not a valid command.")).to_be_visible()
    await expect(page.get_by_label("Message or command")).to_have_value("/lime buy")


async def test_shortcuts_are_in_a_menu(page: Page, world: World) -> None:
    await page.get_by_role("button", name="Shortcuts").press("Enter")
    item = page.get_by_role("menuitem", name="Buy a phone line")
    await expect(item).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Shortcuts")).to_be_focused()

    await page.keyboard.press("Enter")
    await item.click()
    await world.slack.wait_for(lambda: world.slack.deliveries)
    payload = world.slack.deliveries[0].payload
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "buy_line")


# Places


async def test_unread_messages_are_counted_until_they_are_seen(page: Page, world: World) -> None:
    places = page.get_by_role("navigation", name="Conversations")
    await expect(places.get_by_role("button", name="general", exact=True)).to_be_visible()
    world.slack.workspace.post(GENERAL, MORGAN, "hello")
    await expect(places.get_by_role("button", name="general 1 new")).to_be_visible()
    await expect(
        page.get_by_role("status").get_by_text("Morgan Moss in general: hello")
    ).to_have_count(1)

    await places.get_by_role("button", name="general").click()
    await expect(page.get_by_text("hello", exact=True)).to_be_visible()
    await expect(places.get_by_role("button", name="general", exact=True)).to_be_visible()


async def test_a_thread_opens_beside_its_channel(page: Page, world: World) -> None:
    workspace = world.slack.workspace
    parent = workspace.post(PHONES, BOT_USER_ID, "The card")
    workspace.post(PHONES, BOT_USER_ID, "A note below it", thread_ts=parent.ts)
    channel = page.get_by_role("log", name="Messages in #phones")
    await expect(channel.get_by_text("The card")).to_be_visible()
    await expect(channel.get_by_text("A note below it")).to_have_count(0)

    for each in range(20):
        workspace.post(PHONES, MORGAN, f"{each} and a few words more, which wrap when it is narrow")
    await page.set_viewport_size({"width": 1440, "height": 500})
    await expect(channel.get_by_text("19 and a few")).to_be_in_viewport()

    await channel.get_by_role("button", name="1 reply").evaluate(
        "button => { button.focus({ preventScroll: true }); button.click(); }"
    )
    await expect(channel.get_by_text("19 and a few")).to_be_in_viewport()
    thread = page.get_by_role("region", name="Thread #phones")
    await expect(thread.get_by_text("A note below it")).to_be_visible()
    await expect(thread.get_by_label("Reply")).to_be_focused()
    await page.keyboard.type("Thank you")
    await thread.get_by_role("button", name="Send", exact=True).click()
    await expect(thread.get_by_text("Thank you")).to_be_visible()
    await expect(channel.get_by_role("button", name="2 replies")).to_be_visible()

    await page.keyboard.press("Escape")
    await expect(thread).to_have_count(0)
    await expect(channel.get_by_role("button", name="2 replies")).to_be_focused()


async def test_the_app_has_a_home_and_its_messages(page: Page, world: World) -> None:
    await page.get_by_role("button", name="Dialtone APP").click()
    await expect(page.get_by_text("Type /line limits, or / to see")).to_be_visible()
    tab = page.get_by_role("tab", name="Messages")
    await expect(tab).to_have_attribute("aria-selected", "true")
    await tab.press("ArrowLeft")
    await expect(page.get_by_role("tab", name="Home")).to_be_focused()

    home = page.get_by_role("tabpanel", name="Home")
    await expect(home.get_by_text("A line", exact=True)).to_be_visible()
    await home.get_by_role("button", name="Say why").click()
    await expect(page.get_by_role("dialog", name="Why")).to_be_visible()
    assert world.slack.workspace.home(RILEY)


# Modals


async def test_a_modal_keeps_what_was_typed_and_shows_what_is_wrong(page: Page) -> None:
    await say(page, "/line buy x")
    await page.get_by_role("button", name="Say why").click()
    dialog = page.get_by_role("dialog", name="Why")
    reason = dialog.get_by_label("Reason")
    await expect(reason).to_be_focused()

    await dialog.get_by_role("button", name="Send", exact=True).click()
    await expect(dialog.get_by_text("Please fill in this field.")).to_be_visible()
    await expect(reason).to_be_focused()

    await reason.fill("no")
    await reason.press("Enter")
    await expect(dialog.get_by_text("Say more.")).to_be_visible()
    await expect(reason).to_have_value("no")
    await expect(reason).to_be_focused()
    await expect(reason).to_have_attribute("aria-invalid", "true")
    await expect(reason).to_have_accessible_description("Say more.")

    await reason.fill("because")
    await dialog.get_by_role("button", name="Send", exact=True).click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name="Say why")).to_be_focused()


async def test_the_focus_stays_in_a_modal_and_escape_closes_it(page: Page, world: World) -> None:
    await say(page, "/line buy x")
    await page.get_by_role("button", name="Say why").click()
    dialog = page.get_by_role("dialog", name="Why")
    await expect(dialog).to_be_visible()
    for _ in range(8):
        await page.keyboard.press("Tab")
        outside = (
            "document.activeElement !== document.body && !document.activeElement.closest('dialog')"
        )
        assert not await page.evaluate(outside)

    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    assert not world.slack.workspace.modals(RILEY)


async def test_a_view_under_another_keeps_what_was_typed(page: Page, world: World) -> None:
    workspace = world.slack.workspace
    workspace.add_view("modal", RILEY, form("First", field("a", "Name")))
    await page.get_by_label("Name").fill("Denver")
    second = workspace.add_view("modal", RILEY, form("Second", field("b", "Agent")))
    await expect(page.get_by_role("dialog", name="Second").get_by_label("Agent")).to_be_focused()
    await expect(page.get_by_role("dialog", name="First")).not_to_be_visible()

    await page.get_by_role("button", name="Back", exact=True).click()
    await expect(page.get_by_role("dialog", name="Second")).to_have_count(0)
    assert not second.is_open
    await expect(page.get_by_role("dialog", name="First").get_by_label("Name")).to_have_value(
        "Denver"
    )
