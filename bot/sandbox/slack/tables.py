"""The `data_table` block: its limits, and which of its parts must agree.

https://docs.slack.dev/reference/block-kit/blocks/data-table-block, as of 2026: a heading and 1 to
100 rows of equally many cells, no rich text in the heading, 10,000 characters in all cells.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.schema import (
    Check,
    Problem,
    anything,
    fields,
    listing,
    number,
    string,
    typed,
)

ROWS = 101
COLUMNS = 20
CHARACTERS = 10_000
PAGE_MOST = 100

_RICH: dict[str, Check] = {
    "rich_text": fields({"elements": listing(anything, 100)}, {"block_id": string(255)})
}
_RAW: dict[str, Check] = {
    "raw_text": fields({"text": string(CHARACTERS)}),
    "raw_number": fields({"value": number, "text": string(CHARACTERS)}),
}
_HEADING = listing(typed(_RAW), COLUMNS)
_ROW = listing(typed(_RAW | _RICH), COLUMNS)
_PARTS = fields(
    {"caption": string(CHARACTERS), "rows": listing(anything, ROWS, least=2)},
    {"block_id": string(255), "page_size": number, "row_header_column_index": number},
)


def data_table(value: Any, at: str, problems: list[Problem]) -> None:
    known = len(problems)
    _PARTS(value, at, problems)
    if len(problems) > known:
        return
    for index, row in enumerate(value["rows"]):
        (_ROW if index else _HEADING)(row, f"{at}/rows/{index}", problems)
    if len(problems) > known:
        return
    width = len(value["rows"][0])
    problems.extend(
        Problem(f"{at}/rows/{index}", "all rows must have the same number of values")
        for index, row in enumerate(value["rows"])
        if len(row) != width
    )
    if characters(value) > CHARACTERS:
        said = f"all cells together must be less than {CHARACTERS + 1} characters"
        problems.append(Problem(f"{at}/rows", said))
    for name, least, most in (
        ("page_size", 1, PAGE_MOST),
        ("row_header_column_index", 0, width - 1),
    ):
        if not least <= value.get(name, least) <= most:
            problems.append(Problem(f"{at}/{name}", f"must be from {least} to {most}"))


def characters(block: dict[str, Any]) -> int:
    """How many characters the cells show."""
    return sum(_length(cell) for row in block["rows"] for cell in row)


def _length(part: Any) -> int:
    if isinstance(part, dict):
        own = part.get("text")
        inner = (value for key, value in part.items() if key == "elements")
        return (len(own) if isinstance(own, str) else 0) + sum(_length(each) for each in inner)
    if isinstance(part, list):
        return sum(_length(each) for each in part)
    return 0
