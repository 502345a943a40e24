"""The real Bolt, served by the simulator: signed HTTP and Socket Mode alike."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.slack import Answer, Retry, SlackSimulator
from bot.sandbox.slack.people import GENERAL, MORGAN, PHONES, RILEY
from tests.sandbox.toy_bot import now, over_http, over_socket_mode


@pytest.fixture(params=["http", "socket"])
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[SlackSimulator]:
    way = over_http if request.param == "http" else over_socket_mode
    async with SlackSimulator(now) as simulator, way(simulator):
        yield simulator


@pytest.fixture
async def slack_over_http() -> AsyncIterator[SlackSimulator]:
    async with SlackSimulator(now) as simulator, over_http(simulator):
        yield simulator


@pytest.fixture
async def slack_over_socket() -> AsyncIterator[SlackSimulator]:
    async with SlackSimulator(now) as simulator, over_socket_mode(simulator):
        yield simulator


async def test_a_command_is_answered_in_the_ack_for_its_author_alone(slack: SlackSimulator) -> None:
    answer = await slack.command("/line", user=RILEY, channel=PHONES)

    assert answer.ok
    assert [m.text for m in slack.ephemerals(RILEY)] == ["help"]
    assert not slack.ephemerals(MORGAN)
    assert not slack.messages(PHONES)


async def test_a_card_is_posted_clicked_and_changed_in_place(slack: SlackSimulator) -> None:
    await slack.command("/line buy x", user=RILEY, channel=PHONES)
    [card] = slack.messages(PHONES)

    assert (await slack.click(card, "Approve", user=MORGAN)).ok

    [changed] = slack.messages(PHONES)
    assert (changed.ts, changed.text, changed.blocks) == (
        card.ts,
        f"approved by <@{MORGAN}>",
        [],
    )
    assert [call.method for call in slack.calls()][-2:] == ["chat.postMessage", "chat.update"]


async def test_a_click_opens_a_modal_which_shows_errors_and_then_closes(
    slack: SlackSimulator,
) -> None:
    await slack.command("/line buy x", user=RILEY, channel=PHONES)
    await slack.click(slack.messages(PHONES)[0], "why", user=RILEY)
    [view] = slack.workspace.modals(RILEY)

    await slack.submit(view, {"typed": "no"})
    assert view.errors == {"reason": "Say more."}
    assert view.is_open

    await slack.submit(view, {"reason": "because"})
    assert not slack.workspace.modals(RILEY)


async def test_the_home_tab_is_published_when_it_is_opened(slack: SlackSimulator) -> None:
    assert (await slack.open_home(RILEY)).ok

    home = await slack.wait_for(lambda: slack.workspace.home(RILEY))
    assert home.body["blocks"][0]["text"]["text"] == "A *line*"


async def test_response_url_reaches_where_the_bot_is_not(slack: SlackSimulator) -> None:
    await slack.command("/line later", user=RILEY, channel=GENERAL)

    said = await slack.wait_for(lambda: slack.ephemerals(RILEY))
    assert [m.text for m in said] == ["said later"]


async def test_posting_where_the_bot_is_not_is_refused_as_by_slack(slack: SlackSimulator) -> None:
    slack.ack_seconds = (
        0.2  # the toy fails after the post is refused; over a socket it says nothing
    )

    await slack.command("/line buy x", user=RILEY, channel=GENERAL)

    [call] = slack.calls("chat.postMessage")
    assert call.answer == {"ok": False, "error": "not_in_channel"}


async def test_the_same_payload_can_come_again(slack: SlackSimulator) -> None:
    await slack.command("/line buy x", user=RILEY, channel=PHONES)
    [delivery] = slack.deliveries

    await slack.redeliver(delivery)

    assert len(slack.messages(PHONES)) == 2
    assert len(delivery.answers) == 2


async def test_a_command_nobody_answers_in_time_is_shown_as_slack_shows_it(
    slack_over_socket: SlackSimulator,
) -> None:
    slack_over_socket.ack_seconds = 0.05
    slack_over_socket.socket.mute = True

    answer = await slack_over_socket.command("/line", user=RILEY, channel=PHONES)

    assert (answer.status, answer.error) == (None, "operation_timeout")
    [said] = slack_over_socket.ephemerals(RILEY)
    assert said.text == '/line failed with the error "operation_timeout"'


async def test_an_answer_other_than_200_is_a_failed_dispatch(
    slack_over_http: SlackSimulator,
) -> None:
    answer = await slack_over_http.command("/line nothing", user=RILEY, channel=PHONES)

    assert answer.status == 500
    [said] = slack_over_http.ephemerals(RILEY)
    assert said.text == '/line failed with the error "dispatch_failed"'


async def test_an_app_that_is_down_is_a_failed_dispatch() -> None:
    async with SlackSimulator(now) as slack:
        slack.deliver_to("http://127.0.0.1:1/slack/events")
        over_http_ = await slack.command("/line", user=RILEY, channel=PHONES)
        slack.deliver_by_socket()
        over_socket = await slack.command("/line", user=RILEY, channel=PHONES)

    assert [a.error for a in (over_http_, over_socket)] == ["dispatch_failed"] * 2


async def test_a_wrong_signing_secret_is_refused_by_the_app(
    slack_over_http: SlackSimulator,
) -> None:
    link = slack_over_http._link
    link._secret = "another"  # type: ignore[attr-defined]  # the test's point is a foreign key

    answer = await slack_over_http.command("/line", user=RILEY, channel=PHONES)

    assert answer.status == 401


async def test_the_sdk_reconnects_when_slack_recycles_the_connection(
    slack_over_socket: SlackSimulator,
) -> None:
    slack = slack_over_socket
    [before] = slack.socket.connections

    await slack.socket.disconnect("refresh_requested")
    await slack.wait_for(lambda: [c for c in slack.socket.connections if c is not before])

    answer: Answer = await slack.command("/line", user=RILEY, channel=PHONES)
    assert answer.ok


async def test_events_say_that_they_are_retries(slack_over_socket: SlackSimulator) -> None:
    slack = slack_over_socket
    await slack.open_home(RILEY)
    [delivery] = slack.deliveries

    assert (await slack.redeliver(delivery, Retry(1))).ok
