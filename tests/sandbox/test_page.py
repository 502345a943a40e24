"""The page's server: whom it listens to, and what it shows to whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.page_server import HEADER
from bot.sandbox.slack.page_words import as_typed
from bot.sandbox.slack.people import BOT_USER_ID, GUS, LEADERS, MORGAN, NORA, PHONES, RILEY
from tests.sandbox.page_talk import get, post, state
from tests.sandbox.page_world import World, page_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with page_world(tmp_path) as made:
        yield made


async def test_a_foreign_name_for_this_machine_is_refused(world: World) -> None:
    assert (await get(world.url, f"/state?as={RILEY}", Host="evil.example"))[0] == 403
    assert (await get(world.url, f"/state?as={RILEY}", Host="localhost:80"))[0] == 200


async def test_other_pages_cannot_press_buttons(world: World) -> None:
    url = f"{world.url}/panel/kill"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json={}) as without_header:
            assert without_header.status == 403
        async with session.post(url, data={}, headers={HEADER: "page"}) as a_form:
            assert a_form.status == 403
    status, _ = await post(world.url, "/panel/kill", Origin="http://evil.example")
    assert status == 403
    assert world.bot.starts <= 1


async def test_the_page_and_nothing_beside_it_is_served(world: World) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{world.url}/") as index:
        assert index.content_type == "text/html"
        assert "default-src 'self'" in index.headers["Content-Security-Policy"]
    assert (await get(world.url, "/page/app.js"))[0] == 200
    for path in ("/page/../package.json", "/page/%2e%2e/package.json", "/page/src/main.jsx"):
        assert (await get(world.url, path))[0] in {403, 404}


async def test_nobody_sees_other_peoples_private_things(world: World) -> None:
    world.slack.workspace.post(PHONES, BOT_USER_ID, "psst", only_for=RILEY)
    world.slack.workspace.post(LEADERS, MORGAN, "secret")

    riley = await state(world.url)
    nora = await state(world.url, NORA)
    guest = await state(world.url, GUS)

    assert [m["text"] for m in riley["messages"][PHONES]] == ["psst"]
    assert nora["messages"][PHONES] == []
    assert LEADERS not in nora["messages"]
    assert LEADERS not in guest["messages"]


async def test_names_typed_become_ids(world: World) -> None:
    text = as_typed(world.slack.workspace, "for @riley in #phones, not @nobody & <co>")
    assert text == f"for <@{RILEY}|riley> in <#{PHONES}|phones>, not @nobody &amp; &lt;co&gt;"


async def test_an_unknown_command_is_explained(world: World) -> None:
    args = {"user": RILEY, "channel": PHONES, "text": "/lime buy"}
    status, body = await post(world.url, "/act/say", args)
    assert (status, body["error"]) == (
        409,
        "/lime is not a valid command. This workspace has /line and /number.",
    )


async def test_the_page_hears_of_changes(world: World) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{world.url}/events") as events:
        first = await events.content.readuntil(b"\n\n")
        world.slack.workspace.post(PHONES, RILEY, "hello")
        second = await events.content.readuntil(b"\n\n")
    assert first.startswith(b"data: ")
    assert second > first
