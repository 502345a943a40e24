"""Small checks that are put together into descriptions of JSON: strings, lists, objects, choices.

Each check looks at a value at a JSON pointer and adds to the list of problems; none raises.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where (a JSON pointer such as `/blocks/0/text`)."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


Check = Callable[[Any, str, list[Problem]], None]


def anything(_value: Any, _at: str, _problems: list[Problem]) -> None:
    """For fields this simulator takes on trust."""


def boolean(value: Any, at: str, problems: list[Problem]) -> None:
    if not isinstance(value, bool):
        problems.append(Problem(at, "must be a boolean"))


def number(value: Any, at: str, problems: list[Problem]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        problems.append(Problem(at, "must be a number"))


def string(most: int, least: int = 1) -> Check:
    def check(value: Any, at: str, problems: list[Problem]) -> None:
        if not isinstance(value, str):
            problems.append(Problem(at, "must be a string"))
        elif len(value) > most:
            problems.append(Problem(at, f"must be less than {most + 1} characters"))
        elif len(value.strip()) < least:
            problems.append(Problem(at, f"must be more than {least - 1} characters"))

    return check


def choice(*allowed: str) -> Check:
    def check(value: Any, at: str, problems: list[Problem]) -> None:
        if value not in allowed:
            problems.append(Problem(at, f"must be one of {', '.join(allowed)}"))

    return check


def listing(item: Check, most: int, least: int = 1) -> Check:
    def check(value: Any, at: str, problems: list[Problem]) -> None:
        if not isinstance(value, list):
            problems.append(Problem(at, "must be an array"))
            return
        if len(value) > most:
            problems.append(Problem(at, f"no more than {most} items allowed"))
        if len(value) < least:
            problems.append(Problem(at, f"no less than {least} items required"))
        for index, each in enumerate(value):
            item(each, f"{at}/{index}", problems)

    return check


def fields(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others, besides `type`."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str, problems: list[Problem]) -> None:
        if not isinstance(value, dict):
            problems.append(Problem(at, "must be an object"))
            return
        problems.extend(
            Problem(at, f"missing required field: {name}") for name in required if name not in value
        )
        for name, inner in value.items():
            if name in known:
                known[name](inner, f"{at}/{name}", problems)
            elif name != "type":
                problems.append(Problem(at, f"invalid additional property: {name}"))

    return check


def typed(table: Mapping[str, Check], allowed: Collection[str] | None = None) -> Check:
    """An object whose `type` names its description in `table`; `allowed` narrows the choice."""

    def check(value: Any, at: str, problems: list[Problem]) -> None:
        if not isinstance(value, dict):
            problems.append(Problem(at, "must be an object"))
            return
        kind = value.get("type")
        if kind is None or kind not in table or (allowed is not None and kind not in allowed):
            problems.append(Problem(f"{at}/type", f"unsupported type: {kind}"))
            return
        table[kind](value, at, problems)

    return check


def text(most: int, *, plain: bool = False) -> Check:
    """A text object: `plain_text`, or also `mrkdwn` where the place allows it."""
    content = string(most)
    plain_text = fields({"text": content}, {"emoji": boolean})
    mrkdwn = fields({"text": content}, {"verbatim": boolean})
    return typed(
        {"plain_text": plain_text} if plain else {"plain_text": plain_text, "mrkdwn": mrkdwn}
    )
