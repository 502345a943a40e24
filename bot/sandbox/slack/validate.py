"""Would Slack take these blocks, this view? Own rules, to the published limits."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Literal

from bot.sandbox.slack.block_kit import EVERYWHERE, IDENTIFIER, MESSAGES_ONLY
from bot.sandbox.slack.schema import (
    Check,
    Problem,
    anything,
    boolean,
    choice,
    fields,
    listing,
    string,
    text,
    typed,
)
from bot.sandbox.slack.tables import CHARACTERS, characters

Surface = Literal["message", "modal", "home"]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_CHARACTERS = 13_000
"""Observed, not published: more than about this much JSON in a message's blocks is refused."""
TEXT_CHARACTERS = 40_000
CHARTS_PER_MESSAGE = 2
TABLES_PER_MESSAGE = 1

_BLOCKS: dict[Surface, Check] = {
    "message": listing(typed({**EVERYWHERE, **MESSAGES_ONLY}), MESSAGE_BLOCKS, least=0),
    "modal": listing(typed(EVERYWHERE), VIEW_BLOCKS, least=0),
    "home": listing(typed(EVERYWHERE), VIEW_BLOCKS, least=0),
}
_TITLE = text(24, plain=True)
_COMMON: dict[str, Check] = {
    "private_metadata": string(3000, least=0),
    "callback_id": IDENTIFIER,
    "external_id": IDENTIFIER,
}
_VIEWS: dict[str, Check] = {
    "modal": fields(
        {"title": _TITLE, "blocks": anything},
        {
            **_COMMON,
            "close": _TITLE,
            "submit": _TITLE,
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": fields({"blocks": anything}, _COMMON),
}


def check_blocks(blocks: Any, surface: Surface = "message", at: str = "/blocks") -> list[Problem]:
    """The problems Slack would name; empty when it would take the blocks."""
    problems: list[Problem] = []
    _BLOCKS[surface](blocks, at, problems)
    if problems:
        return problems
    for name, most in (("table", TABLES_PER_MESSAGE), ("data_visualization", CHARTS_PER_MESSAGE)):
        if sum(block["type"] == name for block in blocks) > most:
            problems.append(Problem(at, f"no more than {most} {name} blocks allowed"))
    tables = [block for block in blocks if block["type"] == "data_table"]
    if sum(characters(table) for table in tables) > CHARACTERS:
        problems.append(Problem(at, f"tables must have less than {CHARACTERS + 1} characters"))
    problems += _duplicates([block.get("block_id") for block in blocks], "block_id", at)
    for index, block in enumerate(blocks):
        action_ids = [
            element.get("action_id")
            for element in block.get("elements", [])
            if isinstance(element, dict)
        ]
        problems += _duplicates(action_ids, "action_id", f"{at}/{index}/elements")
    return problems


def check_view(view: Any) -> list[Problem]:
    """The same for a modal or a Home tab."""
    problems: list[Problem] = []
    typed(_VIEWS)(view, "/view", problems)
    if problems:
        return problems
    problems += check_blocks(view["blocks"], view["type"], "/view/blocks")
    if problems or view["type"] != "modal":
        return problems
    asks = any(block["type"] == "input" for block in view["blocks"])
    if asks and "submit" not in view:
        problems.append(Problem("/view", "submit is required when an input block is present"))
    return problems


def is_too_long(blocks: list[dict[str, Any]]) -> bool:
    return len(json.dumps(blocks, ensure_ascii=False)) > MESSAGE_CHARACTERS


def _duplicates(ids: list[Any], name: str, at: str) -> list[Problem]:
    counted = Counter(each for each in ids if each is not None)
    return [
        Problem(at, f"`{name}` already exists: {each}")
        for each, times in counted.items()
        if times > 1
    ]


__all__ = ["Problem", "Surface", "check_blocks", "check_view", "choice", "is_too_long"]
