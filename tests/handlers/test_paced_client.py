"""Calls that Slack has said it would refuse are not made."""

import aiohttp
import pytest

from bot.ports import TryLater, Undeliverable
from bot.sandbox.faults import Fault
from bot.sandbox.slack import SlackSimulator, slack_error
from bot.sandbox.slack.people import BOT_USER_ID, LEADERS, PHONES, RILEY
from bot.sandbox.slack.simulator import rate_limited
from handlers import web_api
from handlers.paced_client import PacedClient, Pauses
from tests.fakes import FakeClock

POST, UPDATE = "chat.postMessage", "chat.update"


@pytest.fixture
def paced(slack: SlackSimulator, session: aiohttp.ClientSession, clock: FakeClock) -> PacedClient:
    return PacedClient(
        clock,
        token=slack.state.bot_token,
        base_url=slack.api_url,
        session=session,
        retry_handlers=[],
    )


def test_a_post_holds_back_its_channel_alone(clock: FakeClock) -> None:
    pauses = Pauses(clock)
    pauses.add(POST, "C1", 30)
    clock.advance(seconds=10)

    assert pauses.left(POST, "C1") == 20
    assert pauses.left(POST, "C2") == 0
    assert pauses.left("chat.postEphemeral", "C1") == 0
    clock.advance(seconds=20)
    assert pauses.left(POST, "C1") == 0


def test_posts_in_two_channels_hold_back_all_posting_until_the_later_instant(
    clock: FakeClock,
) -> None:
    pauses = Pauses(clock)
    pauses.add(POST, "C1", 30)
    pauses.add(POST, "C2", 10)

    assert pauses.left(POST, "C3") == 30
    clock.advance(seconds=29)
    assert pauses.left(POST, "C3") == 1
    clock.advance(seconds=1)
    assert pauses.left(POST, "C3") == 0


def test_any_other_method_is_held_back_everywhere(clock: FakeClock) -> None:
    pauses = Pauses(clock)
    pauses.add(UPDATE, "C1", 30)

    assert pauses.left(UPDATE, "C2") == 30
    assert pauses.left("users.info", "") == 0


def test_a_clock_that_is_set_back_prolongs_no_pause(clock: FakeClock) -> None:
    pauses = Pauses(clock)
    pauses.add(UPDATE, "", 30)
    clock.advance(hours=-1)

    assert pauses.left(UPDATE, "") == 30


async def test_a_call_that_is_held_back_is_not_made(
    paced: PacedClient, slack: SlackSimulator, clock: FakeClock
) -> None:
    slack.faults.queue("users.info", rate_limited(30))
    for _ in range(3):
        with pytest.raises(TryLater) as later:
            await web_api.call(paced.users_info(user=RILEY))
        assert later.value.retry_after == 30
    assert slack.requests("users.info") == 1

    clock.advance(seconds=30)
    assert (await web_api.call(paced.users_info(user=RILEY)))["ok"]


async def test_the_channel_is_read_from_the_call(paced: PacedClient, slack: SlackSimulator) -> None:
    slack.workspace.channels[LEADERS].members.add(BOT_USER_ID)
    slack.faults.queue(POST, rate_limited(30))
    with pytest.raises(TryLater):
        await web_api.call(paced.chat_postMessage(channel=PHONES, text="x"))
    with pytest.raises(TryLater, match="held back"):
        await web_api.call(paced.chat_postMessage(channel=PHONES, text="x"))
    await web_api.call(paced.chat_postMessage(channel=LEADERS, text="x"))


@pytest.mark.parametrize("fault", [slack_error("internal_error"), slack_error("no_text")], ids=str)
async def test_other_refusals_hold_back_nothing(
    paced: PacedClient, slack: SlackSimulator, fault: Fault
) -> None:
    slack.faults.queue(POST, fault)
    with pytest.raises((TryLater, Undeliverable)):
        await web_api.call(paced.chat_postMessage(channel=PHONES, text="x"))
    await web_api.call(paced.chat_postMessage(channel=PHONES, text="x"))
