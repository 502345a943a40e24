"""axe-core on every part of the page, in light and dark, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.sandbox.slack.people import BOT_USER_ID, MORGAN, PHONES, RILEY
from bot.sandbox.slack.workspace import Message
from tests.sandbox.chromium import BROWSER_TEST, faults, opened
from tests.sandbox.page_world import World

pytestmark = BROWSER_TEST

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@pytest_asyncio.fixture(loop_scope="module")
async def page(world: World, chromium: Browser) -> AsyncIterator[Page]:
    async with opened(chromium, world.url) as page:
        # What moves or fades in has no colour that could be measured.
        await page.emulate_media(reduced_motion="reduce")
        yield page


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


OPTIONS = [{"text": plain(name), "value": name} for name in ("One", "Two")]
CONFIRM = {
    "title": plain("Buy it?"),
    "text": mrkdwn("It costs *$100*."),
    "confirm": plain("Buy"),
    "deny": plain("Not yet"),
}
BUTTON = {"type": "button", "action_id": "a", "text": plain("Approve"), "style": "primary"}
CARD: list[dict[str, Any]] = [
    {"type": "header", "text": plain("A line")},
    {"type": "section", "text": mrkdwn(f"<@{RILEY}> asks <@{MORGAN}>:\n> why\n`K7Q2` _so_ ~no~")},
    {"type": "section", "fields": [mrkdwn("*Price*\n$100"), mrkdwn("*Until*\nsoon")]},
    {"type": "section", "text": mrkdwn("```\ncode\n```"), "accessory": BUTTON | {"action_id": "b"}},
    {"type": "context", "elements": [mrkdwn("<https://example.com/|a link>, small and `code`")]},
    {"type": "divider"},
    {
        "type": "actions",
        "elements": [
            BUTTON | {"confirm": CONFIRM},
            {"type": "button", "action_id": "c", "text": plain("Stop"), "style": "danger"},
            {"type": "button", "action_id": "d", "text": plain("Plain")},
            {"type": "static_select", "action_id": "e", "options": OPTIONS},
            {"type": "overflow", "action_id": "f", "options": OPTIONS},
        ],
    },
    {
        "type": "data_visualization",
        "title": "Purchases per day",
        "chart": {
            "type": "bar",
            "series": [{"name": "Bought", "data": [{"label": "Mon", "value": 2}]}],
            "axis_config": {"categories": ["Mon"], "y_label": "Purchases"},
        },
    },
    {
        "type": "data_table",
        "caption": "Purchases",
        "page_size": 1,
        "rows": [[{"type": "raw_text", "text": text}] for text in ("Code", "K7Q2", "AAAA")],
    },
]


def field(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    element = {"action_id": "x", **element}
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id),
        "element": element,
    } | more


MODAL = {
    "type": "modal",
    "callback_id": "reason",
    "title": plain("A form"),
    "submit": plain("Go"),
    "blocks": [
        {"type": "section", "text": mrkdwn("What *this* is about.")},
        field("Name", {"type": "plain_text_input", "placeholder": plain("Main Line")}),
        field("Why", {"type": "plain_text_input", "multiline": True}, hint=plain("In a sentence.")),
        field("Menu", {"type": "static_select", "options": OPTIONS}, optional=True),
        field("Some", {"type": "checkboxes", "options": OPTIONS}, optional=True),
        field("One of", {"type": "radio_buttons", "options": OPTIONS}, optional=True),
        field("Day", {"type": "datepicker"}, optional=True),
        field("Who", {"type": "users_select"}, optional=True),
    ],
}


def filled(world: World) -> Message:
    """A channel with a card, its thread, a private answer and an unread message elsewhere."""
    workspace = world.slack.workspace
    card = workspace.post(PHONES, BOT_USER_ID, "A card", CARD)
    workspace.post(PHONES, BOT_USER_ID, "A reply", thread_ts=card.ts)
    workspace.post(PHONES, BOT_USER_ID, "Only for *you*, `K7Q2`", only_for=RILEY)
    workspace.post(PHONES, RILEY, f"thank you <@{RILEY}>")
    workspace.post(workspace.im_of(RILEY).id, BOT_USER_ID, "news")
    return card


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_everything_can_be_used_by_everybody(
    page: Page, world: World, scheme: Scheme
) -> None:
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    filled(world)
    channel = page.get_by_role("log", name="Messages in #phones")
    await expect(channel.get_by_role("button", name="Approve").first).to_be_visible()
    assert await faults(page) == [], "a channel, with the director's panel"

    await page.get_by_label("Message or command").press_sequentially("/")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("listbox", name="Completions")).to_be_visible()
    assert await faults(page) == [], "completion"
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="Shortcuts").click()
    await expect(page.get_by_role("menu", name="Shortcuts")).to_be_visible()
    assert await faults(page) == [], "the menu of shortcuts"
    await page.keyboard.press("Escape")

    await channel.get_by_role("button", name="Approve").nth(1).click()
    await expect(page.get_by_role("dialog", name="Buy it?")).to_be_visible()
    assert await faults(page) == [], "a confirm dialog"
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="Fold away").click()
    await channel.get_by_role("button", name="1 reply").click()
    await expect(page.get_by_role("region", name="Thread #phones")).to_be_visible()
    assert await faults(page) == [], "a thread"

    world.slack.workspace.add_view("modal", RILEY, MODAL)
    await expect(page.get_by_role("dialog", name="A form")).to_be_visible()
    await page.get_by_role("button", name="Go", exact=True).click()
    await expect(page.get_by_text("Please fill in this field.")).to_have_count(2)
    assert await faults(page) == [], "a modal with errors"
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await page.get_by_role("button", name="Dialtone APP").click()
    await page.get_by_role("tab", name="Home").click()
    await expect(page.get_by_role("tabpanel", name="Home").get_by_text("A line")).to_be_visible()
    assert await faults(page) == [], "Home"


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_phone_is_no_exception(page: Page, world: World, scheme: Scheme) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.reload()
    filled(world)
    await expect(page.get_by_role("button", name="Approve").first).to_be_visible()
    assert await faults(page) == [], "a channel"

    await page.get_by_role("button", name="Conversations").click()
    await expect(page.get_by_role("navigation", name="Conversations")).to_be_visible()
    assert await faults(page) == [], "the drawer of conversations"
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="Behind the scenes").click()
    await expect(page.get_by_role("complementary", name="Behind the scenes")).to_be_visible()
    assert await faults(page) == [], "the director's sheet"
    await page.get_by_role("button", name="Fold away").click()

    await page.get_by_role("button", name="1 reply").click()
    await expect(page.get_by_role("region", name="Thread #phones")).to_be_visible()
    assert await faults(page) == [], "a thread"

    world.slack.workspace.add_view("modal", RILEY, MODAL)
    modal = page.get_by_role("dialog", name="A form")
    await expect(modal).to_be_visible()
    assert await faults(page) == [], "a modal"
    act_as = await page.get_by_text("Act as").bounding_box()
    dialog = await modal.bounding_box()
    assert act_as is not None
    assert dialog is not None
    assert act_as["y"] + act_as["height"] <= dialog["y"], "who is acted as can always be seen"
