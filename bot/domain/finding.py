"""What a check of the set-up found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    UNCHECKED = "not checked"  # it could not be found out; why is said
    WARNING = "warning"  # works, but not as somebody may expect
    WRONG = "wrong"  # something must be mended


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what was found there, and what to do about it."""

    level: Level
    subject: str
    said: str

    def __str__(self) -> str:
        return f"{self.level.value:<11}  {self.subject}: {self.said}"
