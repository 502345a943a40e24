"""Tables at Slack's limits, and beyond them."""

from typing import Any

import pytest

from bot.sandbox.slack.validate import check_blocks, check_view

Block = dict[str, Any]
Cell = dict[str, Any]


def cell(text: str = "x") -> Cell:
    return {"type": "raw_text", "text": text}


def number(value: float = 1.5, text: str = "$1.50") -> Cell:
    return {"type": "raw_number", "value": value, "text": text}


def rich(text: str = "x") -> Cell:
    words = {"type": "text", "text": text, "style": {"code": True}}
    user = {"type": "user", "user_id": "U1"}
    section = {"type": "rich_text_section", "elements": [words, user]}
    return {"type": "rich_text", "elements": [section]}


def table(*rows: list[Cell], **more: Any) -> Block:
    return {"type": "data_table", "caption": "x", "rows": list(rows), **more}


@pytest.mark.parametrize(
    "block",
    [
        table([cell()], [rich()]),
        table([cell(), cell()], [rich(), number()], page_size=100, row_header_column_index=1),
        table([cell()] * 20, [cell()] * 20),
        table(*[[cell()]] * 101),
        table([cell("x" * 5000)], [rich("x" * 5000)]),
    ],
)
def test_tables_within_the_limits_are_taken(block: Block) -> None:
    assert not check_blocks([block])


@pytest.mark.parametrize(
    ("block", "pointer"),
    [
        ({"type": "data_table", "rows": [[cell()], [cell()]]}, ""),
        (table([cell()]), "/rows"),
        (table(*[[cell()]] * 102), "/rows"),
        (table([cell()] * 21, [cell()] * 21), "/rows/0"),
        (table([rich()], [cell()]), "/rows/0/0/type"),
        (table([cell()], [cell("")]), "/rows/1/0/text"),
        (table([cell()], [{"type": "raw_number", "value": 1}]), "/rows/1/0"),
        (table([cell(), cell()], [cell()]), "/rows/1"),
        (table([cell("x" * 5000)], [rich("x" * 5001)]), "/rows"),
        (table([cell()], [cell()], page_size=0), "/page_size"),
        (table([cell()], [cell()], page_size=101), "/page_size"),
        (table([cell()], [cell()], row_header_column_index=1), "/row_header_column_index"),
        (table([cell()], [cell()], colour="blue"), ""),
    ],
)
def test_tables_beyond_the_limits_are_refused(block: Block, pointer: str) -> None:
    problems = check_blocks([block])

    assert any(each.pointer == f"/blocks/0{pointer}" for each in problems)


def test_all_tables_of_a_message_share_ten_thousand_characters() -> None:
    half = table([cell("x" * 2500)], [cell("x" * 2500)])

    assert not check_blocks([half, half])
    assert check_blocks([half, half, table([cell()], [cell()])])


def test_views_take_no_tables() -> None:
    assert check_view({"type": "home", "blocks": [table([cell()], [cell()])]})
