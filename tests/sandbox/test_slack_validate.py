"""The limits of Block Kit, at them and one beyond."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.validate import check_blocks, check_view, is_too_long

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def button(text: str = "Go", **more: Any) -> Block:
    return {"type": "button", "text": plain(text), **more}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def section(text: str = "x", **more: Any) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def confirm(**sizes: int) -> Block:
    texts = {"title": 1, "text": 1, "confirm": 1, "deny": 1, **sizes}
    return {name: plain("x" * size) for name, size in texts.items()}


def select(options: int = 1, **more: Any) -> Block:
    made = [{"text": plain("x"), "value": str(n)} for n in range(options)]
    return {"type": "static_select", "options": made, **more}


@pytest.mark.parametrize(
    "blocks",
    [
        [],
        [section("x" * 3000)],
        [section()] * 50,
        [{"type": "header", "text": plain("x" * 150)}, {"type": "divider"}],
        [{"type": "section", "fields": [plain("x" * 2000)] * 10}],
        [actions(*[button(action_id=str(n)) for n in range(25)])],
        [actions(button("x" * 75, value="x" * 2000, action_id="x" * 255, style="danger"))],
        [actions(button(confirm=confirm(title=100, text=300, confirm=30, deny=30)))],
        [actions(select(100, placeholder=plain("x")))],
        [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 10}],
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}],
        [section(accessory=button())],
    ],
)
def test_what_is_within_the_limits_is_taken(blocks: list[Block]) -> None:
    assert not check_blocks(blocks)


@pytest.mark.parametrize(
    ("blocks", "pointer"),
    [
        ([section()] * 51, "/blocks"),
        ("text", "/blocks"),
        (["text"], "/blocks/0"),
        ([section("x" * 3001)], "/blocks/0/text/text"),
        ([section("")], "/blocks/0/text/text"),
        ([section(" ")], "/blocks/0/text/text"),
        ([{"type": "section"}], "/blocks/0"),
        ([section(txet="x")], "/blocks/0"),
        ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "/blocks/0/text/type"),
        ([{"type": "section", "fields": [plain("x")] * 11}], "/blocks/0/fields"),
        ([{"type": "section", "fields": [plain("x" * 2001)]}], "/blocks/0/fields/0/text"),
        ([{"type": "context", "elements": [plain("x")] * 11}], "/blocks/0/elements"),
        ([actions()], "/blocks/0/elements"),
        ([actions(*[button()] * 26)], "/blocks/0/elements"),
        ([actions(button("x" * 76))], "/blocks/0/elements/0/text/text"),
        ([actions(button(value="x" * 2001))], "/blocks/0/elements/0/value"),
        ([actions(button(action_id="x" * 256))], "/blocks/0/elements/0/action_id"),
        ([actions(button(style="green"))], "/blocks/0/elements/0/style"),
        ([actions(button(action_id="a"), button(action_id="a"))], "/blocks/0/elements"),
        ([actions({"type": "plain_text_input"})], "/blocks/0/elements/0/type"),
        ([actions(button(confirm=confirm(title=101)))], "/blocks/0/elements/0/confirm/title/text"),
        ([actions(button(confirm=confirm(deny=31)))], "/blocks/0/elements/0/confirm/deny/text"),
        ([actions(button(confirm={}))], "/blocks/0/elements/0/confirm"),
        ([actions(select(101))], "/blocks/0/elements/0/options"),
        ([actions({"type": "static_select"})], "/blocks/0/elements/0"),
        ([section(block_id="a"), section(block_id="a")], "/blocks"),
        ([{"type": "divider", "block_id": 1}], "/blocks/0/block_id"),
        ([section(expand="yes")], "/blocks/0/expand"),
        ([{"type": "blink"}], "/blocks/0/type"),
    ],
)
def test_what_is_beyond_the_limits_is_named_with_its_place(blocks: Any, pointer: str) -> None:
    assert pointer in [problem.pointer for problem in check_blocks(blocks)]


def modal(*blocks: Block, **more: Any) -> Block:
    return {"type": "modal", "title": plain("Why"), "blocks": list(blocks), **more}


ASK = {"type": "input", "label": plain("Why"), "element": {"type": "plain_text_input"}}


@pytest.mark.parametrize(
    "view",
    [
        modal(*[section()] * 100),
        modal(ASK, submit=plain("x" * 24), private_metadata="x" * 3000),
        {"type": "home", "blocks": [actions(button())]},
    ],
)
def test_views_within_the_limits_are_taken(view: Block) -> None:
    assert not check_view(view)


@pytest.mark.parametrize(
    "view",
    [
        modal(*[section()] * 101),
        modal(ASK),
        modal(title=plain("x" * 25)),
        modal(private_metadata="x" * 3001),
        modal({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}),
        {"type": "home", "blocks": [{"type": "data_visualization"}]},
        {"type": "home", "title": plain("x"), "blocks": []},
        {"type": "window", "blocks": []},
        "view",
    ],
)
def test_views_beyond_the_limits_are_refused(view: Any) -> None:
    assert check_view(view)


def test_a_message_can_be_too_long_in_all() -> None:
    assert not is_too_long([section("x" * 3000)] * 4)
    assert is_too_long([section("x" * 3000)] * 5)
