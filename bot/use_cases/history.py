"""What was asked for before, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.domain.purchase import Purchase, Status
from bot.ports import Filter, Ports

PAGE = 15  # purchases
_FILTERS = ("of", "status", "since")


@dataclass(frozen=True, slots=True)
class History:
    """A page (from 0) of purchases of everybody or of one person, newest first."""

    purchases: Sequence[Purchase]
    requester_id: str | None
    status: Status | None = None
    since: datetime | None = None
    page: int = 0
    has_more: bool = False
    wanted: Mapping[str, Any] = field(default_factory=dict)  # the details it was asked with


async def history(ports: Ports, wanted: Mapping[str, Any]) -> History:
    """The page that `wanted` asks for, or the first where there are not that many.

    JSON: `of` (a user id), `status`, `since` (a day in UTC, such as "2026-11-01", or so many days,
    such as "7d") and `page`, each of which may be left out."""
    asked = {key: wanted[key] for key in _FILTERS if wanted.get(key)}
    page = wanted.get("page", 0)
    listed = Filter(
        requester_id=asked.get("of"),
        status=Status(asked["status"]) if "status" in asked else None,
        since=_since(asked["since"], ports.clock.now()) if "since" in asked else None,
        limit=PAGE + 1,  # one more tells whether there is another page
        offset=page * PAGE,
    )
    found = await ports.store.list_purchases(listed)
    if not found and page:
        page = 0
        found = await ports.store.list_purchases(replace(listed, offset=0))
    return History(
        found[:PAGE],
        listed.requester_id,
        status=listed.status,
        since=listed.since,
        page=page,
        has_more=len(found) > PAGE,
        wanted=asked,
    )


def _since(text: str, now: datetime) -> datetime:
    if text.endswith("d"):
        return now - timedelta(days=int(text[:-1]))
    return datetime.combine(date.fromisoformat(text), time(), UTC)
