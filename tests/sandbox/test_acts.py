"""What people can do from the page, and what it refuses: shortcuts, threads, what is not theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.slack.people import BOT_USER_ID, GUS, LEADERS, NORA, PHONES, RILEY
from tests.sandbox.page_talk import post, state
from tests.sandbox.page_world import World, page_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with page_world(tmp_path) as made:
        yield made


async def test_the_page_is_told_what_can_be_typed(world: World) -> None:
    seen = await state(world.url)
    assert [each["name"] for each in seen["commands"]] == ["/line", "/number"]
    assert {"text": "/line buy", "hint": "[reason]"} in seen["commands"][0]["completions"]
    assert [each["callback_id"] for each in seen["shortcuts"]] == ["buy_line"]


async def test_a_shortcut_reaches_the_app_with_the_channel_that_was_looked_at(
    world: World,
) -> None:
    args = {"user": RILEY, "channel": PHONES, "callback_id": "buy_line"}

    assert (await post(world.url, "/act/shortcut", args))[0] == 200

    [delivery] = world.slack.deliveries
    assert (delivery.type, delivery.payload["callback_id"]) == ("shortcut", "buy_line")

    assert (await post(world.url, "/act/shortcut", args | {"channel": None}))[0] == 200


async def test_people_answer_in_threads_and_commands_are_not_for_them(world: World) -> None:
    first = world.slack.workspace.post(PHONES, RILEY, "a question")
    args = {"user": NORA, "channel": PHONES, "text": "an answer", "thread_ts": first.ts}

    assert await post(world.url, "/act/say", args) == (200, {})
    [_, answer] = (await state(world.url))["messages"][PHONES]
    assert (answer["text"], answer["thread_ts"]) == ("an answer", first.ts)

    await post(world.url, "/act/say", args | {"broadcast": True})
    [_, _, told] = (await state(world.url))["messages"][PHONES]
    assert (answer["is_broadcast"], told["is_broadcast"]) == (False, True)

    status, body = await post(world.url, "/act/say", args | {"text": "/line buy x"})
    assert (status, body["error"]) == (
        409,
        "/line cannot be used in a thread. Type it in the channel.",
    )


@pytest.mark.parametrize(
    ("act", "args", "sentence"),
    [
        ("say", {"user": "U0NOBODY"}, "Nobody of that id works here."),
        ("say", {"user": BOT_USER_ID}, "Nobody of that id works here."),
        ("say", {"user": NORA, "channel": LEADERS}, "Nobody Nora sees no such channel."),
        ("say", {"user": GUS, "channel": "C0NOWHERE"}, "Gus Gast sees no such channel."),
        ("say", {"thread_ts": "1.0"}, "This thread is gone."),
        ("click", {"ts": "1.0"}, "This message is gone."),
        ("click", {"action_id": "explode"}, "This can no longer be pressed here."),
        ("submit", {"view_id": "V0"}, "This form is no longer open."),
        ("close_view", {"view_id": "V0"}, "This form is no longer open."),
        ("click_view", {"view_id": "V0"}, "This form is no longer open."),
        ("shortcut", {"callback_id": "sell_line"}, "This app has no such shortcut."),
        ("open_home", {"user": None}, "Nobody of that id works here."),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_sentence(
    world: World, act: str, args: dict[str, Any], sentence: str
) -> None:
    message = world.slack.workspace.post(PHONES, RILEY, "hello")
    usual = {"user": RILEY, "channel": PHONES, "ts": message.ts, "text": "hello"}

    status, body = await post(world.url, f"/act/{act}", usual | args)

    assert (status, body) == (409, {"error": sentence})
    assert not world.slack.deliveries
