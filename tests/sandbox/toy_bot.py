"""A small app on the real Bolt and SDK: proof that they take the simulator for Slack."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSimulator

Body = dict[str, Any]

CARD: list[Body] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "A *line*"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "approve:1",
                "value": "1",
                "style": "primary",
                "text": {"type": "plain_text", "text": "Approve"},
            },
            {
                "type": "button",
                "action_id": "why",
                "text": {"type": "plain_text", "text": "Say why"},
            },
        ],
    },
]
MODAL = {
    "type": "modal",
    "callback_id": "reason",
    "title": {"type": "plain_text", "text": "Why"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": {"type": "plain_text", "text": "Reason"},
            "element": {"type": "plain_text_input", "action_id": "typed"},
        }
    ],
}


def now() -> datetime:
    return datetime.now(UTC)


def toy_app(slack: SlackSimulator) -> AsyncApp:
    quiet = logging.getLogger("toy")
    quiet.setLevel(logging.CRITICAL)
    app = AsyncApp(
        client=AsyncWebClient(token=slack.state.bot_token, base_url=slack.api_url, logger=quiet),
        signing_secret=slack.state.signing_secret,
        process_before_response=True,
        logger=quiet,
    )

    async def line(
        ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        match body["text"].partition(" ")[0]:
            case "buy":
                await ack()
                await client.chat_postMessage(
                    channel=body["channel_id"], text=f"Buy {body['text']}", blocks=CARD
                )
            case "later":
                await ack()
                await respond("said later")
            case "nothing":
                raise RuntimeError
            case _:
                await ack("help")

    async def approve(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await client.chat_update(
            channel=body["container"]["channel_id"],
            ts=body["container"]["message_ts"],
            text=f"approved by <@{body['user']['id']}>",
            blocks=[],
        )

    async def why(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    async def reason(ack: AsyncAck, view: Body) -> None:
        if view["state"]["values"]["reason"]["typed"]["value"] == "no":
            await ack(response_action="errors", errors={"reason": "Say more."})
        else:
            await ack()

    async def home(event: Body, client: AsyncWebClient) -> None:
        view = {"type": "home", "blocks": CARD}
        await client.views_publish(user_id=event["user"], view=view)

    app.command("/line")(line)
    app.action("approve:1")(approve)
    app.action("why")(why)
    app.view("reason")(reason)
    app.event("app_home_opened")(home)
    return app


@asynccontextmanager
async def over_http(slack: SlackSimulator) -> AsyncIterator[AsyncApp]:
    bolt = toy_app(slack)
    application: web.Application = bolt.web_app(path="/slack/events")
    served = await serve(application)
    slack.deliver_to(f"{served.url}/slack/events")
    try:
        yield bolt
    finally:
        await served.close()


@asynccontextmanager
async def over_socket_mode(slack: SlackSimulator) -> AsyncIterator[AsyncSocketModeHandler]:
    client = AsyncWebClient(token=slack.state.bot_token, base_url=slack.api_url)
    handler = AsyncSocketModeHandler(
        toy_app(slack), slack.state.app_token, web_client=client, ping_interval=1
    )
    slack.deliver_by_socket()
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt has no types here
    await slack.wait_for(lambda: slack.socket.connections)
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # the same
