"""Arithmetic on measured times."""

from collections.abc import Sequence
from dataclasses import dataclass


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies, between two neighbours where it falls there;
    NaN of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True)
class Spread:
    """A figure over several rounds."""

    low: float  # first quartile
    median: float
    high: float  # third quartile


def spread(values: Sequence[float]) -> Spread:
    return Spread(quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75))


def ratio(part: float, whole: float) -> float:
    """NaN where there is nothing to divide by."""
    return part / whole if whole else float("nan")


def covered(spans: Sequence[tuple[float, float]], since: float, until: float) -> float:
    """How much of the time from `since` to `until` lies within at least one of the spans."""
    total, reached = 0.0, since
    for begin, end in sorted(spans):
        begin, end = max(begin, reached), min(end, until)  # noqa: PLW2901 clipped
        if end > begin:
            total += end - begin
            reached = end
    return total
