"""python -m bot manifest: manifest.yml, ready to paste into Slack, for HTTP or Socket Mode."""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

MANIFEST = Path(__file__).parents[1] / "manifest.yml"
DONE, USAGE = 0, 2  # exit status
EVENTS = "/slack/events"  # where the bot listens
_HTTP = """\
# Dialtone, over HTTP. Paste it at https://api.slack.com/apps -> Create New App -> From a manifest.
# Slack says that an address which does not answer yet is not verified: once the bot
# runs, have it verified in the app's settings, under Event Subscriptions.
"""


def main(argv: Sequence[str]) -> int:
    """Print it; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m bot manifest",
        description="Prints the Slack app's manifest, ready to paste.",
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--socket", action="store_true", help="for Socket Mode (the default)")
    way.add_argument(
        "--url",
        metavar="https://…",
        help=f"for HTTP: the public address of the bot; {EVENTS} is added",
    )
    parser.add_argument("--json", action="store_true", help="as JSON instead of YAML")
    asked = parser.parse_args(argv)
    try:
        url = None if asked.url is None else request_url(asked.url)
        printed = as_json(url) if asked.json else as_yaml(url)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    except OSError as error:
        sys.stderr.write(f"{MANIFEST} cannot be read: {error.strerror}.\n")
        return USAGE
    sys.stdout.write(printed)
    return DONE


def request_url(text: str) -> str:
    """Where Slack is to post, from the bot's address, with or without the path. ValueError: a
    sentence."""
    wanted = "--url wants the bot's public address, such as https://dialtone.example.com"
    try:
        url = urlsplit(text)
        _ = url.port  # raises ValueError where it is no port
    except ValueError:
        raise ValueError(f"{wanted}.") from None
    if url.scheme != "https":
        raise ValueError(f"{wanted}; Slack posts to https:// only.")
    if not url.hostname or re.search(r"[^!-~]", text):
        raise ValueError(f"{wanted}.")
    if url.username is not None or url.query or url.fragment:
        raise ValueError(f"{wanted}, without a user, ? or #.")
    return text.rstrip("/").removesuffix(EVENTS).rstrip("/") + EVENTS


def as_json(url: str | None) -> str:
    """What Slack's API takes (apps.manifest.create)."""
    return json.dumps(yaml.safe_load(as_yaml(url)), indent=2, ensure_ascii=False) + "\n"


def as_yaml(url: str | None) -> str:
    """`manifest.yml` for HTTP at `url`, or for Socket Mode; its comments stay, for they are of use
    to whoever pastes it."""
    text = MANIFEST.read_text(encoding="utf-8")
    for at, end, new in sorted(_edits(yaml.compose(text), url), reverse=True):
        text = text[:at] + new + text[end:]
    return text if url is None else _HTTP + re.sub(r"\A(#.*\n)+", "", text)


def _edits(root: Any, url: str | None) -> Iterator[tuple[int, int, str]]:
    """Which characters, from and to before, give way to what."""
    mode = _value(root, "settings", "socket_mode_enabled")
    yield mode.start_mark.index, mode.end_mark.index, "true" if url is None else "false"
    if url is None:
        return
    for command in _value(root, "features", "slash_commands").value:
        yield _line_before(_key(command, "description"), f"url: {url}")
    interactivity = _value(root, "settings", "interactivity")
    yield _line_before(_key(interactivity, "is_enabled"), f"request_url: {url}")
    events = _value(root, "settings", "event_subscriptions")
    yield _line_before(_key(events, "bot_events"), f"request_url: {url}")


def _line_before(key: yaml.Node, line: str) -> tuple[int, int, str]:
    start = key.start_mark
    return start.index, start.index, f"{line}\n{' ' * start.column}"


def _value(node: yaml.Node, *path: str) -> Any:
    for name in path:
        [node] = [value for key, value in node.value if key.value == name]
    return node


def _key(mapping: yaml.Node, name: str) -> yaml.Node:
    [found] = [key for key, _ in mapping.value if key.value == name]
    return found  # type: ignore[no-any-return]  # a node's value is Any
