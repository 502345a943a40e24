"""Charts at Slack's limits, and beyond them."""

from typing import Any

import pytest

from bot.sandbox.slack.validate import check_blocks

Block = dict[str, Any]


def plot(series: int = 1, points: int = 2, kind: str = "bar", **axis: str) -> Block:
    labels = [f"day {each}" for each in range(points)]
    data = [{"label": label, "value": 0} for label in labels]
    named = [{"name": f"series {each}", "data": data} for each in range(series)]
    return {"type": kind, "series": named, "axis_config": {"categories": labels, **axis}}


def pie(*values: float) -> Block:
    return {"type": "pie", "segments": [{"label": "x", "value": value} for value in values]}


def block(chart: Block, title: str = "x") -> Block:
    return {"type": "data_visualization", "title": title, "chart": chart}


def with_point(label: str, value: Any) -> Block:
    made = plot()
    made["series"][0]["data"] = [{"label": "day 0", "value": 1}, {"label": label, "value": value}]
    return made


@pytest.mark.parametrize(
    "blocks",
    [
        [block(plot(6, 20, x_label="x" * 50, y_label="x" * 50), "x" * 50)],
        [block(plot(kind="line")), block(plot(kind="area"))],
        [block(pie(*[0.5] * 6))],
        [block(with_point("day 1", -3))],
    ],
)
def test_charts_within_the_limits_are_taken(blocks: list[Block]) -> None:
    assert not check_blocks(blocks)


@pytest.mark.parametrize(
    ("chart", "title", "pointer"),
    [
        (plot(), "x" * 51, "/title"),
        (plot(7), "x", "/chart/series"),
        (plot(0), "x", "/chart/series"),
        (plot(1, 21), "x", "/chart/series/0/data"),
        (plot(1, 0), "x", "/chart/axis_config/categories"),
        (plot(y_label="x" * 51), "x", "/chart/axis_config/y_label"),
        (plot(kind="radar"), "x", "/chart/type"),
        (with_point("day 2", 1), "x", "/chart/series/0/data"),
        (with_point("day 0", 1), "x", "/chart/series/0/data"),
        (with_point("day 1", "1"), "x", "/chart/series/0/data/1/value"),
        (with_point("x" * 21, 1), "x", "/chart/series/0/data/1/label"),
        ({**plot(), "series": plot()["series"] * 2}, "x", "/chart/series"),
        ({**plot(), "axis_config": {"categories": ["a", "a"]}}, "x", "/chart/axis_config"),
        (pie(*[1] * 7), "x", "/chart/segments"),
        (pie(0), "x", "/chart/segments/0/value"),
    ],
)
def test_charts_beyond_the_limits_are_refused(chart: Block, title: str, pointer: str) -> None:
    problems = check_blocks([block(chart, title)])

    assert any(each.pointer.startswith(f"/blocks/0{pointer}") for each in problems)


def test_a_message_has_two_charts_at_most() -> None:
    assert not check_blocks([block(plot())] * 2)
    assert check_blocks([block(plot())] * 3)
