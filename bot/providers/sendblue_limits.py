"""Sendblue's `GET /accounts/limits`, whose answer nobody has published: read what can be read."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.domain.limits import Reading
from bot.ports import LimitReading
from bot.providers import wire

_T = TypeVar("_T")

_INSIDE = ("limits", "data", "provisioning")
_ROLES = {
    "limit": "limit",
    "max": "limit",
    "used": "used",
    "count": "used",
    "current": "used",
    "remaining": "left",
    "available": "left",
    "resets_at": "resets_at",
    "resetsat": "resets_at",
}
_RESETS = frozenset({"reset", "resets"})  # words of a key that is about when, not how many
_ABOUT_LINES = frozenset({"provision", "provisioning", "line", "lines"})
_MOST = 1_000_000  # more is no number of lines
# An instant outside of these is none; a number can be milliseconds only where it is not seconds.
_EARLIEST, _LATEST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def read_limits(content: Mapping[str, Any]) -> LimitReading:
    """What the answer says of the two windows; nothing where it is not understood.

    Looked for at top level and inside `limits`, `data` and `provisioning`: keys that contain daily
    or monthly. A number is the limit (or what the key's other words say: `daily_used`), an object
    may have `limit` or `max`, `used`, `count` or `current`, `remaining` or `available`, and
    `resets_at` or `resetsAt`: ISO 8601 with an offset, or seconds or milliseconds since 1970.
    Where several keys speak of one window, those about lines or provisioning count; if these
    disagree, none does.
    """
    return LimitReading(day=_window(content, "daily"), month=_window(content, "monthly"))


def key_names(content: Mapping[str, Any]) -> list[str]:
    """The names of the keys it looks at, for the log."""
    return wire.key_names(_levels(content))


def _window(content: Mapping[str, Any], word: str) -> Reading:
    found = [
        (words, value)
        for level in _levels(content)
        for key, value in level.items()
        if word in (words := _words(key))
    ]
    about_lines = [one for one in found if one[0] & _ABOUT_LINES]
    said = [pair for words, value in about_lines or found for pair in _by_role(words, value)]
    limit, used, left = (_agreed(said, role, _count) for role in ("limit", "used", "left"))
    if used is None and limit is not None and left is not None and left <= limit:
        used = limit - left
    return Reading(limit=limit, used=used, resets_at=_agreed(said, "resets_at", _instant))


def _levels(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield content
    for key in _INSIDE:
        inside = content.get(key)
        if isinstance(inside, dict):
            yield inside


def _by_role(words: frozenset[str], value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            role = _ROLES.get(key.casefold())
            if role is not None:
                yield role, inner
        return
    roles = {_ROLES[word] for word in words if word in _ROLES} or {"limit"}
    if words & _RESETS:
        roles = {"resets_at"}
    if len(roles) == 1:
        yield roles.pop(), value


def _agreed(
    said: Iterable[tuple[str, object]], role: str, read: Callable[[object], _T | None]
) -> _T | None:
    """What all that can be read of this role says; None when they disagree."""
    found = {read(value) for each, value in said if each == role} - {None}
    return found.pop() if len(found) == 1 else None


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= _MOST and value == int(value) else None


def _instant(value: object) -> datetime | None:
    at = wire.instant(value)
    if isinstance(value, int | float):
        for unit in (1, 1000):
            if _EARLIEST.timestamp() <= value // unit <= _LATEST.timestamp():
                at = datetime.fromtimestamp(value / unit, UTC)
    return at if at is not None and _EARLIEST <= at <= _LATEST else None


def _words(key: str) -> frozenset[str]:
    """`api_provision_daily`, `dailyLines` and `monthlylimit` as words."""
    apart = re.sub(r"(daily|monthly)", r" \1 ", key, flags=re.IGNORECASE)
    return frozenset(word.casefold() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", apart))
