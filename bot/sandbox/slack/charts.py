"""The chart of a `data_visualization` block: its limits, and which of its parts must agree.

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block, as of June 2026: up to
6 series or segments (later 12), of 20 points each.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.schema import Check, Problem, fields, listing, number, string, typed

SERIES = 6
POINTS = 20
LABEL = string(20)
AXIS_TITLE = string(50)

_POINT = fields({"label": LABEL, "value": number})
_PIE = fields({"segments": listing(_POINT, SERIES)})
_PLOT = fields(
    {
        "series": listing(fields({"name": LABEL, "data": listing(_POINT, POINTS)}), SERIES),
        "axis_config": fields(
            {"categories": listing(LABEL, POINTS)}, {"x_label": AXIS_TITLE, "y_label": AXIS_TITLE}
        ),
    }
)


def _pie(value: Any, at: str, problems: list[Problem]) -> None:
    known = len(problems)
    _PIE(value, at, problems)
    if len(problems) > known:
        return
    problems.extend(
        Problem(f"{at}/segments/{index}/value", "must be greater than 0")
        for index, segment in enumerate(value["segments"])
        if segment["value"] <= 0
    )


def _plot(value: Any, at: str, problems: list[Problem]) -> None:
    """Names differ, categories differ, and each series has one point for each category."""
    known = len(problems)
    _PLOT(value, at, problems)
    if len(problems) > known:
        return
    names = [series["name"] for series in value["series"]]
    if len(set(names)) < len(names):
        problems.append(Problem(f"{at}/series", "names of series must be unique"))
    categories = value["axis_config"]["categories"]
    if len(set(categories)) < len(categories):
        problems.append(Problem(f"{at}/axis_config/categories", "categories must be unique"))
    for index, series in enumerate(value["series"]):
        labels = [point["label"] for point in series["data"]]
        if sorted(labels) != sorted(categories):
            said = "must have exactly one entry for every category"
            problems.append(Problem(f"{at}/series/{index}/data", said))


CHART: Check = typed({"pie": _pie, "bar": _plot, "line": _plot, "area": _plot})
