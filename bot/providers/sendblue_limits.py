"""Sendblue's `GET /accounts/limits`, whose answer nobody has published: read what can be read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.limits import Reading
from bot.ports import LimitReading

_INSIDE = ("limits", "data", "provisioning")
_ROLES = {
    "limit": "limit",
    "max": "limit",
    "used": "used",
    "count": "used",
    "current": "used",
    "remaining": "left",
    "available": "left",
}
_ABOUT_LINES = frozenset({"provision", "provisioning", "line", "lines"})
_MOST = 1_000_000  # more is no number of lines
_KEYS_NAMED = 20


def read_limits(content: Mapping[str, Any]) -> LimitReading:
    """What the answer says of the two windows; nothing where it is not understood.

    Looked for at top level and inside `limits`, `data` and `provisioning`: keys with the word
    daily or monthly. A number is the limit (or what the key's other words say: `daily_used`), an
    object may have `limit` or `max`, `used`, `count` or `current`, `remaining` or `available`.
    Where several keys speak of one window, those about lines or provisioning count; if these
    disagree, none does.
    """
    return LimitReading(day=_window(content, "daily"), month=_window(content, "monthly"))


def key_names(content: Mapping[str, Any]) -> list[str]:
    """The names of the keys, for the log: enough to teach `read_limits` a shape, no values."""
    names = [name for level in _levels(content) for name in level]
    return [re.sub(r"[^\w.\-]", "?", name)[:40] for name in names[:_KEYS_NAMED]]


def _window(content: Mapping[str, Any], word: str) -> Reading:
    found = [
        (words, key, value)
        for level in _levels(content)
        for key, value in level.items()
        if word in (words := _words(key))
    ]
    about_lines = [one for one in found if one[0] & _ABOUT_LINES]
    facts: dict[str, set[int]] = {}
    for words, _, value in about_lines or found:
        for role, number in _facts(words, value):
            facts.setdefault(role, set()).add(number)
    sure = {role: numbers.pop() for role, numbers in facts.items() if len(numbers) == 1}
    limit, used, left = sure.get("limit"), sure.get("used"), sure.get("left")
    if used is None and limit is not None and left is not None and left <= limit:
        used = limit - left
    return Reading(limit=limit, used=used)


def _levels(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield content
    for key in _INSIDE:
        inside = content.get(key)
        if isinstance(inside, dict):
            yield inside


def _facts(words: frozenset[str], value: object) -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            role, number = _ROLES.get(key.casefold()), _count(inner)
            if role is not None and number is not None:
                yield role, number
        return
    number = _count(value)
    roles = {_ROLES[word] for word in words if word in _ROLES} or {"limit"}
    if number is not None and len(roles) == 1:
        yield roles.pop(), number


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= _MOST and value == int(value) else None


def _words(key: str) -> frozenset[str]:
    """`api_provision_daily` and `dailyLines` as words."""
    return frozenset(word.casefold() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", key))
