"""Slack's ways in, as Slack uses them: bodies through Bolt's own matching."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.decision import Decision
from bot.ports import Message, Queue
from bot.sandbox.slack import SlackSimulator
from bot.sandbox.slack.people import PHONES, RILEY
from handlers import ids, register
from tests.desk import Desk
from tests.fakes import FakeMessenger
from tests.queues import claim_due, decision_of, message_of

Body = dict[str, Any]
LEASE = timedelta(seconds=15)


class SignallingMessenger(FakeMessenger):
    """Says when it was asked to reply."""

    def __init__(self) -> None:
        super().__init__()
        self.replied = asyncio.Event()

    async def reply(self, message: Message, content: Any) -> None:
        await super().reply(message, content)
        self.replied.set()


async def authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1")


class Front:
    """What people do, and what Slack gets back at once."""

    def __init__(self, desk: Desk, slack: SlackSimulator, client: AsyncWebClient) -> None:
        self.desk = desk
        self.slack = slack
        self.client = client
        self.listen()

    def listen(self, **changes: Any) -> None:
        self.app = AsyncApp(
            client=self.client,
            signing_secret="unused",
            authorize=authorize,
            process_before_response=True,
        )
        register(self.app, replace(self.desk.ports, **changes))

    async def send(self, body: Body) -> Body:
        request = AsyncBoltRequest(mode="socket_mode", body=body)
        response = await self.app.async_dispatch(request)
        assert response.status == 200
        read: Body = json.loads(response.body) if response.body.startswith("{") else {}
        return read or {"text": response.body}

    async def type(self, text: str, command: str = "/line", **changes: Any) -> Body:
        return await self.send(
            {
                "command": command,
                "text": text,
                "user_id": RILEY,
                "channel_id": PHONES,
                "trigger_id": self.slack.state.tickets.issue_trigger(RILEY),
                "response_url": "https://hooks.slack.com/commands/1",
                **changes,
            }
        )

    async def press(self, action_id: str, value: str, **changes: Any) -> Body:
        return await self.send(
            {
                "type": "block_actions",
                "user": {"id": RILEY},
                "trigger_id": self.slack.state.tickets.issue_trigger(RILEY),
                "response_url": "https://hooks.slack.com/actions/1",
                "container": {"type": "message", "message_ts": "1.0", "channel_id": PHONES},
                "actions": [{"action_id": action_id, "value": value, "type": "button"}],
                **changes,
            }
        )

    async def fill_in(self, callback_id: str, value: str, text: str) -> Body:
        about = {"key": value, "channel": PHONES, "ts": "1.0"}
        return await self.send(
            {
                "type": "view_submission",
                "user": {"id": RILEY},
                "trigger_id": self.slack.state.tickets.issue_trigger(RILEY),
                "view": {
                    "type": "modal",
                    "callback_id": callback_id,
                    "private_metadata": json.dumps(about),
                    "state": {"values": {ids.INPUT_BLOCK: {ids.INPUT: {"value": text}}}},
                },
            }
        )

    async def owed(self) -> list[Message]:
        """Every message that waits to be sent."""
        store = self.desk.store
        claimed = await claim_due(store, Queue.OWED, 10, now=self.desk.clock.now(), lasting=LEASE)
        found = [await message_of(store, each.id) for each in claimed]
        return [message for message in found if message is not None]

    async def decided(self) -> list[Decision]:
        """Every decision that waits to be judged."""
        store = self.desk.store
        claimed = await claim_due(
            store, Queue.DECISIONS, 10, now=self.desk.clock.now(), lasting=LEASE
        )
        found = [await decision_of(store, each.id) for each in claimed]
        return [decision for decision in found if decision is not None]
