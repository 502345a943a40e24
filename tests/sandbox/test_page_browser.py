"""Messages in a browser: cards, what is written in them, sizes and colours."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from playwright.async_api import Page, expect

from bot.sandbox.slack.people import BOT_USER_ID, MORGAN, NORA, PHONES, RILEY
from tests.sandbox.chromium import BROWSER_TEST
from tests.sandbox.page_world import World

pytestmark = BROWSER_TEST


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Message or command").fill(text)
    await page.get_by_role("button", name="Send", exact=True).click()


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


# Cards


async def test_a_card_is_asked_for_and_approved_as_somebody_else(page: Page) -> None:
    await say(page, "/line buy x")
    await expect(page.get_by_text("A line", exact=True)).to_be_visible()

    act_as = page.get_by_label("Act as")
    await act_as.focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_text("You see what Morgan Moss sees.")).to_be_visible()
    await expect(act_as).to_be_focused()
    await page.get_by_role("button", name="Approve").click()

    await expect(page.get_by_text("approved by @Morgan Moss")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)


async def test_a_redrawn_card_takes_the_focus_of_its_lost_button(page: Page) -> None:
    await say(page, "/line buy x")
    await page.get_by_role("button", name="Approve").focus()
    await page.keyboard.press("Enter")

    await expect(page.get_by_text("approved by @Riley Reyes")).to_be_visible()
    await expect(page.get_by_role("article", name="Dialtone")).to_be_focused()


async def test_a_confirm_dialog_comes_first_and_can_be_declined(page: Page, world: World) -> None:
    confirm = {
        "title": plain("Buy it?"),
        "text": {"type": "mrkdwn", "text": "It costs *$100*."},
        "confirm": plain("Buy"),
        "deny": plain("Not yet"),
    }
    button = {"type": "button", "action_id": "buy", "text": plain("Approve"), "confirm": confirm}
    card = {"type": "actions", "block_id": "b", "elements": [button]}
    world.slack.workspace.post(PHONES, BOT_USER_ID, "A card", [card])
    dialog = page.get_by_role("dialog", name="Buy it?")

    await page.get_by_role("button", name="Approve").click()
    await expect(dialog).to_contain_text("It costs $100.")
    await dialog.get_by_role("button", name="Not yet").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name="Approve")).to_be_focused()
    assert world.slack.deliveries == []

    await page.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Buy", exact=True).click()
    await world.slack.wait_for(lambda: world.slack.deliveries)
    assert world.slack.deliveries[0].payload["actions"][0]["action_id"] == "buy"


async def test_menus_and_choices_tell_the_app_what_was_chosen(page: Page, world: World) -> None:
    options = [{"text": plain(name), "value": name.lower()} for name in ("Red", "Blue")]
    elements = [
        {
            "type": "static_select",
            "action_id": "menu",
            "placeholder": plain("A colour"),
            "options": options,
        },
        {"type": "overflow", "action_id": "more", "options": options},
        {"type": "checkboxes", "action_id": "many", "options": options},
        {"type": "users_select", "action_id": "who", "placeholder": plain("A person")},
    ]
    card = {"type": "actions", "block_id": "b", "elements": elements}
    world.slack.workspace.post(PHONES, BOT_USER_ID, "A card", [card])

    def chosen(name: str) -> Any:
        used = [each.payload["actions"][0] for each in world.slack.deliveries]
        return next((action for action in used if action["action_id"] == name), None)

    await page.get_by_label("A colour").select_option("Blue")
    menu = await world.slack.wait_for(lambda: chosen("menu"))
    assert menu["selected_option"]["value"] == "blue"

    await page.get_by_role("button", name="More actions").press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    more = await world.slack.wait_for(lambda: chosen("more"))
    assert more["selected_option"]["value"] == "blue"

    await page.get_by_role("checkbox", name="Red").check()
    many = await world.slack.wait_for(lambda: chosen("many"))
    assert [option["value"] for option in many["selected_options"]] == ["red"]

    await page.get_by_label("A person").select_option("Max Malik")
    assert (await world.slack.wait_for(lambda: chosen("who")))["selected_user"]


# What is written


async def test_what_people_type_is_never_markup(page: Page) -> None:
    lines = [
        "<img src=x onerror=alert(1)> *bold* & `<b>*code*`",
        "# urgent",
        "---",
        f"<@{RILEY}> <!channel> at 10:30:15 :nosuch: [x](http://example.com/)",
    ]
    for line in lines:
        await say(page, line)

    await expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    await expect(page.get_by_role("article").locator("img")).to_have_count(0)
    await expect(page.get_by_text("<b>*code*")).to_be_visible()
    await expect(page.get_by_text("# urgent")).to_be_visible()
    await expect(page.get_by_text("---")).to_be_visible()
    await expect(
        page.get_by_text(f"<@{RILEY}> <!channel> at 10:30:15 :nosuch: [x](")
    ).to_be_visible()
    await expect(page.get_by_text("@Riley Reyes")).to_have_count(0)


async def test_mrkdwn_names_people_and_places(page: Page, world: World) -> None:
    text = (
        f"<@{MORGAN}> of <!subteam^S0MANAGERS> in <#{PHONES}>: <https://example.com/a|a *link*> "
        ":tada: *+1 415-200-7986*\n&gt; quoted &amp; kept\n```\n*as* it is\n```"
    )
    await expect(page.get_by_role("heading", name="phones")).to_be_visible()
    world.slack.workspace.post(PHONES, BOT_USER_ID, text)
    card = page.get_by_role("article", name="Dialtone")

    await expect(card).to_contain_text("@Morgan Moss of @phone-managers in #phones: a *link* 🎉")
    aloud = page.get_by_role("status").filter(has_text="Morgan Moss of phone-managers in phones: a")
    await expect(aloud).to_have_count(1)
    number = card.get_by_text("+1 415-200-7986", exact=True)
    await expect(number).to_have_css("white-space", "nowrap")
    await expect(number).to_have_css("font-weight", "700")
    await expect(card.get_by_role("blockquote")).to_have_text("quoted & kept")
    await expect(card.locator("pre")).to_have_text("*as* it is")
    link = card.get_by_role("link")
    await expect(link).to_have_attribute("href", "https://example.com/a")
    await expect(link).to_have_attribute("rel", "noreferrer noopener")


async def test_relative_dates_follow_the_sandboxs_clock(page: Page, world: World) -> None:
    at = int((world.clock.now() + timedelta(minutes=9, seconds=59)).timestamp())
    world.slack.workspace.post(PHONES, BOT_USER_ID, f"by <!date^{at}^{{time}} ({{ago}})|then>")
    await expect(page.get_by_text(re.compile(r"\(in (10|9) minutes\)"))).to_be_visible()

    world.clock.skip(3600)
    world.slack.workspace.changed()
    await expect(page.get_by_text(re.compile(r"\(50 minutes ago\)"))).to_be_visible()


async def test_a_data_table_has_people_and_instants_and_can_be_sorted(
    page: Page, world: World
) -> None:
    def rich(**element: Any) -> dict[str, Any]:
        section = {"type": "rich_text_section", "elements": [element]}
        return {"type": "rich_text", "elements": [section]}

    def row(code: str, price: float) -> list[dict[str, Any]]:
        return [
            {"type": "raw_text", "text": code},
            rich(type="user", user_id=MORGAN),
            rich(type="date", timestamp=1_700_000_000, format="{date_num}", fallback="then"),
            {"type": "raw_number", "value": price, "text": f"${price:.2f}"},
        ]

    head = [{"type": "raw_text", "text": text} for text in ("Code", "By", "When", "Price")]
    rows = [head, row("<b>K7Q2</b>", 100.0), row("AAAA", 2.0), row("BBBB", 30.0)]
    table = {"type": "data_table", "caption": "Purchases", "rows": rows, "page_size": 2}
    world.slack.workspace.post(PHONES, RILEY, "Purchases", [table])
    cells = page.get_by_role("cell")

    await expect(page.get_by_role("table", name="Purchases")).to_be_visible()
    await expect(page.get_by_role("columnheader")).to_have_text(["Code", "By", "When", "Price"])
    await expect(cells).to_have_count(8)
    day = re.compile("2023-11-1[45]")
    first: list[str | re.Pattern[str]] = ["<b>K7Q2</b>", "@Morgan Moss", day, "$100.00"]
    for index, expected in enumerate(first):
        await expect(cells.nth(index)).to_have_text(expected)

    await page.get_by_role("button", name="Price").click()
    await expect(cells.nth(3)).to_have_text("$2.00")
    price = page.get_by_role("columnheader", name="Price")
    await expect(price).to_have_attribute("aria-sort", "ascending")
    await page.get_by_role("button", name="Next", exact=True).click()
    await expect(cells).to_have_count(4)
    await expect(cells.nth(3)).to_have_text("$100.00")


async def test_private_answers_say_so_and_are_nobody_elses(page: Page) -> None:
    await say(page, "/line help")
    answer = page.get_by_role("article", name="only visible to you")
    await expect(answer).to_contain_text("Only visible to you")

    await page.get_by_label("Act as").select_option(NORA)
    await expect(answer).to_have_count(0)


# Sizes and colours


async def test_nothing_is_wider_than_a_phone(page: Page, world: World) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    world.slack.workspace.post(PHONES, BOT_USER_ID, f"`{'x' * 200}` {'y' * 200}")
    await say(page, "/line buy x")
    await expect(page.get_by_role("button", name="Approve")).to_be_visible()
    await expect(page.get_by_label("Act as")).to_be_visible()

    await page.get_by_role("button", name="Behind the scenes").click()
    await expect(page.get_by_role("heading", name="Behind the scenes")).to_be_focused()
    wide = "[...document.querySelectorAll('aside *')].filter(e => e.scrollWidth > 360).length"
    assert await page.evaluate(wide) == 0
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Behind the scenes")).to_be_focused()

    await page.get_by_role("button", name="Conversations").click()
    await expect(page.get_by_role("button", name="phones")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Conversations")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="general").click()
    await expect(page.get_by_role("heading", name="general")).to_be_visible()
    await page.get_by_role("button", name="Conversations").click()
    await page.get_by_role("button", name="phones").click()
    small = """[...document.querySelectorAll('button, select, input')].filter(each =>
        each.offsetParent && !each.closest('.blocks') && each.getBoundingClientRect().height < 40
    ).map(each => each.outerHTML.slice(0, 80))"""
    assert await page.evaluate(small) == []
    await page.get_by_role("button", name="Say why").click()
    await expect(page.get_by_role("dialog")).to_be_visible()

    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360


async def test_dark_is_the_systems_choice_or_ones_own_and_is_remembered(page: Page) -> None:
    root = page.locator("html")
    await expect(root).to_have_attribute("data-theme", "light")
    await page.emulate_media(color_scheme="dark")
    await expect(root).to_have_attribute("data-theme", "dark")

    await page.get_by_role("button", name="Use light colours").click()
    await page.reload()
    await expect(root).to_have_attribute("data-theme", "light")
    paper = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
