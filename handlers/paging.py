"""Answers in pages. A button carries its whole question, so nothing is kept between two clicks."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, TypeVar

from bot.domain.purchase import Status
from bot.ports import Search
from bot.use_cases.answers import Ask
from handlers import ids
from handlers.drawing import Block, actions, button
from handlers.history_text import is_since

_TEXT_MOST = 100  # characters of one field
_PAGE_MOST = 10_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of an answer; `details` as `answers.ask` takes them."""

    ask: Ask
    provider: str
    number: int  # from 0
    details: Mapping[str, Any] = field(default_factory=dict)


def details(wanted: Search) -> dict[str, Any]:
    """What was searched for, without what was left open."""
    found = {each.name: getattr(wanted, each.name) for each in fields(Search)}
    return {key: value for key, value in found.items() if value}


def value(page: Page) -> str:
    """Give the value of the button that leads there."""
    known = {"ask": page.ask.value, "provider": page.provider, "page": page.number}
    return json.dumps({**page.details, **known}, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Page | None:
    """Where a button leads; None when its value makes no sense. Unknown keys do no harm."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, Mapping):
        return None
    ask, provider, number = (found.get(key, "") for key in ("ask", "provider", "page"))
    carried = _CARRIED.get(ask) if isinstance(ask, str) else None
    if carried is None:
        return None
    details = {key: found[key] for key in carried if key in found}
    is_sound = (
        _is_text(provider)
        and type(number) is int
        and 0 <= number < _PAGE_MOST
        and all(carried[key](each) for key, each in details.items())
    )
    return Page(Ask(ask), provider, number, details) if is_sound else None


def cut(items: Sequence[T], number: int, size: int) -> tuple[int, Sequence[T]]:
    """The wanted page, or the last one there is, and what is on it."""
    last = max(len(items) - 1, 0) // size
    number = min(number, last)
    return number, items[number * size : (number + 1) * size]


def turning(page: Page, count: int, size: int) -> list[Block]:
    """The buttons Back and More below a page; none where there is one page only."""
    return turning_open(page, has_more=(page.number + 1) * size < count)


def turning_open(page: Page, *, has_more: bool) -> list[Block]:
    """The same where nobody has counted all of it."""
    found = []
    if page.number > 0:
        found.append(_leading("Back", ids.BACK, page, page.number - 1))
    if has_more:
        found.append(_leading("More", ids.MORE, page, page.number + 1))
    return [actions(*found)] if found else []


def _leading(label: str, action_id: str, page: Page, number: int) -> Block:
    there = Page(page.ask, page.provider, number, page.details)
    return button(label, action_id, value(there))


def _is_text(found: Any) -> bool:
    return isinstance(found, str) and 0 < len(found) <= _TEXT_MOST


def _is_flag(found: Any) -> bool:
    return isinstance(found, bool)


def _is_status(found: Any) -> bool:
    return _is_text(found) and found in list(Status)


def _is_since(found: Any) -> bool:
    return _is_text(found) and is_since(found)


# Which answers have pages, and the details that each carries from page to page.
_CARRIED: Mapping[str, Mapping[str, Callable[[Any], bool]]] = MappingProxyType(
    {
        Ask.SEARCH.value: {
            each.name: _is_flag if each.name.startswith("is_") else _is_text
            for each in fields(Search)
        },
        Ask.LIST.value: {},
        Ask.HISTORY.value: {"of": _is_text, "status": _is_status, "since": _is_since},
    }
)
