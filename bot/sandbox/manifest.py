"""What the workspace knows of the app from manifest.yml: its slash commands and its shortcuts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parents[2] / "manifest.yml"
_BETWEEN = " | "


class ManifestMissing(Exception):
    """The message is a sentence for whoever started the sandbox."""


@dataclass(frozen=True)
class Manifest:
    """`commands` and `shortcuts` as the page gets them (JSON)."""

    commands: list[dict[str, Any]]
    shortcuts: list[dict[str, str]]

    @property
    def command_names(self) -> tuple[str, ...]:
        return tuple(command["name"] for command in self.commands)


def read_manifest(file: Path = FILE) -> Manifest:
    """Raises ManifestMissing: the file is in the repository and in no installed package."""
    try:
        features = yaml.safe_load(file.read_text(encoding="utf-8"))["features"]
    except FileNotFoundError:
        raise ManifestMissing(
            f"The sandbox runs from a checkout of the repository: {file} is missing."
        ) from None
    return Manifest(
        commands=[
            {
                "name": each["command"],
                "description": each["description"],
                "completions": completions(each["command"], each["usage_hint"]),
            }
            for each in features["slash_commands"]
        ],
        shortcuts=[
            {name: each[name] for name in ("callback_id", "name", "description")}
            for each in features["shortcuts"]
            if each["type"] == "global"
        ],
    )


def completions(command: str, usage_hint: str) -> list[dict[str, str]]:
    """`buy [reason] | limits` → what can be completed, and what may be typed after it."""
    found = []
    for way in usage_hint.split(_BETWEEN):
        verb, _, rest = way.strip().partition(" ")
        found.append({"text": f"{command} {verb}", "hint": rest})
    return found
