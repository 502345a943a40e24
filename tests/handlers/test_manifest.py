"""The manifest says what the code does: commands that are registered, scopes that calls need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from handlers import ids
from handlers.scopes import FOR_CHECKS, NEEDED

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("handlers/*.py"), *ROOT.glob("bot/*.py")]
# What each method needs: https://docs.slack.dev/reference/methods
SCOPES: dict[str, set[str]] = {
    "api_call": set(),  # blocks.validate
    "apps_connections_open": set(),  # of the app token, which has connections:write
    "auth_test": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write", "chat:write.public"},
    "chat_update": {"chat:write"},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_members": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "users_list": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_update": set(),
}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())
    return read


def used() -> set[str]:
    """Every Web API method that the code calls."""
    calls = re.compile(r"client\.([a-z]+(?:_[a-zA-Z]+)+)\(")
    found = {name for source in SOURCES for name in calls.findall(source.read_text())}
    return {name for name in found if hasattr(AsyncWebClient, name)}


def test_the_commands_are_those_that_are_registered(manifest: dict[str, Any]) -> None:
    declared = manifest["features"]["slash_commands"]

    assert {each["command"] for each in declared} == set(ids.COMMANDS)
    assert all(each["should_escape"] and each["usage_hint"] for each in declared)


def test_every_method_that_is_called_is_known_here() -> None:
    assert used() == set(SCOPES)


def test_the_scopes_are_those_that_the_calls_need(manifest: dict[str, Any]) -> None:
    needed = {"commands"}.union(*(SCOPES[name] for name in used()))

    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed


def test_the_scopes_that_doctor_looks_for_are_those_of_the_manifest(
    manifest: dict[str, Any],
) -> None:
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == {*NEEDED, *FOR_CHECKS}


def test_the_shortcut_is_the_one_that_is_registered(manifest: dict[str, Any]) -> None:
    (shortcut,) = manifest["features"]["shortcuts"]

    assert (shortcut["type"], shortcut["callback_id"]) == ("global", ids.BUY_SHORTCUT)
    assert len(shortcut["name"]) <= 24  # what Slack shows


def test_slack_tells_who_looks_at_their_home(manifest: dict[str, Any]) -> None:
    assert manifest["features"]["app_home"]["home_tab_enabled"]
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened"]


def test_buttons_and_forms_reach_the_bot(manifest: dict[str, Any]) -> None:
    assert manifest["settings"]["interactivity"]["is_enabled"]
