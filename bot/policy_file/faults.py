"""What is wrong in a policy file, and where; in the words of whoever wrote it."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

_SHOWN = 24  # characters of a wrong value that are repeated

Way = tuple[str | int, ...]  # from the top of the document: ("rule", 0, "quorum")


class Fault(Exception):
    """What is wrong, as a sentence without its end, and the way to it."""

    def __init__(self, way: Way, said: str) -> None:
        super().__init__(said)
        self.way = way
        self.said = said


def check_known(way: Way, table: Mapping[str, Any], known: Collection[str]) -> None:
    for key in table:
        if key not in known:
            hint = did_you_mean(key, known) or f"; known are {', '.join(known)}"
            raise Fault((*way, key), f"{shown(key)} is not a key that I know{hint}")


def check_needed(way: Way, table: Mapping[str, Any], needed: Collection[str]) -> None:
    for key in needed:
        if key not in table:
            place = next(str(step) for step in reversed(way) if isinstance(step, str))
            raise Fault(way, f"{key} is missing from this {place}")


def are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def wants(way: Way, wanted: str, value: Any) -> Fault:
    return Fault(way, f"{way[-1]} wants {wanted}, not {shown(value)}")


def did_you_mean(typed: str, known: Collection[str]) -> str:
    near = get_close_matches(typed, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def shown(value: Any) -> str:
    """A wrong value as it was written, or what kind of thing it is."""
    match value:
        case str():
            clipped = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
            return f'"{clipped}"' if clipped.isprintable() else ascii(clipped)
        case bool():
            return str(value).lower()
        case int() | Decimal():
            return f"{value}"
        case dict():
            return "a table"
        case list():
            return "this list"
        case _:
            return "a date or time"
