"""What Slack sends to apps: slash commands, interactions and events, field by field.

Shapes: docs.slack.dev/interactivity/implementing-slash-commands and
docs.slack.dev/reference/interaction-payloads.
"""

from __future__ import annotations

import secrets
from typing import Any

from bot.sandbox.slack import elements, people
from bot.sandbox.slack.elements import Element, Value
from bot.sandbox.slack.people import Channel, User
from bot.sandbox.slack.state import State
from bot.sandbox.slack.workspace import Message, View

VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105  deprecated by Slack, opens nothing


class Payloads:
    """Builds payloads for what people do, each with a trigger id and response URL of its own."""

    def __init__(self, state: State) -> None:
        self._state = state

    def command(self, user: User, channel: Channel, command: str, text: str) -> dict[str, Any]:
        """All values are strings: a command goes out as a form."""
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": people.TEAM_ID,
            "team_domain": people.TEAM_DOMAIN,
            "channel_id": channel.id,
            "channel_name": _channel_name(channel),
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": people.APP_ID,
            "is_enterprise_install": "false",
            "response_url": self._state.tickets.issue_response_url(user.id, channel.id),
            "trigger_id": self._state.tickets.issue_trigger(user.id, channel=channel.id),
        }

    def click_on_message(
        self, user: User, message: Message, block_id: str, element: Element, value: Value
    ) -> dict[str, Any]:
        channel = self._state.workspace.channels[message.channel]
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.is_ephemeral,
        }
        values = elements.initial_state(message.blocks)
        if element["type"] in elements.STATEFUL:
            values[block_id][element["action_id"]] = elements.used(element, value)
        body = {
            **self._interaction("block_actions", user, channel=channel.id),
            "container": container,
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "state": {"values": values},
            "response_url": self._state.tickets.issue_response_url(
                user.id, message.channel, message.ts
            ),
            "actions": [self._action(block_id, element, value)],
        }
        return body if message.is_ephemeral else {**body, "message": message.as_json()}

    def click_in_view(
        self, user: User, view: View, block_id: str, element: Element, value: Value
    ) -> dict[str, Any]:
        return {
            **self._interaction("block_actions", user, view),
            "container": {"type": "view", "view_id": view.id},
            "view": view.as_json(),
            "actions": [self._action(block_id, element, value)],
        }

    def submission(self, user: User, view: View) -> dict[str, Any]:
        body = self._interaction("view_submission", user, view)
        return {**body, "view": view.as_json(), "response_urls": []}

    def closed(self, user: User, view: View, *, cleared: bool) -> dict[str, Any]:
        body = self._interaction("view_closed", user, view)
        del body["trigger_id"]
        return {**body, "view": view.as_json(), "is_cleared": cleared}

    def shortcut(
        self, user: User, callback_id: str, message: Message | None, looking_at: str | None = None
    ) -> dict[str, Any]:
        """A global shortcut, or with `message` one from a message's menu. Apps are not told which
        conversation somebody is looking at; a modal's menu of conversations knows."""
        kind = "shortcut" if message is None else "message_action"
        seen = looking_at if message is None else message.channel
        body = {**self._interaction(kind, user, channel=seen), "callback_id": callback_id}
        body["action_ts"] = self._instant()
        if message is None:
            return body
        channel = self._state.workspace.channels[message.channel]
        url = self._state.tickets.issue_response_url(user.id, message.channel)
        return body | {
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "message": message.as_json(),
            "message_ts": message.ts,
            "response_url": url,
        }

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        authorization = {
            "enterprise_id": None,
            "team_id": people.TEAM_ID,
            "user_id": people.BOT_USER_ID,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": people.TEAM_ID,
            "context_team_id": people.TEAM_ID,
            "context_enterprise_id": None,
            "api_app_id": people.APP_ID,
            "event": {"event_ts": self._instant(), **event},
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(self._state.workspace.now().timestamp()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
        }

    def home_opened(self, user: User) -> dict[str, Any]:
        """The event of a user opening the app's Home tab, with the view that is there already."""
        channel = self._state.workspace.im_of(user.id)
        event: dict[str, Any] = {"type": "app_home_opened", "user": user.id, "tab": "home"}
        event["channel"] = channel.id
        home = self._state.workspace.home(user.id)
        if home is not None:
            event["view"] = home.as_json()
        return self.event(event)

    def _interaction(
        self, kind: str, user: User, view: View | None = None, channel: str | None = None
    ) -> dict[str, Any]:
        in_modal = view.id if view is not None and view.kind == "modal" else None
        return {
            "type": kind,
            "team": {"id": people.TEAM_ID, "domain": people.TEAM_DOMAIN},
            "user": {
                "id": user.id,
                "username": user.name,
                "name": user.name,
                "team_id": user.team_id,
            },
            "api_app_id": people.APP_ID,
            "token": VERIFICATION_TOKEN,
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self._state.tickets.issue_trigger(user.id, in_modal, channel),
        }

    def _action(self, block_id: str, element: Element, value: Value) -> dict[str, Any]:
        return {
            "action_id": element["action_id"],
            "block_id": block_id,
            **elements.used(element, value),
            "action_ts": self._instant(),
        }

    def _instant(self) -> str:
        return f"{self._state.workspace.now().timestamp():.6f}"


def _channel_name(channel: Channel) -> str:
    """Slack does not tell apps the names of private conversations here."""
    return "privategroup" if channel.is_private else channel.name
