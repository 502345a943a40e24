"""What people type after `history` → which purchases they want to see, or a sentence; pure.

Words may come in any order: `/line history @riley status bought since 7d page 2`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from bot.domain.purchase import Status
from handlers.typed_text import SHOWN, Misunderstood, did_you_mean, plain
from handlers.wording import clip, code

# What people call a status → the status.
STATUSES: Mapping[str, Status] = MappingProxyType(
    {
        "requested": Status.REQUESTED,
        "pending": Status.PENDING,
        "waiting": Status.PENDING,
        "approved": Status.APPROVED,
        "confirming": Status.CONFIRMING,
        "unknown": Status.UNKNOWN,
        "bought": Status.PROVISIONED,
        "provisioned": Status.PROVISIONED,
        "refused": Status.REFUSED,
        "failed": Status.FAILED,
        "charged": Status.CHARGED,
        "cancelled": Status.CANCELLED,
        "canceled": Status.CANCELLED,
        "expired": Status.EXPIRED,
    }
)
_SHOWN_STATUSES = "bought, failed, expired, cancelled, refused, charged, pending or unknown"
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_DAYS = re.compile(r"([0-9]{1,4})(d|w)")
_PAGE = re.compile(r"[0-9]{1,4}")
_FILLERS = frozenset({"of", "by", "from", "for", "the", "all"})
_KEYS = ("status", "since", "page")
_WEEK = 7  # days
_OLDEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Which purchases, and which page of them, from 0. `since` is a day ("2026-11-01", UTC) or a
    number of days ("7d")."""

    of: str | None = None  # a user id
    status: Status | None = None
    since: str | None = None
    page: int = 0

    def details(self) -> dict[str, Any]:
        """What `answers.ask` takes, and pages carry; without what was left open."""
        known = {
            "of": self.of,
            "status": self.status and self.status.value,
            "since": self.since,
        }
        return {key: value for key, value in known.items() if value}


def parse(command: str, rest: str) -> Past | Misunderstood:
    """Read the words after `/line history`, as Slack sent them."""
    people = list(dict.fromkeys(_USER.findall(rest)))
    if len(people) > 1:
        return Misunderstood("I show the purchases of one person at a time, or of everybody.")
    wanted, words = Past(of=people[0] if people else None), _USER.sub(" ", rest).split()
    while words:
        read = _next(command, wanted, words)
        if isinstance(read, Misunderstood):
            return read
        wanted = read
    return wanted


def _next(command: str, wanted: Past, words: list[str]) -> Past | Misunderstood:
    """Take one filter off the words."""
    typed = words.pop(0)
    word = _bare(typed)
    if word in _FILLERS:
        return wanted
    if word in _KEYS:
        return _value(command, wanted, word, _bare(words.pop(0)) if words else "")
    if word in STATUSES:
        return replace(wanted, status=STATUSES[word])
    return _unknown(command, plain(typed), word)


def _value(command: str, wanted: Past, key: str, value: str) -> Past | Misunderstood:
    asked = f"{command} history {key}"
    shown = code(clip(value, SHOWN)) if value else "nothing"
    if key == "status":
        if value in STATUSES:
            return replace(wanted, status=STATUSES[value])
        meant = did_you_mean(value, STATUSES, before=f"{asked} ")
        return Misunderstood(f"{shown} is no status; there are {_SHOWN_STATUSES}.{meant}")
    if key == "since":
        if is_since(value):
            return replace(wanted, since=_in_days(value))
        day, week = code(f"{asked} 2026-11-01"), code(f"{asked} 7d")
        return Misunderstood(f"{shown} is no date. Type {day}, or {week} for the last seven days.")
    if _PAGE.fullmatch(value):
        return replace(wanted, page=max(int(value) - 1, 0))
    return Misunderstood(f"{shown} is no page. Type {code(f'{asked} 2')}.")


def is_since(text: str) -> bool:
    """Whether it says since when: a day, or a number of days or weeks."""
    if found := _DAYS.fullmatch(text):
        return int(found[1]) > 0
    try:
        return date.fromisoformat(text) >= _OLDEST
    except ValueError:
        return False


def _in_days(text: str) -> str:
    found = _DAYS.fullmatch(text)
    if found is None:
        return date.fromisoformat(text).isoformat()
    return f"{int(found[1]) * (_WEEK if found[2] == 'w' else 1)}d"


def _unknown(command: str, typed: str, word: str) -> Misunderstood:
    shown = code(clip(typed, SHOWN))
    if "@" in typed:
        return Misunderstood(
            f"I cannot tell who {shown} is. Type {code(f'{command} history @')} and pick the person"
            " from Slack's list."
        )
    usage = code(f"{command} history [@user] [status bought] [since 7d] [page 2]")
    meant = did_you_mean(word, [*STATUSES, *_KEYS], before=f"{command} history ")
    return Misunderstood(f"I do not understand {shown}.{meant} You can type {usage}.")


def _bare(typed: str) -> str:
    return plain(typed).strip("\"'`“”.,;:()[]").casefold()
