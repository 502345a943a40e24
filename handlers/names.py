"""What people and user groups are called, and whom a name stands for: for setting Dialtone up.
Elsewhere they go by their ids alone."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import TryLater, Undeliverable
from handlers import web_api

PAGE = 1000  # people at once, which is Slack's most
PAGES = 10


async def called(client: AsyncWebClient, some_id: str) -> str:
    """A person's full name, or a user group's; "" where Slack does not tell."""
    try:
        if some_id.startswith("S"):
            found = [group for group in await _groups(client) if group.get("id") == some_id]
            return _name(found[0]) if found else ""
        answer = await web_api.call(client.users_info(user=some_id))
    except (TryLater, Undeliverable):
        return ""
    user = answer.get("user")
    return _name(user) if isinstance(user, Mapping) else ""


async def who_is(client: AsyncWebClient, name: str) -> dict[str, str]:
    """Everybody, person or user group, who goes by that name: ids, each with the full name. Raises
    TryLater or Undeliverable."""
    wanted = name.removeprefix("@").casefold()
    everybody = [user for user in await _people(client) if not _is_out(user)]
    with suppress(Undeliverable):  # a plan without groups, or a token that may not look at them
        everybody += await _groups(client)
    return {str(each["id"]): _name(each) for each in everybody if wanted in _names(each)}


async def _people(client: AsyncWebClient) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    cursor = ""
    for _ in range(PAGES):
        answer = await web_api.call(client.users_list(limit=PAGE, cursor=cursor or None))
        found += _listed(answer, "members")
        more = answer.get("response_metadata")
        cursor = str(more.get("next_cursor") or "") if isinstance(more, Mapping) else ""
        if not cursor:
            break
    return found


async def _groups(client: AsyncWebClient) -> list[Mapping[str, Any]]:
    return _listed(await web_api.call(client.usergroups_list()), "usergroups")


def _listed(answer: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    listed = answer.get(key)
    if not isinstance(listed, list):
        raise Undeliverable(f"unreadable_{key}")
    return [each for each in listed if isinstance(each, Mapping) and each.get("id")]


def _is_out(user: Mapping[str, Any]) -> bool:
    return bool(user.get("deleted") or user.get("is_bot") or user.get("id") == "USLACKBOT")


def _name(each: Mapping[str, Any]) -> str:
    profile = each.get("profile")
    full = profile.get("real_name") if isinstance(profile, Mapping) else None
    return str(full or each.get("real_name") or each.get("name") or "")


def _names(each: Mapping[str, Any]) -> set[str]:
    """Every way of calling somebody, folded."""
    profile = each.get("profile")
    shown = profile.get("display_name") if isinstance(profile, Mapping) else None
    names = (_name(each), shown, each.get("name"), each.get("handle"))
    return {str(name).casefold() for name in names if name}
