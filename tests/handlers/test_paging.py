import json

import pytest

from bot.ports import Search
from bot.use_cases.answers import Ask
from handlers import paging
from handlers.paging import Page

SEARCH = Search(area_code="604", city="x" * 100, contains="5551234567", is_toll_free=True)


@pytest.mark.parametrize("wanted", [Search(), Search(area_code="604"), SEARCH])
def test_what_a_button_carries_can_be_read_back(wanted: Search) -> None:
    page = Page(Ask.SEARCH, "magpipe", 3, paging.details(wanted))

    assert paging.read(paging.value(page)) == page
    assert len(paging.value(page)) < 2000


def test_what_a_newer_version_wrote_is_read_as_far_as_it_is_known() -> None:
    value = {"ask": "list", "provider": "sendblue", "page": 1, "colour": ["blue"]}

    assert paging.read(json.dumps(value)) == Page(Ask.LIST, "sendblue", 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"ask": "assign"},
        {"ask": ["list"]},
        {"ask": {}},
        {"provider": ""},
        {"provider": 7},
        {"page": -1},
        {"page": 10_000},
        {"page": True},
        {"page": "1"},
        {"page": None},
        {"area_code": 604},
        {"city": "x" * 101},
        {"is_toll_free": "yes"},
        {"contains": True},
    ],
)
def test_a_value_that_makes_no_sense_is_nothing(changes: dict[str, object]) -> None:
    value = {"ask": "search", "provider": "magpipe", "page": 0} | changes

    assert paging.read(json.dumps(value)) is None


@pytest.mark.parametrize("text", ["", "x", "[]", "7", "null", "[" * 100_000])
def test_what_is_no_object_is_nothing(text: str) -> None:
    assert paging.read(text) is None


@pytest.mark.parametrize(
    ("number", "page", "shown"),
    [(0, 0, [1, 2]), (1, 1, [3, 4]), (2, 2, [5]), (9, 2, [5])],
)
def test_a_page_beyond_the_last_is_the_last(number: int, page: int, shown: list[int]) -> None:
    assert paging.cut([1, 2, 3, 4, 5], number, 2) == (page, shown)
