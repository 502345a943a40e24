import json
from typing import Any

import pytest

from bot.domain.decision import Action
from handlers import ids, modals, payloads
from handlers.payloads import Click, Origin, Snooze, Submission, Unreadable

CLICK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U0MORGAN01"},
    "trigger_id": "1.2.3",
    "response_url": "https://hooks.slack.com/actions/secret",
    "container": {"type": "message", "message_ts": "1.000", "channel_id": "C0PHONES01"},
    "channel": {"id": "C0PHONES01"},
    "actions": [{"action_id": ids.APPROVE, "value": "abc:3"}],
}
READ = Click(
    origin=Origin(
        user_id="U0MORGAN01",
        channel_id="C0PHONES01",
        trigger_id="1.2.3",
        response_url="https://hooks.slack.com/actions/secret",
    ),
    action=Action.APPROVE,
    purchase_id="abc",
    revision=3,
    message_ts="1.000",
)


def filled(callback_id: str, text: str | None, metadata: str | None = None) -> dict[str, Any]:
    return {
        "type": "view_submission",
        "user": {"id": "U0MORGAN01"},
        "trigger_id": "4.5.6",
        "view": {
            "callback_id": callback_id,
            "private_metadata": payloads.metadata(READ) if metadata is None else metadata,
            "state": {"values": {ids.INPUT_BLOCK: {ids.INPUT: {"value": text}}}},
        },
    }


def test_a_click_is_read() -> None:
    assert payloads.click(CLICK) == READ


def test_channel_and_message_are_found_where_the_container_has_none() -> None:
    body = {**CLICK, "container": {}, "message": {"ts": "2.000"}}

    read = payloads.click(body)

    assert isinstance(read, Click)
    assert (read.origin.channel_id, read.message_ts) == ("C0PHONES01", "2.000")


def test_a_private_answer_is_no_copy_of_the_card() -> None:
    private = {**CLICK, "container": {**CLICK["container"], "is_ephemeral": True}}

    read = payloads.click(private)

    assert isinstance(read, Click)
    assert read.message_ts is None


def test_the_response_url_is_not_in_repr() -> None:
    assert "secret" not in repr(payloads.click(CLICK))


@pytest.mark.parametrize(
    "changes",
    [
        {"user": None},
        {"user": {"id": 7}},
        {"trigger_id": ""},
        {"actions": []},
        {"actions": "x"},
        {"actions": ["x"]},
        {"actions": [{"action_id": "other", "value": "abc:3"}]},
        {"actions": [{"action_id": ids.APPROVE}]},
        {"actions": [{"action_id": ids.APPROVE, "value": "abc"}]},
        {"actions": [{"action_id": ids.APPROVE, "value": "abc:x"}]},
        {"actions": [{"action_id": ids.APPROVE, "value": "abc:²"}]},
        {"actions": [{"action_id": ids.APPROVE, "value": ":3"}]},
    ],
)
def test_an_odd_click_gets_a_sentence(changes: dict[str, Any]) -> None:
    assert isinstance(payloads.click({**CLICK, **changes}), Unreadable)


def test_a_number_is_read_in_any_spelling() -> None:
    assert payloads.submission(filled(ids.BOUGHT_FORM, " (415) 200-7986")) == Submission(
        origin=Origin(user_id="U0MORGAN01", channel_id="C0PHONES01", trigger_id="4.5.6"),
        action=Action.BOUGHT,
        purchase_id="abc",
        revision=3,
        number="+14152007986",
        message_ts="1.000",
    )


def test_a_note_is_read() -> None:
    read = payloads.submission(filled(ids.CLOSE_FORM, " refunded \n on Monday "))

    assert isinstance(read, Submission)
    assert (read.action, read.note) == (Action.CLOSE, "refunded on Monday")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (filled(ids.BOUGHT_FORM, None), "No number was given"),
        (filled(ids.BOUGHT_FORM, "555"), "too short"),
        (filled(ids.CLOSE_FORM, "  "), "Write down how it was sorted out."),
        (filled(ids.CLOSE_FORM, "x" * 501), "Your note has 501 characters; 500 fit."),
        (filled("other", "x"), "not one of mine"),
        (filled(ids.CLOSE_FORM, "x", "{"), "not one of mine"),
        (filled(ids.CLOSE_FORM, "x", "[]"), "not one of mine"),
        (filled(ids.CLOSE_FORM, "x", json.dumps({"key": 7})), "not one of mine"),
        ({"view": "x"}, "did not say who"),
        ({**filled(ids.CLOSE_FORM, "x"), "view": "x"}, "not one of mine"),
    ],
)
def test_what_has_to_be_corrected_is_said(body: dict[str, Any], said: str) -> None:
    read = payloads.submission(body)

    assert isinstance(read, Unreadable)
    assert said in read.sentence


def test_a_form_carries_along_what_it_is_about() -> None:
    view = modals.form(READ)

    assert len(view["private_metadata"]) < 3000
    assert payloads.submission(
        filled(ids.CLOSE_FORM, "x", view["private_metadata"])
    ) == payloads.submission(filled(ids.CLOSE_FORM, "x"))


def test_the_button_of_an_alert_is_read() -> None:
    body = {**CLICK, "actions": [{"action_id": ids.SNOOZE, "value": "a1" * 16}]}

    assert payloads.click(body) == Snooze(READ.origin, "a1" * 16)


@pytest.mark.parametrize("value", ["", "x" * 65, "a b", "a\n", "<!here>", None, 7])
def test_an_alert_that_cannot_be_one_is_refused(value: object) -> None:
    body = {**CLICK, "actions": [{"action_id": ids.SNOOZE, "value": value}]}

    assert isinstance(payloads.click(body), Unreadable)
