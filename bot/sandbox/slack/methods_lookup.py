"""Who and what there is: auth, users, conversations, groups, team; and apps.connections.open."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import people
from bot.sandbox.slack.calls import Call, Method, SlackError
from bot.sandbox.slack.people import BOT_USER_ID, Channel, User, UserGroup

HOME_URL = f"https://{people.TEAM_DOMAIN}.slack.com/"


def user_as_json(user: User) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "tz": user.tz,
        "profile": {
            "real_name": user.real_name,
            "display_name": user.name,
            "title": user.title,
            "team": user.team_id,
        },
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if user.is_stranger:
        body["is_stranger"] = True
    if not user.deleted:
        flags = {"is_admin": False, "is_owner": False, "is_primary_owner": False}
        body |= {
            **flags,
            "is_restricted": user.is_restricted,
            "is_ultra_restricted": user.is_ultra_restricted,
        }
    return body


def channel_as_json(channel: Channel) -> dict[str, Any]:
    body: dict[str, Any] = {"id": channel.id, "is_archived": channel.is_archived, "created": 0}
    if channel.is_im:
        return body | {"is_im": True, "user": channel.user_id, "is_open": True}
    return body | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_member": BOT_USER_ID in channel.members,
        "num_members": len(channel.members),
    }


def group_as_json(group: UserGroup, *, with_users: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": group.id,
        "team_id": people.TEAM_ID,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "date_delete": 0,
        "user_count": len(group.users),
    }
    return body | ({"users": list(group.users)} if with_users else {})


def _auth_test(_call: Call) -> dict[str, Any]:
    return {
        "url": HOME_URL,
        "team": "Sandbox",
        "user": "dialtone",
        "team_id": people.TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": people.BOT_ID,
        "app_id": people.APP_ID,
        "is_enterprise_install": False,
    }


def _team_info(_call: Call) -> dict[str, Any]:
    team = {"id": people.TEAM_ID, "name": "Sandbox", "domain": people.TEAM_DOMAIN, "url": HOME_URL}
    return {"team": team}


def _users_info(call: Call) -> dict[str, Any]:
    return {"user": user_as_json(call.user())}


def _users_list(call: Call) -> dict[str, Any]:
    members = [user_as_json(user) for user in call.workspace.users.values()]
    return {"members": members, "cache_ts": 0, "response_metadata": {"next_cursor": ""}}


def _visible(call: Call) -> list[Channel]:
    return [
        c
        for c in call.workspace.channels.values()
        if not c.is_im and (not c.is_private or BOT_USER_ID in c.members)
    ]


def _conversations_list(call: Call) -> dict[str, Any]:
    channels = [channel_as_json(c) for c in _visible(call)]
    return {"channels": channels, "response_metadata": {"next_cursor": ""}}


def _users_conversations(call: Call) -> dict[str, Any]:
    user = str(call.args.get("user") or BOT_USER_ID)
    channels = [channel_as_json(c) for c in _visible(call) if user in c.members]
    return {"channels": channels, "response_metadata": {"next_cursor": ""}}


def _conversations_info(call: Call) -> dict[str, Any]:
    return {"channel": channel_as_json(call.seen_channel())}


def _conversations_members(call: Call) -> dict[str, Any]:
    members = sorted(call.seen_channel().members)
    return {"members": members, "response_metadata": {"next_cursor": ""}}


def _conversations_open(call: Call) -> dict[str, Any]:
    if not call.args.get("users"):
        raise SlackError("users_list_not_supplied")
    user = call.user("users")
    if user.deleted:
        raise SlackError("user_disabled")
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    channel = call.workspace.im_of(user.id)
    body = channel_as_json(channel) if call.flag("return_im") else {"id": channel.id}
    return {"channel": body}


def _conversations_join(call: Call) -> dict[str, Any]:
    channel = call.seen_channel()
    if channel.is_im or channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    channel.members.add(BOT_USER_ID)
    return {"channel": channel_as_json(channel)}


def _groups(call: Call) -> dict[str, UserGroup]:
    if not call.state.plan_has_user_groups:
        raise SlackError("plan_upgrade_required")
    return call.workspace.groups


def _usergroups_list(call: Call) -> dict[str, Any]:
    with_users = call.flag("include_users")
    groups = [group_as_json(g, with_users=with_users) for g in _groups(call).values()]
    return {"usergroups": groups}


def _usergroups_users_list(call: Call) -> dict[str, Any]:
    group = _groups(call).get(str(call.need("usergroup")))
    if group is None:
        raise SlackError("no_such_subteam")
    gone = {user.id for user in call.workspace.users.values() if user.deleted}
    return {"users": [user for user in group.users if user not in gone]}


def _connections_open(call: Call) -> dict[str, Any]:
    if call.state.socket_url is None:
        raise SlackError("socket_mode_not_enabled")
    return {"url": call.state.socket_url()}


METHODS: dict[str, Method] = {
    "api.test": lambda call: {"args": call.args},
    "apps.connections.open": _connections_open,
    "auth.test": _auth_test,
    "conversations.info": _conversations_info,
    "conversations.join": _conversations_join,
    "conversations.list": _conversations_list,
    "conversations.members": _conversations_members,
    "conversations.open": _conversations_open,
    "team.info": _team_info,
    "usergroups.list": _usergroups_list,
    "usergroups.users.list": _usergroups_users_list,
    "users.conversations": _users_conversations,
    "users.info": _users_info,
    "users.list": _users_list,
}
