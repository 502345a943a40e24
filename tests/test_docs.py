"""The pages say what the code does: links, settings, commands, statuses, examples, log events."""

import re
from pathlib import Path

import pytest

from bot.domain.purchase import MOVES
from bot.init_command import env_file
from bot.policy_file.reading import parse
from bot.sandbox.slack.people import default_users
from bot.settings import Settings
from bot.storage.tables import metadata
from handlers import command_text, ids
from tests.markdown_pages import (
    PAGES,
    README,
    ROOT,
    anchors,
    blocks,
    each_page,
    links,
    name_of,
    prose,
    read,
    rows,
    section,
    shell_lines,
    spans,
)

SETTINGS = {name.upper() for name in Settings.model_fields}
# What is written like a setting and is somebody else's, or a value.
NOT_OURS = {"CODE", "AREA_CODE", "DYNO", "SIGTERM", "SIGHUP", "ARGS", "MOVES", "VERB"}
SOURCES = "\n".join(
    file.read_text(encoding="utf-8")
    for folder in ("bot", "handlers")
    for file in sorted((ROOT / folder).rglob("*.py"))
)


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    wrong = []
    for link in links(page):
        path, _, part = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (part and part not in anchors(target)):
            wrong.append(link)

    assert wrong == []


def test_every_page_is_found_from_the_readme_and_leads_back() -> None:
    told = {link.partition("#")[0] for link in links(README)}

    assert {name_of(page) for page in PAGES} - told == {"README.md"}
    assert [name_of(p) for p in PAGES[1:] if "../README.md" not in links(p)] == []


@each_page
def test_files_that_are_named_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"(?<![\w/.-])(?:bot|handlers|tests|docs)/[\w./-]*\w", text)

    assert [each for each in named if not (ROOT / each).exists()] == []


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────
def test_every_setting_is_explained_with_its_default_and_no_other() -> None:
    told = {
        spans(cells[0])[0]: (spans(cells[1]) or [cells[1]])[0]
        for cells in rows(read("docs/settings.md"))
    }
    wanted = {}
    for name, field in Settings.model_fields.items():
        default = "needed" if field.is_required() else env_file.default(name.upper())
        wanted[name.upper()] = default or "unset"

    assert told == wanted


@each_page
def test_no_page_names_a_setting_that_does_not_exist(page: Path) -> None:
    named = [each.partition("=")[0] for each in spans(page.read_text(encoding="utf-8"))]
    named = [each for each in named if re.fullmatch(r"[A-Z]+(?:_[A-Z]+)+", each)]
    set_in_shell = re.findall(r"\b([A-Z]+(?:_[A-Z]+)+)=", "\n".join(shell_lines(page)))

    assert set(named + set_in_shell) - SETTINGS - NOT_OURS == set()


# ── Commands ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("command", [ids.LINE, ids.NUMBER])
def test_every_command_is_told_and_no_other(command: str) -> None:
    named = [cells[0] for cells in rows(read("docs/commands.md")) if f"`{command} " in cells[0]]
    # A row may name several: `/number list`, `pending`, `policy` …
    told = [verb for cell in named for verb in re.findall(rf"`(?:{command} )?([a-z]+)[^`]*`", cell)]

    assert sorted(told) == sorted([*command_text._VERBS[command], "help"])


@each_page
def test_a_command_that_is_named_anywhere_exists(page: Path) -> None:
    named = re.findall(r"(/line|/number) ([a-z]+)\b", page.read_text(encoding="utf-8"))
    unknown = [(c, verb) for c, verb in named if verb not in {*command_text._VERBS[c], "help"}]

    assert unknown == []


def test_the_buttons_are_called_what_they_are_called() -> None:
    card = section(read("docs/commands.md"), "## The card")
    named = {each for line in card.splitlines() for each in re.findall(r"\*\*(.+?)\*\*", line)}

    assert len(named) >= 7
    assert [each for each in named if f'"{each}"' not in SOURCES] == []


# ── The sandbox, statuses, policies, the log ─────────────────────────────────────────────────────
def test_what_the_sandbox_shows_is_called_so_there() -> None:
    page = read("docs/sandbox.md")
    sources = (ROOT / "bot/sandbox/page/src").rglob("*.jsx")
    drawn = "\n".join(each.read_text(encoding="utf-8") for each in sources)
    named = re.findall(r"^\| \*\*(.+?)\*\*", section(page, "## Behind the scenes"), re.MULTILINE)
    steps = re.findall(r"^    title: ", read("bot/sandbox/page/src/tour/steps.js"), re.MULTILINE)
    people = {
        name for cells in rows(section(page, "## The people")) for name in cells[0].split(", ")
    }

    assert len(named) >= 6
    assert [each for each in named if each not in drawn] == []
    assert len(re.findall(r"^\d\. ", section(page, "## The tour"), re.MULTILINE)) == len(steps)
    assert people == {user.name.title() for user in default_users() if not user.is_bot}


def test_the_chart_shows_every_move_there_is_and_no_other() -> None:
    [chart] = blocks(ROOT / "docs" / "architecture.md", "mermaid")
    arrows = re.findall(r"^ +(\S+) --> ([^:\s]+)", chart, re.MULTILINE)
    moves = [(source.value, target.value) for source in MOVES for target in MOVES[source]]
    ends = [(source.value, "[*]") for source in MOVES if not MOVES[source]]

    assert sorted(arrows) == sorted([("[*]", "requested"), *moves, *ends])


def test_the_policies_of_the_examples_are_policies() -> None:
    examples = blocks(ROOT / "docs" / "policy.md", "toml")

    assert len(examples) >= 4
    for example in examples:
        assert parse(example, "docs/policy.md").rules


def test_every_key_of_a_policy_is_explained_and_no_other() -> None:
    from bot.policy_file.keys import _KEYS  # noqa: PLC0415 of this test alone

    told = [spans(cells[0])[0] for cells in rows(section(read("docs/policy.md"), "## Every key"))]

    assert sorted([*told, "name"]) == sorted(_KEYS)


@each_page
def test_events_of_the_log_that_are_named_are_logged(page: Path) -> None:
    events = re.compile(r"[a-z_]+\.[a-z_]+")
    files = {"sh", "py", "toml", "yml", "md", "json", "db", "txt", "log", "mock"}
    named = [
        each
        for each in spans(prose(page))
        if events.fullmatch(each) and each.partition(".")[2] not in files
    ]

    assert [each for each in named if f'"{each}"' not in SOURCES] == []


def test_what_the_runbook_quotes_is_what_people_see() -> None:
    first = read("docs/runbook.md").partition("## Where to look")[0]
    said = " ".join(SOURCES.split())
    quoted = [
        part.strip(" ,")
        for cells in rows(first)
        for quote in re.findall(r"“([^”]+)”", cells[0])
        if quote != "the app did not respond"  # Slack says that itself
        for part in quote.replace("1a2b3c4d", "…").split("…")
        if part.strip(" ,")
    ]

    assert len(quoted) >= 6
    assert [each for each in quoted if each not in said] == []


def test_the_page_on_security_knows_of_everything_that_is_stored() -> None:
    stored = section(read("docs/security.md"), "## What is stored, and for how long")
    told = {
        "purchases": "purchases, with votes",
        "votes": "with votes",
        "cards": "where their cards are",
        "freezes": "freezes and alerts",
        "alerts": "freezes and alerts",
        "checks": "a provider has been silent",
        "audit": "audit of each purchase",
        "alert_audit": "audit of each purchase and alert",
        "logbook": "the logbook",
        "logbooks": "the logbook",
        "absences": "who is away",
        "mutes": "who muted",
        "homes": "who opened Home",
        "owed": "messages and clicks",
        "decisions": "messages and clicks",
    }

    assert set(told) == set(metadata.tables)  # a new table: say in the page what is in it
    assert [each for each in told.values() if each not in stored] == []
