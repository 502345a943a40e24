"""The workspace as one person sees it, as JSON for the page."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.people import BOT_USER_ID, Channel, User
from bot.sandbox.slack.workspace import Message, View, Workspace

MOST_MESSAGES = 200


def page_state(workspace: Workspace, user: User) -> dict[str, Any]:
    """Everything the page draws for `user`; other people's private things are not in it."""
    workspace.im_of(user.id)
    channels = [c for c in workspace.channels.values() if sees(user, c)]
    home = workspace.home(user.id)
    return {
        "version": workspace.version,
        "me": user.id,
        "users": [
            {
                "id": u.id,
                "name": u.name,
                "real_name": u.real_name,
                "title": u.title,
                "is_bot": u.is_bot,
                "tz": u.tz,
            }
            for u in workspace.users.values()
        ],
        "groups": [{"id": g.id, "handle": g.handle} for g in workspace.groups.values()],
        "channels": [
            {
                "id": c.id,
                "name": c.name,
                "is_private": c.is_private,
                "is_archived": c.is_archived,
                "is_im": c.is_im,
                "has_bot": BOT_USER_ID in c.members,
            }
            for c in channels
        ],
        "messages": {c.id: _messages(workspace, c, user) for c in channels},
        "modals": [_view(view) for view in workspace.modals(user.id)],
        "home": None if home is None else _view(home),
    }


def sees(user: User, channel: Channel) -> bool:
    if user.id in channel.members:
        return True
    is_open = not channel.is_private and not channel.is_im
    return is_open and not user.is_guest and not user.is_stranger


def _messages(workspace: Workspace, channel: Channel, user: User) -> list[dict[str, Any]]:
    return [_message(m) for m in workspace.messages(channel.id, user.id)[-MOST_MESSAGES:]]


def _message(message: Message) -> dict[str, Any]:
    return {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "is_ephemeral": message.is_ephemeral,
        "is_edited": message.edited_ts is not None,
        "thread_ts": message.thread_ts,
        "is_broadcast": message.is_broadcast,
    }


def _view(view: View) -> dict[str, Any]:
    return {
        "id": view.id,
        "hash": view.hash,
        "body": view.body,
        "state": view.state,
        "errors": view.errors,
        "trouble": view.trouble,
    }
