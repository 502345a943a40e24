"""What the page completes comes from the manifest, and the manifest names everything there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sandbox.manifest import ManifestMissing, completions, read_manifest
from handlers import command_text

MOST_CHARACTERS = 1000  # of a usage hint, in Slack


def test_each_way_of_a_usage_hint_is_a_completion() -> None:
    assert completions("/line", "buy [reason] | notify [off|on] | thaw") == [
        {"text": "/line buy", "hint": "[reason]"},
        {"text": "/line notify", "hint": "[off|on]"},
        {"text": "/line thaw", "hint": ""},
    ]


@pytest.mark.parametrize("command", ["/line", "/number"])
def test_every_verb_there_is_can_be_completed(command: str) -> None:
    [found] = [each for each in read_manifest().commands if each["name"] == command]

    named = {each["text"].partition(" ")[2] for each in found["completions"]}

    assert named == {*command_text._VERBS[command], "help"}
    hints = sum(len(each["hint"]) + 20 for each in found["completions"])
    assert hints < MOST_CHARACTERS


def test_shortcuts_are_told_as_they_are_named_in_slack() -> None:
    [shortcut] = read_manifest().shortcuts
    assert (shortcut["callback_id"], shortcut["name"]) == ("buy_line", "Buy a phone line")


def test_without_the_repository_one_sentence_says_so(tmp_path: Path) -> None:
    with pytest.raises(ManifestMissing, match=r"runs from a checkout of the repository"):
        read_manifest(tmp_path / "manifest.yml")
