"""`bot.ports.Messenger` over Slack's Web API and `response_url`."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.alerts import Alert
from bot.domain.approval import Rules
from bot.domain.errors import Reason
from bot.domain.purchase import Purchase
from bot.ports import CardGone, Message, Undeliverable
from handlers import alerts, answers, cards, home, web_api
from handlers.drawing import Block, Drawing
from handlers.response_url import ResponseUrls
from handlers.wording import say

log = logging.getLogger(__name__)

# A workspace that does not know a block yet, or counts differently: the words still go out.
_UNDRAWABLE = frozenset({"invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format"})
# Not so where the channel is archived or the bot was thrown out: that passes, and then this very
# message is to become true.
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})

_Send = Callable[[str, list[Block]], Awaitable[AsyncSlackResponse]]


class SlackMessenger:
    """`client` must not retry by itself: slack_sdk would post twice when a connection drops."""

    def __init__(self, client: AsyncWebClient, response_urls: ResponseUrls, rules: Rules) -> None:
        self._client = client
        self._response_urls = response_urls
        self._rules = rules

    async def post_card(self, channel_id: str, purchase: Purchase) -> str:
        answer = await self._post(channel_id, cards.card(purchase, self._rules))
        return str(answer["ts"])

    async def update_card(self, channel_id: str, ts: str, purchase: Purchase) -> None:
        await self._update(channel_id, ts, cards.card(purchase, self._rules))

    async def report(self, channel_id: str, purchase: Purchase) -> None:
        drawing = cards.report(purchase)
        if channel_id.startswith(("U", "W")):
            channel_id = await self.direct(channel_id)
        await self._post(channel_id, drawing)

    async def direct(self, user_id: str) -> str:
        answer = await web_api.call(self._client.conversations_open(users=[user_id]))
        return str(answer["channel"]["id"])

    async def post_alert(self, alert: Alert) -> str:
        answer = await self._post(alert.channel_id, alerts.alert(alert))
        return str(answer["ts"])

    async def update_alert(self, alert: Alert) -> None:
        await self._update(alert.channel_id, alert.ts or "", alerts.alert(alert))

    async def recovered(self, alert: Alert) -> None:
        await self._post(alert.channel_id, alerts.recovered(alert), thread_ts=alert.ts)

    async def publish_home(self, user_id: str, content: Any) -> None:
        await web_api.call(self._client.views_publish(user_id=user_id, view=home.view(content)))

    async def say(self, channel_id: str, reason: Reason) -> None:
        await self._post(channel_id, Drawing([], say(reason)))

    async def thread(self, channel_id: str, ts: str, reason: Reason) -> None:
        await self._post(channel_id, Drawing([], say(reason)), thread_ts=ts)

    async def reply(self, message: Message, content: Any) -> None:
        drawing = _drawing(content)
        if message.response_url and await self._response_urls.post(message.response_url, drawing):
            return
        if message.channel_id and not message.channel_id.startswith("D"):
            try:
                await self._whisper(message.channel_id, message.user_id, drawing)
            except Undeliverable as error:
                log.info("slack.whisper_refused", extra={"error": error.error})
            else:
                return
        await self._post(await self.direct(message.user_id), drawing)

    async def _post(
        self, channel_id: str, drawing: Drawing, thread_ts: str | None = None
    ) -> Mapping[str, Any]:
        def send(text: str, blocks: list[Block]) -> Awaitable[AsyncSlackResponse]:
            return self._client.chat_postMessage(
                channel=channel_id,
                text=text,
                blocks=blocks or None,
                thread_ts=thread_ts,
                unfurl_links=False,
                unfurl_media=False,
            )

        return await _send(send, drawing)

    async def _update(self, channel_id: str, ts: str, drawing: Drawing) -> None:
        def send(text: str, blocks: list[Block]) -> Awaitable[AsyncSlackResponse]:
            # An empty list takes the old blocks away; leaving it out would keep them.
            return self._client.chat_update(channel=channel_id, ts=ts, text=text, blocks=blocks)

        try:
            await _send(send, drawing)
        except Undeliverable as error:
            if error.error in _GONE:
                raise CardGone(error.error) from error
            raise

    async def _whisper(self, channel_id: str, user_id: str, drawing: Drawing) -> None:
        def send(text: str, blocks: list[Block]) -> Awaitable[AsyncSlackResponse]:
            return self._client.chat_postEphemeral(
                channel=channel_id, user=user_id, text=text, blocks=blocks or None
            )

        await _send(send, drawing)


async def _send(send: _Send, drawing: Drawing) -> Mapping[str, Any]:
    """Send a drawing; if Slack refuses the blocks, plainer ones, and at last the text alone."""
    *richer, last = drawing.attempts()
    for attempt in richer:
        try:
            return await web_api.call(send(attempt.text, attempt.blocks))
        except Undeliverable as error:
            if error.error not in _UNDRAWABLE:
                raise
            log.warning("slack.blocks_refused", extra={"error": error.error})
    return await web_api.call(send(last.text, last.blocks))


def _drawing(content: Any) -> Drawing:
    return Drawing([], say(content)) if isinstance(content, Reason) else answers.draw(content)
