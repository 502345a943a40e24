import json
from typing import Any

import pytest

from bot.domain.errors import FoundOnAccount
from bot.domain.policy import Terms
from bot.domain.purchase import REPEATABLE, Order, Status
from bot.sandbox.slack.validate import check_blocks, is_too_long
from bot.use_cases.answers import Story
from handlers import cards, ids
from handlers.answers import draw
from handlers.drawing import Drawing
from tests.handlers.purchases import NOW, NUMBER, RULES, purchase

ASK_APPROVERS = {Status.PENDING, Status.UNKNOWN, Status.CHARGED}
REASONS = {"short": "new desk", "markup": "<&>" * 166 + "<>", "quotes": '"' * 500, "none": ""}


def words(drawing: Drawing) -> str:
    return json.dumps(drawing.blocks, ensure_ascii=False)


def buttons(drawing: Drawing) -> dict[str, dict[str, Any]]:
    return {
        element["text"]["text"]: element
        for block in drawing.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    }


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("order", [Order(), NUMBER], ids=["line", "number"])
@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_slack_takes_every_card_and_report(status: Status, order: Order, reason: str) -> None:
    made = purchase(status, order=order, reason=reason, note=reason, second_number="+12125551234")

    for drawing in (cards.card(made, RULES), cards.report(made), cards.card(made, RULES).plain()):
        assert check_blocks(drawing.blocks) == []
        assert not is_too_long(drawing.blocks)
        assert 0 < len(drawing.text) < 4000


@pytest.mark.parametrize("status", Status)
def test_only_what_waits_for_somebody_has_buttons_and_only_questions_mention_approvers(
    status: Status,
) -> None:
    drawing = cards.card(purchase(status), RULES)

    assert bool(buttons(drawing)) == (status in ASK_APPROVERS | REPEATABLE)
    assert ("<!subteam^S0MANAGERS>, <@U0MAX00001>" in words(drawing)) == (status in ASK_APPROVERS)
    assert "`K7Q2`" in words(drawing)


@pytest.mark.parametrize("status", Status)
def test_a_report_has_no_buttons_and_pings_no_approver(status: Status) -> None:
    drawing = cards.report(purchase(status))

    assert not buttons(drawing)
    assert "S0MANAGERS" not in words(drawing)


@pytest.mark.parametrize("status", Status)
def test_the_preview_token_is_never_shown(status: Status) -> None:
    made = purchase(status)

    assert "lpv_secret" not in words(cards.card(made, RULES)) + words(cards.report(made))


@pytest.mark.parametrize("status", Status)
def test_what_people_typed_is_escaped_exactly_once(status: Status) -> None:
    drawing = cards.card(purchase(status, reason="R&D <!channel>"), RULES)

    assert "R&amp;D &lt;!channel&gt;" in words(drawing)
    assert "<!channel>" not in words(drawing) + drawing.text


@pytest.mark.parametrize("status", set(Status) - {Status.PROVISIONED})
def test_success_is_never_shown_before_the_provider_said_so(status: Status) -> None:
    assert not cards.card(purchase(status), RULES).text.startswith("Bought")


def test_a_pending_card_says_what_is_to_be_decided() -> None:
    drawing = cards.card(purchase(), RULES)
    said = words(drawing)

    assert "Approval wanted: a Sendblue line, $100.00 per month" in said
    assert "Requested by <@U0RILEY001>:\\n> new desk in Denver" in said
    assert "After this one: 1 of 3 left in 24 hours (used: counted from" in said
    assert "8 of 10 left in 30 days" in said
    assert ": approve or cancel by <!date^1779114600^" in said
    assert "({ago})" in said


def test_approving_asks_first_and_names_the_price() -> None:
    approve = buttons(cards.card(purchase(), RULES))["Approve"]

    assert approve["style"] == "primary"
    assert "$100.00" in approve["confirm"]["text"]["text"]
    assert "cannot be undone" in approve["confirm"]["text"]["text"]
    assert ids.split(approve["value"]) == ("7f" * 16, 3)


def test_cancel_is_one_click() -> None:
    pressed = buttons(cards.card(purchase(), RULES))

    assert list(pressed) == ["Approve", "Cancel"]
    assert "confirm" not in pressed["Cancel"]


def test_limits_that_nobody_read_are_left_out() -> None:
    assert "left in" not in words(cards.card(purchase(limits=None), RULES))


def test_a_lost_answer_asks_both_questions_and_warns() -> None:
    drawing = cards.card(purchase(Status.UNKNOWN), RULES)

    assert list(buttons(drawing)) == ["It was bought…", "Nothing was bought"]
    assert "confirm" in buttons(drawing)["Nothing was bought"]
    assert "no answer within 60 s" in words(drawing)
    assert "never send it a second time" in words(drawing)


def test_a_charge_without_a_number_asks_until_it_is_closed() -> None:
    drawing = cards.card(purchase(Status.CHARGED), RULES)
    closed = cards.card(
        purchase(Status.CHARGED, closed_at=NOW, closed_by="U0MAX00001", note="refunded"), RULES
    )

    assert list(buttons(drawing)) == ["It became a number…", "Close with a note…"]
    assert "card has been charged" in words(drawing)
    assert not buttons(closed)
    assert "Closed by <@U0MAX00001>:\\n> refunded" in words(closed)


def test_the_report_names_number_requester_approver_and_the_providers_ids() -> None:
    said = words(
        cards.report(
            purchase(
                Status.PROVISIONED,
                number="+14152007986",
                provider_ids={"worker_id": "worker_1", "subscription_id": "sub_1"},
            )
        )
    )

    for expected in (
        "+1 415-200-7986",
        "<@U0RILEY001>",
        "Approved by <@U0MORGAN01>",
        "worker_id `worker_1`",
        "subscription_id `sub_1`",
    ):
        assert expected in said


def test_both_numbers_of_a_double_purchase_are_reported() -> None:
    said = words(
        cards.report(
            purchase(
                Status.PROVISIONED,
                order=NUMBER,
                provider="magpipe",
                number="+16045551234",
                second_number="+12125551234",
            )
        )
    )

    assert "+1 604-555-1234" in said
    assert "+1 212-555-1234" in said
    assert "Main &lt;Line&gt;" in said
    assert "Front &amp; back" in said


def test_who_settled_a_lost_answer_is_named() -> None:
    said = words(
        cards.card(purchase(Status.PROVISIONED, number="+14152007986", settled_by="U0MAX"), RULES)
    )

    assert "<@U0MAX> looked" in said


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.CANCELLED, "Nothing was bought and nothing was spent."),
        (Status.EXPIRED, "Nothing was bought and nothing was spent."),
        (Status.REFUSED, "Nothing was bought."),
        (Status.FAILED, "Nothing was bought."),
        (Status.CHARGED, "card has been charged"),
        (Status.PROVISIONED, "card has been charged"),
    ],
)
def test_every_end_says_whether_money_moved(status: Status, said: str) -> None:
    made = purchase(status, cancelled_by="U0NORA0001", note="no budget")

    assert said in words(cards.card(made, RULES))


def test_a_cancel_says_who_and_why_and_what_to_type_next() -> None:
    said = words(
        cards.card(purchase(Status.CANCELLED, cancelled_by="U0MAX", note="no budget"), RULES)
    )

    assert "Cancelled by <@U0MAX>:\\n> no budget" in said
    assert "`/line buy`" in said


@pytest.mark.parametrize("status", [Status.REFUSED, Status.FAILED, Status.CHARGED, Status.UNKNOWN])
def test_a_record_without_a_reason_is_drawn_as_well(status: Status) -> None:
    made = purchase(status, why=None, price=None, expires_at=None, approver_id=None)

    assert check_blocks(cards.card(made, RULES).blocks) == []


def test_a_record_without_an_actor_is_drawn_as_well() -> None:
    assert "by somebody" in words(cards.card(purchase(Status.CANCELLED), RULES))


def test_nothing_in_a_card_can_break_out_of_a_code_span() -> None:
    made = purchase(Status.PROVISIONED, number="+14152007986", provider_ids={"id": "a`<!here>`"})

    assert "`a&lt;!here&gt;`" in words(cards.card(made, RULES))


def test_who_lost_the_card_decides_under_show() -> None:
    drawing = draw(Story(purchase(Status.UNKNOWN), []))
    assert list(buttons(drawing)) == ["It was bought…", "Nothing was bought"]


def test_a_report_has_no_buttons_and_points_to_the_card() -> None:
    drawing = cards.report(purchase(Status.UNKNOWN))
    assert buttons(drawing) == {}
    assert "Its card asks the approvers to settle this." in drawing.text


def test_a_card_s_plain_text_names_its_code_too() -> None:
    assert cards.card(purchase(), RULES).text.endswith("`K7Q2`")


def test_a_number_found_after_a_lost_answer_says_so() -> None:
    found = purchase(Status.PROVISIONED, number="+14152007986", why=FoundOnAccount().reason)
    assert "I found the number on the account" in cards.card(found, RULES).text


def test_who_waits_for_a_lost_answer_is_told_that_there_is_no_hurry() -> None:
    assert "there is no hurry. I keep looking at the Sendblue account" in words(
        cards.card(purchase(Status.UNKNOWN), RULES)
    )


def test_where_the_button_is_that_requests_again_only_the_report_says() -> None:
    expired = purchase(Status.EXPIRED)

    assert "on its card" not in cards.card(expired, RULES).text
    assert "*Request again* asks for the same" in cards.report(expired).text
    assert "The button is on its card." in cards.report(expired).text


@pytest.mark.parametrize(
    ("ping", "asked"),
    [
        (("U0MORGAN01", "U0MAX00001"), "<@U0MAX00001>: approve"),
        (("U0MORGAN01",), "<!subteam^S0SALES>, <@U0MAX00001>: approve"),
    ],
)
def test_whoever_has_approved_is_not_asked_again(ping: tuple[str, ...], asked: str) -> None:
    approvers = ("S0SALES", "U0MORGAN01", "U0MAX00001")
    terms = Terms(rule="two", approvers=approvers, quorum=2, ping=ping)
    details = {"terms": terms.as_json(), "votes": ["U0MORGAN01"]}

    assert f"\n{asked}" in f"\n{cards.card(purchase(details=details), RULES).text}"
