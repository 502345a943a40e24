"""What the benchmark computes from what it measured, and that its smallest part works."""

import asyncio
import json
import math
from pathlib import Path

import pytest

from tests.bench.figures import Spread, covered, quantile, ratio, spread
from tests.bench.load import closed_loop, serve_fixed
from tests.bench.machine import Cores
from tests.bench.machine import spread as spread_over
from tests.bench.payloads import Slack, from_list
from tests.bench.report import Result, Table, as_markdown, as_text, number, shown, write
from tests.bench.targets import Target, judged, targets
from tests.bench.world import world


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([1.0, 2.0], 0.5, 1.5),
        ([1.0, 2.0, 3.0, 4.0, 5.0], 0.25, 2.0),
        ([7.0], 0.99, 7.0),
        ([0.0, 100.0], 0.99, 99.0),
    ],
)
def test_a_quantile_lies_between_its_neighbours(
    values: list[float], share: float, expected: float
) -> None:
    assert quantile(values, share) == pytest.approx(expected)


def test_of_nothing_there_is_no_quantile_and_by_nothing_no_ratio() -> None:
    assert math.isnan(quantile([], 0.5))
    assert math.isnan(ratio(1, 0))


def test_rounds_are_summed_up_in_quartiles() -> None:
    assert spread([5, 1, 2, 4, 3]) == Spread(low=2, median=3, high=4)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], 0),
        ([(1, 2), (3, 4)], 2),
        ([(1, 4), (2, 3)], 3),  # one within the other
        ([(3, 5), (1, 4)], 4),  # overlapping, in no order
        ([(-5, 1), (9, 20)], 2),  # clipped at both ends
        ([(11, 12)], 0),
    ],
)
def test_time_in_several_requests_at_once_is_counted_once(
    spans: list[tuple[float, float]], expected: float
) -> None:
    assert covered(spans, 0, 10) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1234.5, "1,234"), (99.94, "99.9"), (5.678, "5.68"), (0, "0.00"), (float("nan"), "-")],
)
def test_numbers_are_shown_with_three_digits(value: float, expected: str) -> None:
    assert number(value) == expected


def test_quartiles_are_shown_where_there_are_any() -> None:
    assert shown(spread([2])) == "2.00"
    assert shown(spread([1, 2, 3])) == "2.00 (1.50 to 2.50)"


def test_tables_line_up_and_markdown_keeps_its_cells_apart() -> None:
    table = Table(
        "Title", ("who", "per second"), [("a | b", "1.00"), ("long name", "200")], "Note."
    )
    assert as_text(table).splitlines() == [
        "Title",
        "who        per second",
        "---------  ----------",
        "a | b            1.00",
        "long name         200",
        "Note.",
    ]
    assert "| a \\| b | 1.00 |" in as_markdown(table)


def test_the_files_hold_the_figures_and_no_nan(tmp_path: Path) -> None:
    result = Result()
    result.put("some/figure", [1.0, 2.0, 3.0])
    result.put("missing", [])
    facts = {"began": "2026-11-22T03:00:00+00:00", "commit": "abc"}
    json_file, markdown = write(tmp_path / "new", facts, result)
    written = json.loads(json_file.read_text())
    assert written["figures"]["some/figure"] == {"low": 1.5, "median": 2.0, "high": 2.5}
    assert written["figures"]["missing"]["median"] is None
    assert "- commit: abc" in markdown.read_text()


@pytest.mark.parametrize(
    ("target", "value", "is_met"),
    [
        (Target("at most", "f", most=2.5), 2.5, True),
        (Target("at most", "f", most=2.5), 2.6, False),
        (Target("at least", "f", least=0.25), 0.25, True),
        (Target("at least", "f", least=0.25), 0.2, False),
        (Target("unknown", "f", most=1), float("nan"), False),
    ],
)
def test_a_target_is_met_at_its_bound_and_never_by_what_was_not_measured(
    target: Target, value: float, is_met: bool
) -> None:
    assert target.is_met(value) is is_met


def test_only_what_was_measured_is_judged() -> None:
    table = judged({"memory/idle_mb": spread([100.0])})
    assert list(table.rows) == [["memory idle", "≤ 120 MB", "100 MB", "met"]]
    assert len({each.figure for each in targets()}) == len(targets())


@pytest.mark.parametrize("many", [1, 2, 3, 4, 8])
def test_every_part_has_a_core_and_the_server_its_own_where_there_are_two(many: int) -> None:
    used = spread_over(list(range(many)))
    assert all((used.server, used.load, used.others, used.second))
    assert many == 1 or not used.server & (used.load | used.others | used.second)


async def test_a_load_counts_what_is_answered_as_expected() -> None:
    slack = Slack("http://127.0.0.1", "secret")
    server, port = await serve_fixed()
    async with server:
        url = f"http://127.0.0.1:{port}"
        requests = [slack.command("buy a desk") for _ in range(20)]
        async with asyncio.timeout(10):
            good = await closed_loop(url, from_list(requests), at_once=4, seconds=5, expected=b"ok")
            bad = await closed_loop(url, from_list(requests), at_once=4, seconds=5, expected=b"no")
    assert (good.answered, len(good.latencies), good.refused) == (20, 20, [])
    assert (bad.answered, len(bad.refused)) == (0, 20)


async def test_a_bare_bolt_app_in_a_process_of_its_own_takes_what_the_load_signs() -> None:
    async with (
        asyncio.timeout(60),
        world(Cores(*[frozenset()] * 4)) as found,
        found.hello("--process-before-response") as url,
    ):
        requests = [found.slack.command("buy a desk") for _ in range(10)]
        outcome = await closed_loop(
            url, from_list(requests), at_once=2, seconds=30, expected=b"Hello"
        )
    assert (outcome.answered, outcome.refused) == (10, [])
