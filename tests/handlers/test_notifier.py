from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import Reason
from bot.domain.purchase import Status
from bot.ports import CardGone, Kind, Message, TryLater, Undeliverable
from bot.sandbox.faults import Fault
from bot.sandbox.slack import SlackSimulator, rate_limited, slack_error
from bot.sandbox.slack.people import GENERAL, LEADERS, PHONES, RILEY
from bot.use_cases.answers import OpenPurchases
from handlers.drawing import Drawing
from handlers.notifier import SlackMessenger
from handlers.response_url import ResponseUrls
from tests.handlers.purchases import NOW, RULES, purchase
from tests.handlers.test_alerts import raised
from tests.handlers.test_limits_drawn import asked, days, types

PLAIN_CARD = Drawing([], "words")
PLAIN = Reason("AlreadyApproved", {"code": "K7Q2", "approver": "U0MAX00001"})


@pytest.fixture
def messenger(
    client: AsyncWebClient, session: aiohttp.ClientSession, slack: SlackSimulator
) -> SlackMessenger:
    return SlackMessenger(client, ResponseUrls(session, slack.api_url), RULES)


def to_riley(**changes: Any) -> Message:
    known: dict[str, Any] = {
        "id": "m1",
        "kind": Kind.REPLY,
        "user_id": RILEY,
        "channel_id": PHONES,
        "created_at": NOW,
    }
    return Message(**(known | changes))


async def test_a_card_is_posted_and_redrawn_in_place(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    ts = await messenger.post_card(PHONES, purchase())
    await messenger.update_card(PHONES, ts, purchase(Status.CANCELLED))

    (card,) = slack.messages(PHONES)
    assert card.ts == ts
    assert card.text.startswith("Cancelled")
    assert not [block for block in card.blocks if block["type"] == "actions"]
    assert slack.calls("chat.postMessage")[0].args["unfurl_links"] in {False, "0", "false"}


async def test_a_deleted_card_is_gone(messenger: SlackMessenger, slack: SlackSimulator) -> None:
    ts = await messenger.post_card(PHONES, purchase())
    slack.workspace.posts[0].deleted = True

    with pytest.raises(CardGone, match="message_not_found"):
        await messenger.update_card(PHONES, ts, purchase())


async def test_other_refusals_of_an_update_are_not_a_lost_card(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    slack.faults.queue("chat.update", slack_error("missing_scope"))

    with pytest.raises(Undeliverable) as refused:
        await messenger.update_card(PHONES, "1.0", purchase())

    assert not isinstance(refused.value, CardGone)


@pytest.mark.parametrize(
    ("channel", "error"), [(GENERAL, "not_in_channel"), (LEADERS, "channel_not_found")]
)
async def test_a_channel_without_the_bot_takes_no_card(
    messenger: SlackMessenger, channel: str, error: str
) -> None:
    with pytest.raises(Undeliverable, match=error):
        await messenger.post_card(channel, purchase())


async def test_a_lost_answer_is_not_posted_twice_by_itself(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    slack.faults.queue("chat.postMessage", Fault(cut="after"))

    with pytest.raises(TryLater):
        await messenger.post_card(PHONES, purchase())

    assert slack.requests("chat.postMessage") == 1


async def test_throttling_says_how_long_to_wait(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    slack.faults.queue("chat.update", rate_limited(30))

    with pytest.raises(TryLater) as later:
        await messenger.update_card(PHONES, "1.0", purchase())

    assert later.value.retry_after == 30


async def test_refused_blocks_are_sent_plainer_with_their_buttons(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    slack.state.refused_blocks.add("context")

    await messenger.post_card(PHONES, purchase())

    (card,) = slack.messages(PHONES)
    assert [block["type"] for block in card.blocks] == ["section", "actions"]


async def test_where_no_blocks_are_taken_the_words_still_go_out(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    ts = await messenger.post_card(PHONES, purchase())
    slack.state.refused_blocks.add("section")

    await messenger.update_card(PHONES, ts, purchase(Status.CANCELLED))

    (card,) = slack.messages(PHONES)
    assert card.blocks == []
    assert card.text.startswith("Cancelled")


async def test_a_report_goes_to_a_channel_or_to_a_person(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    bought = purchase(Status.PROVISIONED, number="+14152007986")
    await messenger.report(PHONES, bought)
    await messenger.report(RILEY, bought)

    direct = slack.workspace.im_of(RILEY).id
    for channel in (PHONES, direct):
        (message,) = slack.messages(channel)
        assert ". Bought: +1 415-200-7986" in message.text


async def test_a_reply_takes_the_response_url_first(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    url = slack.state.tickets.issue_response_url(RILEY, GENERAL)

    await messenger.reply(to_riley(response_url=url, channel_id=GENERAL), PLAIN)

    (told,) = slack.ephemerals(RILEY)
    assert (told.channel, told.text[:13]) == (GENERAL, "<@U0MAX00001>")


@pytest.mark.parametrize("status", [404, 410])
async def test_a_used_up_response_url_is_followed_by_a_whisper(
    messenger: SlackMessenger, slack: SlackSimulator, status: int
) -> None:
    url = slack.state.tickets.issue_response_url(RILEY, PHONES)
    slack.faults.queue("/response_url", Fault(status=status, body={"error": "used_url"}))

    await messenger.reply(to_riley(response_url=url), OpenPurchases([purchase()]))

    assert slack.requests("chat.postEphemeral") == 1
    (told,) = slack.ephemerals(RILEY)
    assert told.text.startswith("Open purchases")


async def test_where_nobody_can_be_whispered_to_it_goes_directly(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    await messenger.reply(to_riley(channel_id=GENERAL), PLAIN)
    await messenger.reply(to_riley(channel_id="D0SOMEBODY"), PLAIN)
    await messenger.reply(to_riley(channel_id=None), PLAIN)

    assert len(slack.messages(slack.workspace.im_of(RILEY).id)) == 3


async def test_a_response_url_elsewhere_is_never_posted_to(
    messenger: SlackMessenger, slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    for url in ("http://localhost:1/x", "https://hooks.slack.com/x", "http://[", "x"):
        await messenger.reply(to_riley(response_url=url), PLAIN)

    assert slack.requests("chat.postEphemeral") == 4
    assert not await ResponseUrls(session).post("https://hooks.slack.com.evil.example/", PLAIN_CARD)


@pytest.mark.parametrize("fault", [rate_limited(3), Fault(status=500), Fault(cut="before")])
async def test_a_response_url_in_trouble_is_tried_again_later(
    messenger: SlackMessenger, slack: SlackSimulator, fault: Fault
) -> None:
    url = slack.state.tickets.issue_response_url(RILEY, PHONES)
    slack.faults.queue("/response_url", fault)

    with pytest.raises(TryLater) as later:
        await messenger.reply(to_riley(response_url=url), PLAIN)

    assert "key=" not in str(later.value)


async def test_a_response_url_that_takes_no_blocks_gets_the_words(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    url = slack.state.tickets.issue_response_url(RILEY, PHONES)
    slack.state.refused_blocks.add("section")

    await messenger.reply(to_riley(response_url=url), OpenPurchases([]))

    (told,) = slack.ephemerals(RILEY)
    assert told.blocks == []


@pytest.mark.parametrize(
    ("body", "is_taken"), [(b"ok", True), (b"", True), (b"<html>", False), (b'{"ok":true}', True)]
)
async def test_only_a_clear_yes_counts_as_said(
    messenger: SlackMessenger, slack: SlackSimulator, body: bytes, *, is_taken: bool
) -> None:
    url = slack.state.tickets.issue_response_url(RILEY, PHONES)
    slack.faults.queue("/response_url", Fault(status=200, body=body))

    await messenger.reply(to_riley(response_url=url), PLAIN)

    assert slack.requests("chat.postEphemeral") == (0 if is_taken else 1)


async def test_an_alert_is_posted_redrawn_and_followed_in_its_thread(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    told = raised(channel_id=PHONES)
    told = replace(told, ts=await messenger.post_alert(told))
    over = replace(told, ended_at=NOW)
    await messenger.update_alert(over)
    await messenger.recovered(over)

    posted, followed = slack.messages(PHONES)
    assert posted.ts == told.ts
    assert "Over since" in posted.text
    assert not [block for block in posted.blocks if block["type"] == "actions"]
    assert followed.thread_ts == told.ts
    assert followed.text.startswith("Back to normal")


async def test_a_deleted_alert_is_gone(messenger: SlackMessenger) -> None:
    with pytest.raises(CardGone, match="message_not_found"):
        await messenger.update_alert(raised(channel_id=PHONES))


@pytest.mark.parametrize("way_out", ["response_url", "whisper"])
async def test_a_workspace_without_charts_gets_a_table(
    messenger: SlackMessenger, slack: SlackSimulator, way_out: str
) -> None:
    url = slack.state.tickets.issue_response_url(RILEY, PHONES)
    message = to_riley(response_url=url if way_out == "response_url" else None)
    content = asked(per_day=days(0, 20))

    await messenger.reply(message, content)
    slack.state.refused_blocks.add("data_visualization")
    await messenger.reply(message, content)

    drawn, plain = slack.ephemerals(RILEY)
    assert [block["type"] for block in drawn.blocks].count("data_visualization") == 2
    assert types(plain.blocks) == {"section", "context"}
    assert "18 May       1" in str(plain.blocks)
    assert "*24 hours*: 1 of 3 used" in str(plain.blocks)
    assert slack.requests("chat.postEphemeral") == (0 if way_out == "response_url" else 3)


async def test_where_no_blocks_are_taken_the_limits_are_still_told(
    messenger: SlackMessenger, slack: SlackSimulator
) -> None:
    slack.state.refused_blocks |= {"data_visualization", "section"}
    url = slack.state.tickets.issue_response_url(RILEY, PHONES)

    await messenger.reply(to_riley(response_url=url), asked(per_day=days(0)))

    (told,) = slack.ephemerals(RILEY)
    assert told.blocks == []
    assert "18 May: 1 bought" in told.text
