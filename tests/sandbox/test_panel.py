"""The director's panel over HTTP: knobs, faults, time, the bot, and several people at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox.fault_choices import CHOICES, ENDPOINTS, FaultDesk
from bot.sandbox.instants import utc_now
from bot.sandbox.knobs import Knobs
from bot.sandbox.magpipe import Magpipe
from bot.sandbox.sendblue import CONFIRM, LINES, Sendblue
from bot.sandbox.slack.people import MAX, MORGAN, PHONES, RILEY
from tests.sandbox.page_talk import panel, post, state
from tests.sandbox.page_world import World, page_world

CARD_MISSING = "refuse: no card on file (402)"
KNOBS = [knob["id"] for knob in Knobs(Sendblue(), Magpipe()).as_json()]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with page_world(tmp_path) as made:
        yield made


# Knobs


def another(knob: dict[str, Any]) -> Any:
    """A value that it can have and has not."""
    if knob["kind"] == "switch":
        return not knob["value"]
    if knob["kind"] == "number":
        return knob["min"] if knob["value"] != knob["min"] else knob["max"]
    return knob["choices"][-1][0]


async def test_every_knob_can_be_turned_and_shows_it(world: World) -> None:
    knobs = (await panel(world.url))["knobs"]
    wanted = {each["id"]: another(each) for each in knobs}

    for knob_id, value in wanted.items():
        assert await post(world.url, "/panel/set", {"id": knob_id, "value": value}) == (200, {})

    turned = (await panel(world.url))["knobs"]
    assert {each["id"]: each["value"] for each in turned} == wanted
    assert all(each["label"] and each["help"] and each["provider"] for each in turned)


@pytest.mark.parametrize("knob_id", KNOBS)
@pytest.mark.parametrize("value", ["nonsense", -20_000, 1.5, None, [], {"a": 1}])
def test_what_a_knob_cannot_be_is_said_in_a_sentence(knob_id: str, value: Any) -> None:
    knobs = Knobs(Sendblue(), Magpipe())
    before = knobs.as_json()
    [label] = [each["label"] for each in before if each["id"] == knob_id]

    with pytest.raises(ValueError, match=rf"^“{label}” .*\.$"):
        knobs.set(knob_id, value)

    assert knobs.as_json() == before


async def test_an_unknown_knob_is_refused(world: World) -> None:
    status, body = await post(world.url, "/panel/set", {"id": "sendblue.now", "value": 1})
    assert (status, body) == (409, {"error": "There is no such knob."})


async def test_true_is_no_number(world: World) -> None:
    args = {"id": "sendblue.daily_limit", "value": True}
    assert (await post(world.url, "/panel/set", args))[0] == 409


async def test_stock_grows_beyond_what_was_there_and_sells_nothing_twice(world: World) -> None:
    first = world.sendblue.stock[0]
    await post(world.url, "/panel/set", {"id": "sendblue.stock", "value": 0})
    assert world.sendblue.stock == []

    await post(world.url, "/panel/set", {"id": "sendblue.stock", "value": 50})

    assert len(set(world.sendblue.stock)) == 50
    assert world.sendblue.stock[0] == first


async def test_no_limit_of_numbers_can_be_chosen_again(world: World) -> None:
    await post(world.url, "/panel/set", {"id": "magpipe.number_limit", "value": 1})
    assert world.magpipe.number_limit == 1
    await post(world.url, "/panel/set", {"id": "magpipe.number_limit", "value": 0})
    assert world.magpipe.number_limit is None


# Faults


async def test_every_fault_that_is_offered_for_an_endpoint_can_be_armed(world: World) -> None:
    fitting = [(e.id, c.id) for e in ENDPOINTS for c in CHOICES if c.fits(e)]
    desk = FaultDesk(
        {
            "sendblue": world.sendblue.faults,
            "magpipe": world.magpipe.faults,
            "slack": world.slack.faults,
        }
    )
    for endpoint_id, fault_id in fitting:
        desk.arm(endpoint_id, fault_id)

    armed = (await panel(world.url))["armed"]
    assert [(each["endpoint_id"], each["fault_id"]) for each in armed] == fitting
    assert all(each["label"] for each in armed)

    await post(world.url, "/panel/clear_faults")
    assert (await panel(world.url))["armed"] == []


async def test_the_page_is_told_which_fault_goes_with_what(world: World) -> None:
    shown = await panel(world.url)
    for endpoint in ENDPOINTS:
        there = {"all", endpoint.provider, endpoint.id}
        offered = {each["id"] for each in shown["faults"] if there & set(each["for"].split(", "))}
        assert offered == {choice.id for choice in CHOICES if choice.fits(endpoint)}
    assert [each["id"] for each in shown["endpoints"]] == [each.id for each in ENDPOINTS]


@pytest.mark.parametrize(
    ("endpoint", "fault", "sentence"),
    [
        (f"sendblue {CONFIRM}", "boredom", "There is no such fault."),
        ("sendblue /nowhere", "slow", "There is no such endpoint."),
        (
            f"sendblue {LINES}",
            "no_card_on_file",
            f"“{CARD_MISSING}” does not happen to “lines: the numbers on the account”.",
        ),
    ],
)
async def test_an_impossible_fault_is_refused(
    world: World, endpoint: str, fault: str, sentence: str
) -> None:
    args = {"endpoint_id": endpoint, "fault_id": fault}
    assert await post(world.url, "/panel/fault", args) == (409, {"error": sentence})


async def test_an_armed_fault_happens_once_and_is_no_longer_armed(world: World) -> None:
    args = {"endpoint_id": "slack chat.postMessage", "fault_id": "slack_broken"}
    await post(world.url, "/panel/fault", args)

    url, token = world.slack.api_url, world.slack.state.bot_token
    async with aiohttp.ClientSession() as session:
        form = {"channel": PHONES, "text": "hello", "token": token}
        async with session.post(f"{url}chat.postMessage", data=form) as first:
            assert (await first.json())["error"] == "internal_error"
        async with session.post(f"{url}chat.postMessage", data=form) as second:
            assert (await second.json())["ok"]

    assert (await panel(world.url))["armed"] == []


# Time


async def test_skipped_time_counts_for_everything_here(world: World) -> None:
    world.slack.workspace.post(PHONES, RILEY, "before")
    assert await post(world.url, "/panel/skip", {"seconds": 86_400}) == (200, {})
    world.slack.workspace.post(PHONES, RILEY, "after")

    seen = await state(world.url)

    assert seen["panel"]["skipped_seconds"] == 86_400
    ahead = datetime.fromisoformat(seen["now"]) - utc_now()
    assert timedelta(hours=23) < ahead <= timedelta(days=1)
    before, after = (float(message["ts"]) for message in seen["messages"][PHONES])
    assert after - before >= 86_400
    assert world.sendblue.now() - utc_now() > timedelta(hours=23)
    assert world.magpipe.now() - utc_now() > timedelta(hours=23)


@pytest.mark.parametrize("seconds", [0, -1, 1.5, "60", True, None, 32 * 86_400])
async def test_time_only_goes_forward_by_whole_seconds(world: World, seconds: Any) -> None:
    status, body = await post(world.url, "/panel/skip", {"seconds": seconds})
    assert status == 409
    assert body["error"].endswith(".")
    assert world.clock.skipped_seconds == 0


# The bot


async def test_a_restarted_bot_ends_as_asked_and_is_running_again(world: World) -> None:
    await world.slack.wait_for(lambda: world.bot.state == "ready" or None, 10)
    first = world.bot.pid

    assert await post(world.url, "/panel/restart") == (200, {})
    await world.slack.wait_for(lambda: (world.bot.starts, world.bot.state) == (2, "ready"), 10)

    assert world.bot.pid != first
    assert (await panel(world.url))["bot"]["news"].startswith("The bot is running again")


async def test_a_bot_that_is_not_there_can_neither_be_killed_nor_restarted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.bot_process.RESTART_AFTER_SECONDS", 60)
    await world.slack.wait_for(lambda: world.bot.state == "ready" or None, 10)
    assert (await post(world.url, "/panel/kill"))[0] == 200
    await world.slack.wait_for(lambda: "second" in world.bot.news, 10)

    sentence = (409, {"error": "The bot is not running at this moment."})
    assert await post(world.url, "/panel/kill") == sentence
    assert await post(world.url, "/panel/restart") == sentence


# Several people at once


async def test_two_people_press_the_same_button_together(world: World) -> None:
    await post(
        world.url, "/act/say", {"user": RILEY, "channel": PHONES, "text": "/line buy a desk"}
    )
    [card] = world.slack.messages(PHONES)
    args = {"channel": PHONES, "ts": card.ts, "label": "Approve", "users": [MORGAN, MAX]}

    status, body = await post(world.url, "/panel/press_together", args)

    assert status == 200
    assert [each["user"] for each in body["answers"]] == [MORGAN, MAX]
    pressed = [d for d in world.slack.deliveries if d.type == "block_actions"]
    assert {each.payload["user"]["id"] for each in pressed} == {MORGAN, MAX}


@pytest.mark.parametrize(
    "changed",
    [{"ts": "1.0"}, {"users": []}, {"users": "U1"}, {"users": ["U0NOBODY"]}, {"label": "Explode"}],
)
async def test_pressing_what_is_not_there_is_refused(world: World, changed: dict[str, Any]) -> None:
    await post(world.url, "/act/say", {"user": RILEY, "channel": PHONES, "text": "/line buy x"})
    [card] = world.slack.messages(PHONES)
    args = {"channel": PHONES, "ts": card.ts, "label": "Approve", "users": [MORGAN, MAX]}

    status, body = await post(world.url, "/panel/press_together", args | changed)

    assert status == 409
    assert body["error"].endswith(".")
    assert not [d for d in world.slack.deliveries if d.type == "block_actions"]


# What the page sends


PATHS = [
    *(f"panel/{action}" for action in ("set", "fault", "skip", "press_together")),
    *(f"act/{act}" for act in ("say", "click", "click_view", "submit", "close_view")),
    *(f"act/{act}" for act in ("open_home", "shortcut")),
]


@pytest.mark.parametrize("body", ["[]", '"x"', "7", "{}", "{", '{"user": [], "seconds": {}}'])
async def test_nonsense_is_a_sentence_and_never_a_500(world: World, body: str) -> None:
    headers = {"X-Dialtone-Sandbox": "page", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(world.url, headers=headers) as session:
        for path in PATHS:
            async with session.post(f"/{path}", data=body) as answer:
                assert (path, answer.status) == (path, 409)
                assert (await answer.json())["error"].endswith(".")


async def test_an_unknown_action_is_not_found(world: World) -> None:
    assert (await post(world.url, "/panel/explode"))[0] == 404
