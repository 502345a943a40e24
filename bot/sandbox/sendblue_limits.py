"""Sendblue's purchase limits: rolling windows, and the shapes their answer might have.

`GET /accounts/limits` is documented without its answer, so the simulator can give every shape
that a client has to be ready for.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from aiohttp import web

from bot.sandbox.instants import iso

DAY = timedelta(hours=24)
MONTH = timedelta(days=30)

LimitsShape = Literal[
    "objects",
    "numbers",
    "account_settings",
    "camel_case",
    "counts",
    "remaining",
    "remaining_only",
    "epoch_seconds",
    "epoch_millis",
    "unreadable",
    "wrong_types",
    "html",
    "missing",
]
"""
objects           {"limits": {"daily": {"limit", "used", "remaining", "resets_at"}, "monthly": …}}
numbers           {"daily_limit": 3, "monthly_limit": 10}
account_settings  {"limits": {"api_provision_daily": 3, "api_provision_monthly": 10}}
camel_case        {"data": {"dailyLines": {"max", "current", "available", "resetsAt"}, …}}
counts            {"provisioning": {"daily": {"limit", "count"}, "monthly": …}}
remaining         {"limits": {"daily": {"max", "available"}, "monthly": …}}
remaining_only    {"daily": {"remaining"}, "monthly": {"remaining"}}
epoch_seconds     {"daily": {"limit", "used", "resets_at": 1779192000}, "monthly": …}
epoch_millis      {"data": {"daily": {"limit", "used", "resetsAt": 1779192000000}, …}}
unreadable        a JSON object that speaks of something else
wrong_types       the keys of `objects` with values that are no numbers
html              200 with a web page
missing           404
"""


@dataclass(frozen=True)
class Window:
    """How much of a rolling limit is used, and when the oldest use drops out of it."""

    limit: int
    used: int
    resets_at: datetime | None

    @classmethod
    def of(
        cls, charged_at: Iterable[datetime], limit: int, length: timedelta, now: datetime
    ) -> "Window":
        within = [at for at in charged_at if now - at < length]
        return cls(limit, len(within), min(within) + length if within else None)

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


def limits_answer(shape: LimitsShape, daily: Window, monthly: Window) -> web.Response:
    if shape == "missing":
        return web.json_response({"status": "ERROR", "message": "Not Found"}, status=404)
    if shape == "html":
        return web.Response(text="<html><body>Sign in</body></html>", content_type="text/html")
    return web.json_response(_BODIES[shape](daily, monthly))


def _full(window: Window) -> dict[str, Any]:
    return {
        "limit": window.limit,
        "used": window.used,
        "remaining": window.remaining,
        "resets_at": window.resets_at and iso(window.resets_at),
    }


def _camel(window: Window) -> dict[str, Any]:
    return {
        "max": window.limit,
        "current": window.used,
        "available": window.remaining,
        "resetsAt": window.resets_at and iso(window.resets_at),
    }


def _epoch_seconds(window: Window) -> dict[str, Any]:
    resets_at = window.resets_at and int(window.resets_at.timestamp())
    return {"limit": window.limit, "used": window.used, "resets_at": resets_at}


def _epoch_millis(window: Window) -> dict[str, Any]:
    resets_at = window.resets_at and round(window.resets_at.timestamp() * 1000)
    return {"limit": window.limit, "used": window.used, "resetsAt": resets_at}


def _remaining(window: Window) -> dict[str, int]:
    return {"max": window.limit, "available": window.remaining}


def _counts(window: Window) -> dict[str, int]:
    return {"limit": window.limit, "count": window.used}


_BODIES: dict[LimitsShape, Callable[[Window, Window], dict[str, Any]]] = {
    "objects": lambda daily, monthly: {
        "status": "OK",
        "limits": {"daily": _full(daily), "monthly": _full(monthly)},
    },
    "numbers": lambda daily, monthly: {
        "daily_limit": daily.limit,
        "monthly_limit": monthly.limit,
    },
    "account_settings": lambda daily, monthly: {
        "limits": {"api_provision_daily": daily.limit, "api_provision_monthly": monthly.limit}
    },
    "camel_case": lambda daily, monthly: {
        "data": {"dailyLines": _camel(daily), "monthlyLines": _camel(monthly)}
    },
    "counts": lambda daily, monthly: {
        "provisioning": {"daily": _counts(daily), "monthly": _counts(monthly)}
    },
    "remaining": lambda daily, monthly: {
        "limits": {"daily": _remaining(daily), "monthly": _remaining(monthly)}
    },
    "epoch_seconds": lambda daily, monthly: {
        "daily": _epoch_seconds(daily),
        "monthly": _epoch_seconds(monthly),
    },
    "epoch_millis": lambda daily, monthly: {
        "data": {"daily": _epoch_millis(daily), "monthly": _epoch_millis(monthly)}
    },
    "remaining_only": lambda daily, monthly: {
        "daily": {"remaining": daily.remaining},
        "monthly": {"remaining": monthly.remaining},
    },
    "unreadable": lambda _daily, _monthly: {"status": "OK", "quota": {"per_second": 1}},
    "wrong_types": lambda _daily, _monthly: {
        "limits": {"daily": {"limit": "many", "used": None}, "monthly": [3]}
    },
}
