"""The documentation as its readers have it: pages, headings, links, tables, blocks of code."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """Without blocks of code, in which brackets and # mean other things."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def blocks(page: Path, language: str = "") -> list[str]:
    """The blocks of code marked so; "": those that are not marked, which are for a shell."""
    found = _FENCE.findall(page.read_text(encoding="utf-8"))
    return [code for marked, code in found if marked == language]


def shell_lines(page: Path) -> Iterator[str]:
    """What is to be typed, continued lines joined and comments gone."""
    for block in blocks(page):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            yield line.partition(" #")[0].strip()


def spans(text: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def links(page: Path) -> list[str]:
    """Where links and pictures lead, within the repository: "file", "file#part" or "#part"."""
    text = prose(page)
    found = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'\bsrc(?:set)?="([^"]+)"', text)
    return [each for each in found if "://" not in each]


def anchors(page: Path) -> set[str]:
    """What GitHub calls each heading."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def section(text: str, heading: str) -> str:
    """What stands below that heading, up to the next one of its level or above."""
    marks = heading.partition(" ")[0]
    below = text.partition(f"{heading}\n")[2]
    return re.split(rf"^#{{1,{len(marks)}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, but for the headings and what is below them."""
    found, lines = [], [*text.splitlines(), ""]
    for line, following in pairwise(lines):
        is_rule = set(line) <= set("|-: ")
        if line.startswith("|") and not is_rule and not following.startswith("|---"):
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found
