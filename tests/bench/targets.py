"""What is to be reached, and what was."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.bench.figures import Spread
from tests.bench.report import Table, number


@dataclass(frozen=True)
class Target:
    """A figure is to be at least `least`, or at most `most`."""

    what: str
    figure: str
    least: float = -math.inf
    most: float = math.inf
    unit: str = ""

    def is_met(self, value: float) -> bool:
        return self.least <= value <= self.most

    @property
    def wanted(self) -> str:
        if self.most < math.inf:
            return f"≤ {number(self.most)}{self.unit}"
        return f"≥ {number(self.least)}{self.unit}"


def targets(databases: Iterable[str] = ("SQLite", "PostgreSQL")) -> list[Target]:
    """Those of issue 8, for each database where they tell them apart."""
    found: list[Target] = []
    for name in databases:
        found += _throughput(name) + _latency(name) + _growth(name)
    found += [
        Target(f"from start to /readyz, {name}", f"start/{name}/s", most=1.5, unit=" s")
        for name in ("SQLite, new", "SQLite", "PostgreSQL")
    ]
    return [
        *found,
        Target("memory idle", "memory/idle_mb", most=120, unit=" MB"),
        Target("memory, 1,000 confirms waiting", "memory/confirms_mb", most=200, unit=" MB"),
        Target("… of which were waiting", "memory/confirms_waiting", least=1000),
    ]


def _throughput(name: str) -> list[Target]:
    found = []
    for kind in ("command", "click"):
        base = f"throughput/{name}/{kind}"
        bare = "hello, process_before_response"
        found.append(
            Target(f"{kind}s at 16, of {bare}, {name}", f"{base}/16/of {bare}", least=0.25)
        )
        found += [
            Target(
                f"{kind}s at {at_once}, of hello, default, {name}",
                f"{base}/{at_once}/of hello, default",
                least=1,
            )
            for at_once in (1, 16, 64)
        ]
        found.append(
            Target(f"{kind}s: ack p50 at 1, {name}", f"{base}/1/p50_ms", most=2.5, unit=" ms")
        )
    return found


def _latency(name: str) -> list[Target]:
    found = [
        Target(
            f"ack p50 of a {kind} by itself, {name}",
            f"latency/{name}/{way}/1/0 ms/ack_p50_ms",
            most=2.5,
            unit=" ms",
        )
        for kind, way in (("command", "command to card"), ("click", "approve to report"))
    ]
    for way in ("command to card", "approve to report"):
        for delay in ("0 ms", "50 ms"):
            base = f"latency/{name}/{way}"
            what = f"{way}, they answer after {delay}, {name}"
            found.append(
                Target(f"idle p50, {what}", f"{base}/1/{delay}/p50_ms", most=15, unit=" ms")
            )
            found.append(
                Target(f"16 at once p99, {what}", f"{base}/16/{delay}/p99_ms", most=50, unit=" ms")
            )
    return found


def _growth(name: str) -> list[Target]:
    asked = ("the loop looks for work", "App Home")
    typed = ("/line history", "/line history @user", "/line limits")
    late = Target(
        f"expiry late, p99, many pending, {name}",
        f"expiry/{name}/many/p99_ms",
        most=50,
        unit=" ms",
    )
    return [
        late,
        *(
            Target(f"{what}, grows with history, {name}", f"growth/{name}/{what}/grown", most=1.5)
            for what in (*asked, *typed)
        ),
    ]


def judged(figures: Mapping[str, Spread], *, is_quick: bool = False) -> Table:
    """Each target that was measured; the figure is the median of the rounds."""
    rows = []
    for target in targets():
        if target.figure not in figures:
            continue
        value = figures[target.figure].median
        verdict = "met" if target.is_met(value) else "not met"
        rows.append([target.what, target.wanted, number(value) + target.unit, verdict])
    met = sum(row[-1] == "met" for row in rows)
    said = f"{met} of {len(rows)} are met."
    if is_quick:
        said += " This was a quick run, of fewer purchases than the targets speak of."
    return Table("Targets", ("what", "wanted", "measured", ""), rows, said)
