"""Five posts within thirty minutes, to the person who asked or to everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox.slack import SlackSimulator
from bot.sandbox.slack.people import BOT_USER_ID, LEADERS, MORGAN, PHONES, RILEY
from tests.sandbox.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[SlackSimulator]:
    async with SlackSimulator(clock) as simulator:
        yield simulator


def answering(slack: SlackSimulator, channel: str, ts: str | None = None) -> AsyncWebhookClient:
    url = slack.state.tickets.issue_response_url(RILEY, channel, ts)
    return AsyncWebhookClient(url, retry_handlers=[])


async def post(client: AsyncWebhookClient, **body: Any) -> int:
    return int((await client.send_dict(body)).status_code)


async def test_the_sixth_post_is_refused(slack: SlackSimulator) -> None:
    client = answering(slack, LEADERS)
    statuses = [await post(client, text=str(n)) for n in range(6)]

    assert statuses == [200] * 5 + [404]
    assert slack.calls("response_url")[-1].answer["error"] == "used_url"
    assert [m.text for m in slack.ephemerals(RILEY)] == list("01234")


async def test_after_thirty_minutes_nothing_is_taken(slack: SlackSimulator, clock: Clock) -> None:
    client = answering(slack, PHONES)
    clock.forward(minutes=31)

    assert await post(client, text="late") == 404
    assert slack.calls("response_url")[-1].answer["error"] == "expired_url"


async def test_in_channel_is_for_everybody(slack: SlackSimulator) -> None:
    await post(answering(slack, PHONES), text="all", response_type="in_channel")
    assert [m.text for m in slack.messages(PHONES, MORGAN)] == ["all"]


async def test_the_message_clicked_can_be_replaced_and_deleted(slack: SlackSimulator) -> None:
    ts = slack.workspace.post(PHONES, BOT_USER_ID, "old", only_for=RILEY).ts
    client = answering(slack, PHONES, ts)

    await post(client, text="new", replace_original=True)
    assert [m.text for m in slack.ephemerals(RILEY)] == ["new"]

    await post(client, delete_original=True)
    assert not slack.ephemerals(RILEY)


async def test_what_cannot_be_shown_is_refused(slack: SlackSimulator) -> None:
    client = answering(slack, PHONES)
    assert await post(client) == 400
    assert await post(client, blocks=[{"type": "nope"}]) == 400
