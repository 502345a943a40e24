"""Purchases per day as a picture, and as a table where Slack does not know pictures yet; pure.

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block: two per message, each
with a title of 50 characters at most, 6 series and 20 labels, so that 30 days make two of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.purchase import Status
from handlers.drawing import Block, context, section

DAYS = 30
DAYS_EACH = 15  # days of one chart
PerDay = Mapping[tuple[date, Status], int]


@dataclass(frozen=True, slots=True)
class _Series:
    """Statuses that are drawn as one; `name` has 20 characters at most, `head` is for telephones
    and, where it says too little, explained."""

    name: str
    head: str
    statuses: frozenset[Status]


_S = Status
_SERIES = (
    _Series("Bought", "Bought", frozenset({_S.PROVISIONED})),
    _Series(
        "Waiting or not known",
        "Open",
        frozenset({_S.REQUESTED, _S.PENDING, _S.APPROVED, _S.CONFIRMING, _S.UNKNOWN}),
    ),
    _Series("Charged, no number", "Charged", frozenset({_S.CHARGED})),
    _Series(
        "Not bought", "Not bought", frozenset({_S.REFUSED, _S.FAILED, _S.CANCELLED, _S.EXPIRED})
    ),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """The charts; what stands in their place; and the same in words, a line per day."""

    charts: list[Block]
    table: list[Block]
    lines: list[str]
    small: str


def picture(per_day: PerDay, today: date) -> Picture | None:
    """The last 30 days up to today; None where nothing was asked for in them."""
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    shown = [each for each in _SERIES if _count(per_day, days, each)]
    if not shown:
        return None
    halves = [days[:DAYS_EACH], days[DAYS_EACH:]]
    busy = [half for half in halves if any(_count(per_day, half, each) for each in shown)]
    small = "Days are UTC; a purchase counts on the day of its request, as it stands now."
    if len(busy) < len(halves):
        small += f" The {DAYS_EACH} days that are not shown had none."
    charts = [_chart(per_day, half, shown) for half in busy]
    rows = [(day, [_count(per_day, [day], each) for each in shown]) for day in days]
    rows = [(day, counts) for day, counts in rows if any(counts)]
    lines = [f"{_label(day)}: {_said(counts, shown)}" for day, counts in rows]
    return Picture(charts, _table(rows, shown), lines, small)


def _count(per_day: PerDay, days: Sequence[date], series: _Series) -> int:
    return sum(per_day.get((day, status), 0) for day in days for status in series.statuses)


def _chart(per_day: PerDay, days: Sequence[date], shown: Sequence[_Series]) -> Block:
    labels = [_label(day) for day in days]
    series = [
        {
            "name": each.name,
            "data": [
                {"label": label, "value": _count(per_day, [day], each)}
                for label, day in zip(labels, days, strict=True)
            ],
        }
        for each in shown
    ]
    return {
        "type": "data_visualization",
        "title": f"Purchases per day, {labels[0]} to {labels[-1]}",
        "chart": {
            "type": "bar",
            "series": series,
            "axis_config": {"categories": labels, "y_label": "Purchases"},
        },
    }


def _table(rows: Sequence[tuple[date, Sequence[int]]], shown: Sequence[_Series]) -> list[Block]:
    """A code block of the days that have purchases, newest first."""
    written = [["Day", *(each.head for each in shown)]]
    for day, counts in reversed(rows):
        written.append([_label(day), *(str(count or "·") for count in counts)])
    widths = [max(len(row[column]) for row in written) for column in range(len(written[0]))]
    lines = [
        "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in written
    ]
    table = section("\n".join(["*Purchases per day*", "```", *lines, "```"]))
    explained = [f"{each.head}: {each.name.lower()}." for each in shown if each.head != each.name]
    return [table, context(" ".join(explained))] if explained else [table]


def _said(counts: Sequence[int], shown: Sequence[_Series]) -> str:
    """In words, for those who do not see the picture."""
    found = zip(counts, shown, strict=True)
    return ", ".join(f"{count} {each.name.lower()}" for count, each in found if count)


def _label(day: date) -> str:
    return f"{day.day} {day:%b}"
