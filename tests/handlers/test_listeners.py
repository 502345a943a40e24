"""Slack's ways in, through Bolt's own matching; what they wrote down is in a real database."""

import asyncio
import json
from dataclasses import replace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.decision import Action
from bot.ports import Kind
from bot.sandbox.slack import SlackSimulator, slack_error
from bot.sandbox.slack.people import PHONES, RILEY
from handlers import ids
from handlers.tasks import Tasks
from tests.desk import Desk
from tests.handlers.front import Front, SignallingMessenger


@pytest.fixture
def front(desk: Desk, slack: SlackSimulator, client: AsyncWebClient) -> Front:
    return Front(desk, slack, client)


async def test_a_request_is_stored_and_its_code_told(front: Front) -> None:
    answer = await front.type("buy new &amp; big desk")

    (stored,) = await front.desk.all()
    assert stored.reason == "new & big desk"
    assert (stored.requester_id, stored.channel_id) == (RILEY, PHONES)
    assert answer == {
        "text": (
            f"Asking Sendblue for a line. The card `{stored.code}` comes here in a moment, or I"
            " tell you why not."
        ),
        "response_type": "ephemeral",
    }


async def test_where_cards_go_elsewhere_the_answer_says_so(front: Front) -> None:
    front.listen(rules=replace(front.desk.ports.rules, approval_channel="C0APPROVE"))

    assert "comes to <#C0APPROVE> in a moment" in (await front.type("buy"))["text"]
    assert "comes here" in (await front.type("buy", channel_id="C0APPROVE"))["text"]
    assert "comes to <#C0APPROVE>" in (await front.type("buy", channel_id="D1"))["text"]


async def test_in_a_direct_message_nobody_could_approve(front: Front) -> None:
    for channel_id in ("D0RILEY", None):
        answer = await front.type("buy", channel_id=channel_id)
        assert "nothing was requested" in answer["text"]

    assert await front.desk.all() == []


async def test_help_comes_with_the_ack(front: Front) -> None:
    answer = await front.type("by a line")

    assert "Did you mean `/line buy`?" in answer["text"]
    assert answer["blocks"]
    assert answer["response_type"] == "ephemeral"


async def test_what_cannot_be_done_is_said_with_the_ack(front: Front) -> None:
    assert "612 characters" in (await front.type("buy " + "x" * 612))["text"]
    assert "who did this" in (await front.type("buy", user_id=None))["text"]
    assert await front.desk.all() == []


async def test_a_number_without_credentials_is_refused_at_once(front: Front) -> None:
    answer = await front.type("provision +16045551234", command="/number")

    assert "Magpipe is not set up here" in answer["text"]
    assert await front.desk.all() == []


async def test_a_line_without_credentials_is_refused_at_once(front: Front) -> None:
    front.listen(providers={})

    assert "not set up here" in (await front.type("buy"))["text"]


async def test_a_reading_command_is_answered_later(front: Front) -> None:
    assert await front.type("history <@U0MAX00001|max>") == {"text": ""}

    (owed,) = await front.owed()
    assert (owed.kind, owed.user_id, owed.body["of"]) == (Kind.ANSWER, RILEY, "U0MAX00001")


@pytest.mark.parametrize("command", [ids.LINE, ids.NUMBER])
async def test_a_typed_decision_is_written_down(front: Front, command: str) -> None:
    purchase = await front.desk.buy()

    answer = await front.type(f"cancel {purchase.code.lower()} no budget", command=command)

    (decision,) = await front.decided()
    assert (decision.action, decision.note) == (Action.CANCEL, "no budget")
    assert (decision.purchase_id, decision.actor_id) == (purchase.id, RILEY)
    assert answer["text"].startswith(f"Written down: cancel `{purchase.code}`.")


async def test_an_unknown_code_names_the_command_that_was_typed(front: Front) -> None:
    answer = await front.type("approve ZZZZ", command="/number")

    assert "`ZZZZ`" in answer["text"]
    assert "`/number pending`" in answer["text"]


async def test_a_click_is_written_down(front: Front) -> None:
    purchase = await front.desk.buy()

    assert await front.press(ids.APPROVE, ids.join(purchase.id, 7)) == {"text": ""}

    (decision,) = await front.decided()
    assert (decision.action, decision.revision) == (Action.APPROVE, 7)
    assert (decision.channel_id, decision.message_ts) == (PHONES, "1.0")
    assert decision.response_url == "https://hooks.slack.com/actions/1"


async def test_a_click_on_nothing_known_is_answered_privately(front: Front) -> None:
    await front.press(ids.APPROVE, "nosuch:1")
    await front.press("older.button", "x")

    owed = await front.owed()
    assert {message.body["name"] for message in owed} == {"UnknownCard", "Unreadable"}
    assert {message.user_id for message in owed} == {RILEY}


@pytest.mark.parametrize(
    ("action_id", "callback_id"),
    [(ids.BOUGHT, ids.BOUGHT_FORM), (ids.CLOSE, ids.CLOSE_FORM)],
)
async def test_a_button_that_needs_more_opens_a_form(
    front: Front, action_id: str, callback_id: str
) -> None:
    await front.press(action_id, "abc:3")

    (view,) = await front.slack.wait_for(lambda: front.slack.workspace.modals(RILEY))
    assert view.body["callback_id"] == callback_id
    assert json.loads(view.body["private_metadata"])["key"] == "abc:3"


async def test_a_form_that_does_not_open_is_said(front: Front) -> None:
    front.slack.faults.queue("views.open", slack_error("expired_trigger_id"))
    stored = asyncio.Event()
    front.listen(wake=stored.set)

    await front.press(ids.CLOSE, "abc:3")
    await asyncio.wait_for(stored.wait(), 5)

    assert [message.body["name"] for message in await front.owed()] == ["FormNotOpened"]


async def test_a_filled_in_form_is_written_down(front: Front) -> None:
    purchase = await front.desk.buy()

    answer = await front.fill_in(ids.BOUGHT_FORM, ids.join(purchase.id, 1), "415 200 7986")

    (decision,) = await front.decided()
    assert (decision.action, decision.number) == (Action.BOUGHT, "+14152007986")
    assert answer == {"text": ""}


@pytest.mark.parametrize(
    ("value", "text", "said"),
    [("abc:1", "555", "too short"), ("abc:1", "(415) 200-7986", "I know no purchase")],
)
async def test_a_form_says_under_its_input_what_is_wrong(
    front: Front, value: str, text: str, said: str
) -> None:
    answer = await front.fill_in(ids.BOUGHT_FORM, value, text)

    assert answer["response_action"] == "errors"
    assert said in answer["errors"][ids.INPUT_BLOCK]
    assert "`" not in answer["errors"][ids.INPUT_BLOCK]


async def test_a_database_that_cannot_is_a_sentence_and_no_incident(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    await front.desk.store.close()

    answer = await front.type("buy")

    assert answer["text"].startswith("Dialtone's database does not answer right now")
    assert "nothing was bought" in answer["text"]
    (record,) = [each for each in caplog.records if each.message == "listener.store_away"]
    assert record.exc_info is None
    assert record.__dict__["why"] == "The database is closed already."


async def test_a_form_that_cannot_be_stored_says_so_under_its_input(front: Front) -> None:
    await front.desk.store.close()

    answer = await front.fill_in(ids.BOUGHT_FORM, "abc:1", "415 200 7986")

    assert "database does not answer" in answer["errors"][ids.INPUT_BLOCK]


async def test_a_bug_is_a_sentence_with_an_incident_that_is_in_the_log(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise LookupError("on purpose")

    front.listen(wake=broken)

    answer = await front.type("buy")

    (record,) = [each for each in caplog.records if each.message == "listener.broke"]
    incident: str = record.__dict__["incident"]
    assert f"incident `{incident}`" in answer["text"]
    assert len(incident) == 8
    assert record.exc_info


async def test_a_click_that_cannot_even_be_stored_is_answered_at_once(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    messenger = SignallingMessenger()
    front.listen(messenger=messenger)
    await front.desk.store.close()

    await front.press(ids.APPROVE, "abc:1")
    await asyncio.wait_for(messenger.replied.wait(), 5)

    ((message, reason),) = messenger.replies
    assert (message.user_id, reason.name) == (RILEY, "NotStored")
    said = [each for each in caplog.records if each.message.startswith("listener.")]
    assert {each.message for each in said} == {"listener.store_away", "listener.reply_not_stored"}
    assert not any(each.exc_info for each in said)


async def test_a_click_by_nobody_is_acknowledged(front: Front) -> None:
    body = {"type": "block_actions", "actions": [{"action_id": "x", "type": "button"}]}

    assert await front.send(body) == {"text": ""}
    assert await front.owed() == []


async def test_a_task_that_breaks_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def breaking() -> None:
        broke.set()
        raise LookupError("on purpose")

    broke, tasks = asyncio.Event(), Tasks()
    tasks.start(breaking())
    await broke.wait()
    await asyncio.sleep(0)

    assert "task.broke" in caplog.text


async def test_a_snooze_is_written_down_to_be_judged_by_the_loop(front: Front) -> None:
    await front.press(ids.SNOOZE, "a1" * 16)

    (owed,) = await front.owed()
    assert owed.kind is Kind.ANSWER
    assert owed.body == {"ask": "snooze", "provider": "", "alert_id": "a1" * 16}
    assert (owed.user_id, owed.channel_id) == (RILEY, PHONES)


async def test_a_snooze_of_no_alert_is_answered_privately(front: Front) -> None:
    await front.press(ids.SNOOZE, "<!here>")

    (owed,) = await front.owed()
    assert (owed.kind, owed.body["name"]) == (Kind.REPLY, "Unreadable")
