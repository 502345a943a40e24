"""The page: whom it listens to, what it shows to whom, and that its buttons work in a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.sandbox.page_server import HEADER
from bot.sandbox.slack.page_words import as_typed
from bot.sandbox.slack.people import BOT_USER_ID, GUS, LEADERS, MORGAN, NORA, PHONES, RILEY
from tests.sandbox.page_world import World, page_world

CHROMIUM = shutil.which("chromium")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with page_world(tmp_path) as made:
        yield made


async def get(world: World, path: str, **headers: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{world.url}{path}", headers=headers) as answer,
    ):
        is_json = answer.content_type == "application/json"
        return answer.status, await (answer.json() if is_json else answer.text())


async def post(world: World, path: str, args: Any, **headers: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{world.url}{path}", json=args, headers={HEADER: "page", **headers}
        ) as answer,
    ):
        is_json = answer.content_type == "application/json"
        return answer.status, await (answer.json() if is_json else answer.text())


async def test_a_foreign_name_for_this_machine_is_refused(world: World) -> None:
    assert (await get(world, f"/state?as={RILEY}", Host="evil.example"))[0] == 403
    assert (await get(world, f"/state?as={RILEY}", Host="localhost:80"))[0] == 200


async def test_other_pages_cannot_press_buttons(world: World) -> None:
    url = f"{world.url}/panel/kill"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json={}) as without_header:
            assert without_header.status == 403
        async with session.post(url, data={}, headers={HEADER: "page"}) as a_form:
            assert a_form.status == 403
    status, _ = await post(world, "/panel/kill", {}, Origin="http://evil.example")
    assert status == 403
    assert world.bot.starts <= 1


async def test_nobody_sees_other_peoples_private_things(world: World) -> None:
    world.slack.workspace.post(PHONES, BOT_USER_ID, "psst", only_for=RILEY)
    world.slack.workspace.post(LEADERS, MORGAN, "secret")

    _, riley = await get(world, f"/state?as={RILEY}")
    _, nora = await get(world, f"/state?as={NORA}")
    _, guest = await get(world, f"/state?as={GUS}")

    assert [m["text"] for m in riley["messages"][PHONES]] == ["psst"]
    assert nora["messages"][PHONES] == []
    assert LEADERS not in nora["messages"]
    assert LEADERS not in guest["messages"]


async def test_names_typed_become_ids(world: World) -> None:
    text = as_typed(world.slack.workspace, "for @riley in #phones, not @nobody & <co>")
    assert text == f"for <@{RILEY}|riley> in <#{PHONES}|phones>, not @nobody &amp; &lt;co&gt;"


async def test_an_unknown_command_is_explained(world: World) -> None:
    args = {"user": RILEY, "channel": PHONES, "text": "/lime buy"}
    status, body = await post(world, "/act/say", args)
    assert (status, body["error"]) == (
        409,
        "/lime is not a valid command. This workspace has /line and /number.",
    )


@pytest.mark.parametrize("args", [{"seconds": 4}, {"seconds": "60"}, {}])
async def test_a_wrong_preview_time_is_refused(world: World, args: dict[str, Any]) -> None:
    assert (await post(world, "/panel/preview_seconds", args))[0] == 409
    assert world.sendblue.preview_seconds == 600


async def test_a_fault_can_be_armed_and_cleared(world: World) -> None:
    await post(world, "/panel/fault", {"fault": "cut_after", "seller": "sendblue"})
    _, state = await get(world, f"/state?as={RILEY}")
    assert state["panel"]["waiting_faults"] == ["/accounts/lines/provision-confirm"]

    await post(world, "/panel/clear_faults", {})
    assert not world.sendblue.faults.waiting()


async def test_the_page_hears_of_changes(world: World) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{world.url}/events") as events:
        first = await events.content.readuntil(b"\n\n")
        world.slack.workspace.post(PHONES, RILEY, "hello")
        second = await events.content.readuntil(b"\n\n")
    assert first.startswith(b"data: ")
    assert second > first


# In Debian's Chromium


@pytest.fixture
async def page(world: World, tmp_path: Path) -> AsyncIterator[Page]:
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = await browser.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        await page.goto(world.url)
        yield page
        await browser.close()
    assert not problems


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Message or command").fill(text)
    await page.get_by_role("button", name="Send").click()


@pytest.mark.browser
async def test_a_card_is_asked_for_and_approved_as_somebody_else(page: Page) -> None:
    await say(page, "/line buy x")
    await expect(page.get_by_text("A line")).to_be_visible()

    await page.get_by_label("Act as").select_option(MORGAN)
    await page.get_by_role("button", name="Approve").click()

    await expect(page.get_by_text("approved by @Morgan Moss")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)


@pytest.mark.browser
async def test_a_modal_keeps_what_was_typed_and_shows_what_is_wrong(page: Page) -> None:
    await say(page, "/line buy x")
    await page.get_by_role("button", name="Say why").click()
    await page.get_by_label("Reason").fill("no")
    await page.get_by_role("dialog").get_by_role("button", name="Send").click()

    await expect(page.get_by_text("Say more.")).to_be_visible()
    await expect(page.get_by_label("Reason")).to_have_value("no")

    await page.get_by_label("Reason").fill("because")
    await page.get_by_role("dialog").get_by_role("button", name="Send").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.browser
async def test_what_people_type_is_never_markup(page: Page) -> None:
    await say(page, "<img src=x onerror=alert(1)> *bold* & `code`")

    await expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    await expect(page.locator("article strong", has_text="bold")).to_be_visible()
    await expect(page.locator("article img")).to_have_count(0)


@pytest.mark.browser
async def test_a_data_table_is_a_plain_table_with_people_and_instants(
    page: Page, world: World
) -> None:
    def rich(**element: Any) -> dict[str, Any]:
        section = {"type": "rich_text_section", "elements": [element]}
        return {"type": "rich_text", "elements": [section]}

    head = [{"type": "raw_text", "text": text} for text in ("Code", "By", "When", "Price")]
    row = [
        {"type": "raw_text", "text": "<b>K7Q2</b>"},
        rich(type="user", user_id=MORGAN),
        rich(type="date", timestamp=1_700_000_000, format="{date_num}", fallback="then"),
        {"type": "raw_number", "value": 100.0, "text": "$100.00"},
    ]
    table = {"type": "data_table", "caption": "Purchases", "rows": [head, row]}
    world.slack.workspace.post(PHONES, RILEY, "Purchases", [table])

    await expect(page.get_by_role("table", name="Purchases")).to_be_visible()
    await expect(page.get_by_role("columnheader")).to_have_text(["Code", "By", "When", "Price"])
    day = re.compile("2023-11-1[45]")
    cells: list[str | re.Pattern[str]] = ["<b>K7Q2</b>", "@Morgan Moss", day, "$100.00"]
    await expect(page.get_by_role("cell")).to_have_text(cells)


@pytest.mark.browser
async def test_killing_the_bot_is_shown(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sandbox.bot_process.RESTART_AFTER_SECONDS", 0)
    await expect(page.get_by_text("Bot: ready")).to_be_visible()
    await page.get_by_role("button", name="kill -9 the bot").click()
    await expect(page.get_by_text("running again")).to_be_visible()


@pytest.mark.browser
async def test_nothing_is_wider_than_a_phone(page: Page, world: World) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await say(page, "/line buy x")
    await expect(page.get_by_role("button", name="Approve")).to_be_visible()
    await expect(page.get_by_label("Act as")).to_be_visible()

    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    assert world.slack.messages(PHONES)
