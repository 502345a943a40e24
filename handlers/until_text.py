"""Until when somebody is away, as people type it: "until Friday", "until 2026-11-27 14:00", "until
tomorrow", "until 14:00", "for 3 days". Pure, never raises."""

import re
from collections.abc import Mapping
from datetime import date, time
from types import MappingProxyType

from bot.domain.until import Until

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORTEST = 3  # letters of a weekday: "Thu", "Thurs"
_HOURS: Mapping[str, int] = MappingProxyType({"hour": 1, "day": 24, "week": 7 * 24})
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_COUNT = re.compile(r"\d{1,3}")


def parse(text: str) -> Until | None:
    """Read it; None when it is none of these."""
    words = text.casefold().replace(",", " ").split()
    match words:
        case ["for", count, unit]:
            return _for(count, unit)
        case ["until" | "till", *when]:
            return _until([each for each in when if each != "at"])
        case _:
            return None


def _for(count: str, unit: str) -> Until | None:
    hours = _HOURS.get(unit.removesuffix("s"))
    many = 1 if count in {"a", "an", "one"} else int(count) if _COUNT.fullmatch(count) else 0
    return Until(hours=many * hours) if hours and many else None


def _until(when: list[str]) -> Until | None:
    match when:
        case [word]:
            return _day(word, None) or _at(word)
        case [word, at] if (read := _time(at)) is not None:
            return _day(word, read)
        case _:
            return None


def _at(word: str) -> Until | None:
    read = _time(word)
    return None if read is None else Until(at=read)


def _day(word: str, at: time | None) -> Until | None:
    if word in {"today", "tonight"}:
        return Until(in_days=0, at=at)
    if word == "tomorrow":
        return Until(in_days=1, at=at)
    if len(word) >= _SHORTEST:
        for number, name in enumerate(_WEEKDAYS):
            if name.startswith(word):
                return Until(weekday=number, at=at)
    written = _DATE.fullmatch(word)
    if written is None:
        return None
    try:
        return Until(day=date(*(int(part) for part in written.groups())), at=at)
    except ValueError:  # the 30th of February
        return None


def _time(word: str) -> time | None:
    written = _TIME.fullmatch(word)
    if written is None:
        return None
    try:
        return time(int(written[1]), int(written[2]))
    except ValueError:
        return None
