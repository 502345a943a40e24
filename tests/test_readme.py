"""The README says what the code does: statuses and moves, commands, settings, make targets."""

import re
from pathlib import Path

import pytest

from bot.domain.purchase import MOVES, Status
from bot.settings import Settings
from handlers import command_text, ids

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text()


def first_cells(readme: str, heading: str) -> str:
    """The first column of the first table below a heading."""
    below = readme.partition(f"{heading}\n")[2]
    rows = [line for line in below.partition("\n#")[0].splitlines() if line.startswith("| ")]
    return "\n".join(row.split("|")[1] for row in rows[1:])


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text()
    [declared] = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    return set(declared.split()) - {"help"}


def test_the_chart_shows_every_move_there_is_and_no_other(readme: str) -> None:
    chart = readme.partition("stateDiagram-v2\n")[2].partition("```")[0]
    arrows = re.findall(r"^ +(\S+) --> ([^:\s]+)", chart, re.MULTILINE)
    moves = [(source.value, target.value) for source in MOVES for target in MOVES[source]]
    ends = [(source.value, "[*]") for source in MOVES if not MOVES[source]]

    assert sorted(arrows) == sorted([("[*]", "requested"), *moves, *ends])


def test_every_status_says_what_it_means_for_money(readme: str) -> None:
    told = re.findall(r"`(\w+)`", first_cells(readme, "## What each status means for money"))

    assert sorted(told) == sorted(Status)


def test_every_setting_is_named_and_no_other(readme: str) -> None:
    named = re.findall(r"`([A-Z_]+)`", first_cells(readme, "### Settings"))

    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_every_make_target_is_named_and_no_other(readme: str) -> None:
    assert set(re.findall(r"\bmake ([a-z]+)`", readme)) == make_targets()


def test_the_first_two_commands_do_all_the_set_up(readme: str) -> None:
    first = readme.partition("```\n")[2].partition("```")[0]

    assert re.findall(r"^make (\w+)", first, re.MULTILINE) == ["sandbox", "test"]


def test_make_help_names_targets_that_exist() -> None:
    helped = re.findall(r'@echo "make (\w+)', (ROOT / "Makefile").read_text())

    assert helped
    assert set(helped) <= make_targets()


@pytest.mark.parametrize("command", [ids.LINE, ids.NUMBER])
def test_every_command_is_told_and_no_other(readme: str, command: str) -> None:
    table = first_cells(readme, "## Commands")
    rows = [row for row in table.splitlines() if f"`{command} " in row]
    # A row may name several: `/number limits`, `list`, `pending` …
    told = [verb for row in rows for verb in re.findall(rf"`(?:{command} )?([a-z]+)[^`]*`", row)]

    assert sorted(told) == sorted([*command_text._VERBS[command], "help"])


def test_what_it_points_to_is_there(readme: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", readme)
    files = re.findall(r"^((?:bot|handlers|tests)/\S*)", readme, re.MULTILINE)

    assert links
    assert files
    assert [path for path in links + files if not (ROOT / path).exists()] == []
