"""A clock that people can put forward, so that nobody waits ten minutes for a card to expire."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from bot.sandbox.instants import utc_now

LONGEST_SKIP = timedelta(days=31)


class SkippedClock:
    """The real time and the seconds that were skipped.

    The seconds are in a file, as a whole number in text, so that several processes go by the same
    clock: the simulators, which put it forward, and the bot. No file: none were skipped. Time
    only goes forward.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def skipped_seconds(self) -> int:
        try:
            return int(self._file.read_text())
        except FileNotFoundError:
            return 0

    def now(self) -> datetime:
        """An aware UTC instant."""
        return utc_now() + timedelta(seconds=self.skipped_seconds)

    def skip(self, seconds: int) -> None:
        """Put the clock forward for everybody at once. Raises ValueError."""
        if not 1 <= seconds <= LONGEST_SKIP.total_seconds():
            raise ValueError(f"Skip at least one second and at most {LONGEST_SKIP.days} days.")
        new = self._file.with_name(f"{self._file.name}.new")
        new.write_text(str(self.skipped_seconds + seconds))
        os.replace(new, self._file)  # noqa: PTH105  nobody reads half a number
