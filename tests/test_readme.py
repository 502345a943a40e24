"""The README says what the code does; its pages have tests of their own in test_docs."""

import re

import pytest

from bot.domain.purchase import Status
from docs.pictures import MOST
from handlers import ids
from handlers.wording import STATUS_WORDS
from tests.markdown_pages import README, ROOT, blocks, read, rows, section, spans


@pytest.fixture(scope="module")
def readme() -> str:
    return read("README.md")


def test_every_status_says_what_it_means_for_money(readme: str) -> None:
    table = rows(section(readme, "## What each status means for money"))

    assert sorted(spans(cells[0])[0] for cells in table) == sorted(Status)
    assert {Status(spans(cells[0])[0]): cells[1] for cells in table} == STATUS_WORDS
    assert all(cells[2] for cells in table)


def test_one_command_is_the_whole_trial() -> None:
    assert blocks(README)[0].strip() == "make sandbox"


def test_the_commands_it_shows_are_those_of_the_page_of_commands(readme: str) -> None:
    everything = read("docs/commands.md")
    shown = [spans(cells[0])[0] for cells in rows(section(readme, "## Commands"))]

    assert {each.split()[0] for each in shown} == {ids.LINE, ids.NUMBER}
    assert [each for each in shown if f"`{each}" not in everything] == []


def test_it_can_be_read_in_three_minutes(readme: str) -> None:
    words = re.findall(r"\w+", readme)

    assert len(words) < 3 * 350


def test_every_picture_says_what_it_shows(readme: str) -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", readme)
    pictures += re.findall(r'<img alt="([^"]*)" src="([^"]+)">', readme)

    assert len(pictures) == len(re.findall(r"!\[|<img", readme))
    assert [file for says, file in pictures if len(says) < len("A picture of something")] == []


def test_no_picture_takes_long_to_load() -> None:
    pictures = [*(ROOT / "docs").glob("*.png")]

    assert pictures
    assert [file.name for file in pictures if file.stat().st_size > MOST] == []
