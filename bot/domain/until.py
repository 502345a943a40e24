"""Until when somebody is away, as they say it, and which instant that is where they are; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Self

END_OF_DAY = time(23, 59)
LONGEST = timedelta(days=366)
_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """One of: so many hours from now; a day (a date, a weekday from 0 = Monday, or so many days
    from today), and perhaps a time of that day; a time alone, which is the next one."""

    hours: int | None = None
    day: date | None = None
    weekday: int | None = None
    in_days: int | None = None
    at: time | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "hours": self.hours,
            "day": self.day and self.day.isoformat(),
            "weekday": self.weekday,
            "in_days": self.in_days,
            "at": self.at and self.at.isoformat(),
        }

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """The inverse of `as_json`."""
        day, at = found["day"], found["at"]
        return cls(
            hours=found["hours"],
            day=day and date.fromisoformat(day),
            weekday=found["weekday"],
            in_days=found["in_days"],
            at=at and time.fromisoformat(at),
        )

    def instant(self, now: datetime, zone: tzinfo) -> datetime:
        """The instant, aware, UTC; days without a time end at 23:59. A weekday is the next one,
        today included. It may be past, where a date or a time of today is."""
        if self.hours is not None:
            return now + timedelta(hours=self.hours)
        today = now.astimezone(zone).date()
        day = self._day(today)
        if day is None:
            found = _at(today, self.at or END_OF_DAY, zone)
            return found if found > now else _at(today + timedelta(1), self.at or END_OF_DAY, zone)
        return _at(day, self.at or END_OF_DAY, zone)

    def _day(self, today: date) -> date | None:
        if self.weekday is not None:
            return today + timedelta((self.weekday - today.weekday()) % _WEEK)
        return self.day if self.in_days is None else today + timedelta(self.in_days)


def _at(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
