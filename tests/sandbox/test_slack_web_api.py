"""Slack's own refusals, through the real SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.faults import Fault
from bot.sandbox.slack import SlackSimulator, rate_limited, slack_error
from bot.sandbox.slack.people import (
    BOT_USER_ID,
    GENERAL,
    GUS,
    LEADERS,
    MAX,
    MORGAN,
    PHONE_MANAGERS,
    PHONES,
    RILEY,
    SAM,
)
from tests.sandbox.clock import Clock
from tests.sandbox.toy_bot import MODAL


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[SlackSimulator]:
    async with SlackSimulator(clock) as simulator:
        yield simulator


@pytest.fixture
def client(slack: SlackSimulator) -> AsyncWebClient:
    return AsyncWebClient(slack.state.bot_token, base_url=slack.api_url, retry_handlers=[])


async def refusal(client: AsyncWebClient, method: str, **args: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(method, json=args)
    return str(caught.value.response["error"])


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("chat.postMessage", {"channel": GENERAL, "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": LEADERS, "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0NOWHERE0", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": PHONES}, "no_text"),
        ("chat.postMessage", {"channel": PHONES, "text": "  "}, "no_text"),
        ("chat.postMessage", {"channel": PHONES, "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": PHONES, "blocks": [{"type": "nope"}]}, "invalid_blocks"),
        ("chat.update", {"channel": PHONES, "ts": "1.0", "text": "x"}, "message_not_found"),
        ("chat.postEphemeral", {"channel": PHONES, "text": "x"}, "invalid_arguments"),
        (
            "chat.postEphemeral",
            {"channel": PHONES, "user": "U0NOBODY00", "text": "x"},
            "user_not_found",
        ),
        ("conversations.open", {}, "users_list_not_supplied"),
        ("conversations.open", {"users": BOT_USER_ID}, "cannot_dm_bot"),
        ("conversations.info", {"channel": LEADERS}, "channel_not_found"),
        ("users.info", {"user": "U0NOBODY00"}, "user_not_found"),
        ("usergroups.users.list", {"usergroup": "S0NOTHING0"}, "no_such_subteam"),
        ("views.open", {"trigger_id": "1.2.3", "view": MODAL}, "invalid_trigger_id"),
        ("views.update", {"view_id": "V1", "view": MODAL}, "not_found"),
        ("apps.connections.open", {}, "not_allowed_token_type"),
        ("chat.invent", {}, "unknown_method"),
    ],
)
async def test_slack_says_no_by_its_own_name(
    client: AsyncWebClient, method: str, args: dict[str, Any], error: str
) -> None:
    assert await refusal(client, method, **args) == error


async def test_tokens_are_asked_for_and_checked(slack: SlackSimulator) -> None:
    for token, error in ((None, "not_authed"), ("xoxb-other", "invalid_auth")):
        client = AsyncWebClient(token, base_url=slack.api_url)
        assert await refusal(client, "auth.test") == error


async def test_a_revoked_token_and_a_missing_scope_are_refused(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.state.missing_scopes["users.info"] = "users:read"
    assert await refusal(client, "users.info", user=RILEY) == "missing_scope"

    slack.state.token_is_revoked = True
    assert await refusal(client, "auth.test") == "token_revoked"


async def test_the_bot_knows_who_it_is(client: AsyncWebClient) -> None:
    who = await client.auth_test()
    assert (who["user_id"], who["team"]) == (BOT_USER_ID, "Sandbox")


async def test_guests_and_strangers_can_be_told_apart(client: AsyncWebClient) -> None:
    guest = (await client.users_info(user=GUS))["user"]
    stranger = (await client.users_info(user=SAM))["user"]
    team = (await client.team_info())["team"]

    assert guest["is_restricted"]
    assert stranger["team_id"] != team["id"]


async def test_a_group_tells_its_members_where_the_plan_has_groups(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    members = await client.usergroups_users_list(usergroup=PHONE_MANAGERS)
    assert members["users"] == [MORGAN, MAX]

    slack.state.plan_has_user_groups = False
    error = await refusal(client, "usergroups.users.list", usergroup=PHONE_MANAGERS)
    assert error == "plan_upgrade_required"


async def test_an_archived_channel_takes_no_message(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.workspace.channels[PHONES].is_archived = True
    assert await refusal(client, "chat.postMessage", channel=PHONES, text="x") == "is_archived"


async def test_timestamps_rise_even_when_the_clock_stands(client: AsyncWebClient) -> None:
    stamps = [(await client.chat_postMessage(channel=PHONES, text="x"))["ts"] for _ in range(3)]
    assert stamps == sorted(set(stamps))


async def test_a_direct_message_can_be_opened_or_written_by_user_id(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    opened = (await client.conversations_open(users=RILEY))["channel"]["id"]
    posted = await client.chat_postMessage(channel=RILEY, text="hello")

    assert posted["channel"] == opened
    assert [m.text for m in slack.messages(opened)] == ["hello"]


async def test_text_alone_takes_the_blocks_away_and_marks_the_message_edited(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    blocks = [{"type": "divider"}]
    ts = (await client.chat_postMessage(channel=PHONES, text="x", blocks=blocks))["ts"]

    await client.chat_update(channel=PHONES, ts=ts, text="y", blocks=blocks)
    assert slack.messages(PHONES)[0].edited_ts is None

    await client.chat_update(channel=PHONES, ts=ts, text="z")
    [message] = slack.messages(PHONES)
    assert message.blocks == []
    assert message.edited_ts


async def test_only_own_messages_can_be_changed(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    ts = slack.workspace.post(PHONES, RILEY, "mine").ts
    assert (
        await refusal(client, "chat.update", channel=PHONES, ts=ts, text="x")
        == "cant_update_message"
    )
    assert await refusal(client, "chat.delete", channel=PHONES, ts=ts) == "cant_delete_message"


async def test_an_ephemeral_message_is_for_one_and_cannot_be_updated(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    posted = await client.chat_postEphemeral(channel=PHONES, user=RILEY, text="psst")

    assert [m.text for m in slack.messages(PHONES, RILEY)] == ["psst"]
    assert not slack.messages(PHONES, MORGAN)
    ts = posted["message_ts"]
    error = await refusal(client, "chat.update", channel=PHONES, ts=ts, text="x")
    assert error == "message_not_found"


async def test_a_trigger_opens_one_modal_within_three_seconds(
    slack: SlackSimulator, client: AsyncWebClient, clock: Clock
) -> None:
    first = slack.state.tickets.issue_trigger(RILEY)
    second = slack.state.tickets.issue_trigger(RILEY)
    clock.forward(seconds=2)
    await client.views_open(trigger_id=first, view=MODAL)
    clock.forward(seconds=2)

    error = await refusal(client, "views.open", trigger_id=first, view=MODAL)
    assert error == "exchanged_trigger_id"
    error = await refusal(client, "views.open", trigger_id=second, view=MODAL)
    assert error == "expired_trigger_id"
    assert len(slack.workspace.modals(RILEY)) == 1


async def test_an_old_hash_does_not_update_a_view(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    trigger = slack.state.tickets.issue_trigger(RILEY)
    view = (await client.views_open(trigger_id=trigger, view=MODAL))["view"]
    await client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)

    error = await refusal(client, "views.update", view_id=view["id"], hash=view["hash"], view=MODAL)
    assert error == "hash_conflict"


async def test_home_cannot_show_what_only_messages_can(client: AsyncWebClient) -> None:
    view = {"type": "home", "blocks": [{"type": "markdown", "text": "# x"}]}
    error = await refusal(client, "views.publish", user_id=RILEY, view=view)
    assert error == "invalid_arguments"


async def test_block_types_the_workspace_does_not_have_yet_are_refused(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    blocks = [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}]
    await client.chat_postMessage(channel=PHONES, text="x", blocks=blocks)

    slack.state.refused_blocks.add("table")
    error = await refusal(client, "chat.postMessage", channel=PHONES, text="x", blocks=blocks)
    assert error == "invalid_blocks"


async def test_blocks_can_be_validated_without_being_posted(client: AsyncWebClient) -> None:
    assert (await client.api_call("blocks.validate", json={"blocks": [{"type": "divider"}]}))["ok"]
    with pytest.raises(SlackApiError) as caught:
        await client.api_call("blocks.validate", json={"blocks": [{"type": "divide"}]})
    assert caught.value.response["errors"][0]["pointer"] == "/blocks/0/type"


async def test_queued_faults_happen_once_and_in_order(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.faults.queue("chat.postMessage", rate_limited(2))
    slack.faults.queue("chat.postMessage", slack_error("restricted_action"))
    slack.faults.queue("chat.postMessage", Fault(cut="after"))

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=PHONES, text="1")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "2"
    error = await refusal(client, "chat.postMessage", channel=PHONES, text="2")
    assert error == "restricted_action"
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=PHONES, text="3")
    await client.chat_postMessage(channel=PHONES, text="4")

    assert [m.text for m in slack.messages(PHONES)] == ["3", "4"]
    assert slack.requests("chat.postMessage") == 4


async def test_waiting_for_what_does_not_come_says_what_was_there(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel=PHONES, text="hello")
    with pytest.raises(TimeoutError, match="hello"):
        await slack.wait_for(lambda: slack.messages(GENERAL), timeout=0.01)


async def test_a_body_that_is_no_json_object_is_refused(slack: SlackSimulator) -> None:
    headers = {"Authorization": f"Bearer {slack.state.bot_token}"}
    said = []
    async with aiohttp.ClientSession(headers=headers) as session:
        for body in ("{", "[]"):
            json = {"Content-Type": "application/json"}
            url = f"{slack.api_url}auth.test"
            async with session.post(url, data=body, headers=json) as answer:
                said.append((await answer.json())["error"])
    assert said == ["invalid_json", "json_not_object"]


async def test_a_reply_can_be_told_to_the_whole_channel(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    first = await client.chat_postMessage(channel=PHONES, text="a card")
    await client.chat_postMessage(channel=PHONES, text="here", thread_ts=first["ts"])
    told = await client.chat_postMessage(
        channel=PHONES, text="everywhere", thread_ts=first["ts"], reply_broadcast=True
    )
    assert told["message"]["subtype"] == "thread_broadcast"
    assert [m.is_broadcast for m in slack.messages(PHONES)] == [False, False, True]
