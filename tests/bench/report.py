"""Tables of figures, on the screen, as Markdown and as JSON."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.figures import Spread, spread

NOTHING = "-"


@dataclass(frozen=True)
class Table:
    """Rows of what is shown; the first column names the row."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass
class Result:
    """What a part of the benchmark found: figures by name, for the targets and for comparing, and
    the tables that show them."""

    figures: dict[str, Spread] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)

    def put(self, name: str, values: Sequence[float]) -> Spread:
        """Keep a figure of several rounds."""
        self.figures[name] = found = spread(values)
        return found

    def add(self, other: "Result") -> None:
        self.figures |= other.figures
        self.tables += other.tables


def number(value: float) -> str:
    """Three digits that count, as many as a reader takes in."""
    if math.isnan(value):
        return NOTHING
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def shown(found: Spread) -> str:
    """The median, and in brackets the quartiles, where there are any."""
    if found.low == found.high or math.isnan(found.median):
        return number(found.median)
    return f"{number(found.median)} ({number(found.low)} to {number(found.high)})"


def as_text(table: Table) -> str:
    """For a terminal: columns of even width."""
    lines = [list(table.columns), *[list(row) for row in table.rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.columns))]
    drawn = ["  ".join(_padded(line, widths)).rstrip() for line in lines]
    drawn.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([table.title, *drawn, *([table.note] if table.note else [])]) + "\n"


def as_markdown(table: Table) -> str:
    lines = [f"### {table.title}", "", _row(table.columns)]
    lines.append(_row(["---", *["---:"] * (len(table.columns) - 1)]))
    lines += [_row(row) for row in table.rows]
    return "\n".join([*lines, *(["", table.note] if table.note else [])]) + "\n"


def write(folder: Path, facts: Mapping[str, Any], result: Result) -> list[Path]:
    """The same twice: `NAME.json` for programs, `NAME.md` for people."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{facts['began'].replace(':', '')}-{facts['commit'] or 'unknown'}"
    content = {
        **facts,
        "figures": {key: vars(found) for key, found in sorted(result.figures.items())},
        "tables": [vars(table) for table in result.tables],
    }
    written = json.dumps(_finite(content), indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(written + "\n")
    head = "\n".join(f"- {key}: {value}" for key, value in facts.items())
    body = "\n".join(as_markdown(table) for table in result.tables)
    (folder / f"{name}.md").write_text(f"{head}\n\n{body}")
    return [folder / f"{name}.json", folder / f"{name}.md"]


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *more = [
        cell.ljust(width) if i == 0 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return [first, *more]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _finite(value: Any) -> Any:
    """JSON knows no NaN."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
