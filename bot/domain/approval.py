"""Who may ask and who may approve."""

import re
from dataclasses import dataclass, field
from typing import Self

_SLACK_ID = re.compile(r"[UWS][A-Z0-9]{2,}")
_SHOWN = 12  # a secret pasted into the wrong variable must not come back whole in the error


@dataclass(frozen=True, slots=True)
class Roster:
    """People by Slack user id (`U…`, `W…`), and user groups by id (`S…`) as they stand later."""

    users: frozenset[str] = field(default_factory=frozenset)
    groups: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ids separated by commas, duplicates counting once; ValueError says what is wrong."""
        entries = [entry for entry in (part.strip() for part in text.split(",")) if entry]
        for entry in entries:
            if not _SLACK_ID.fullmatch(entry):
                shown = entry if len(entry) <= _SHOWN else f"{entry[:4]}…"
                raise ValueError(f"{shown!r} is not a Slack user id or user group id")
        if not entries:
            raise ValueError("it names nobody")
        groups = frozenset(entry for entry in entries if entry.startswith("S"))
        return cls(users=frozenset(entries) - groups, groups=groups)
