"""Cards of chosen numbers: the second number, what was not checked, other prices, alternatives."""

import json
from typing import Any

import pytest

from bot.domain.errors import CarrierRefused, ChargedWithoutNumber, NumberGone, Reason
from bot.domain.policy import Terms
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Status
from bot.ports import AuditRow
from bot.sandbox.slack.validate import check_blocks, is_too_long
from bot.use_cases.answers import Story
from handlers import answers, cards, ids
from handlers.drawing import Drawing
from handlers.wording import alternatives, say
from tests.handlers.purchases import NOW, RULES, purchase

OTHERS = ["+16045550001", "+16045550002", "+16045550003", "+16045550004"]


def canadian(status: Status = Status.PENDING, **changes: Any) -> Purchase:
    known: dict[str, Any] = {
        "provider": "magpipe",
        "order": Order(
            number="+16045551234",
            name="☎️ “Main” <Line>" + "é" * 180,
            agent_id="a-1",
            agent_name="Frida",
        ),
        "price": Price.parse("4.00 USD"),
        "details": {"second_number": True},
        "limits": None,
    }
    return purchase(status, **(known | changes))


def gone(**changes: Any) -> Purchase:
    error = NumberGone(provider="Magpipe", number="+16045551234", alternatives=OTHERS)
    return canadian(Status.FAILED, **({"why": error.reason} | changes))


def card(made: Purchase) -> Drawing:
    return cards.card(made, RULES)


def buttons(drawing: Drawing) -> list[dict[str, Any]]:
    (row,) = [block for block in drawing.blocks if block["type"] == "actions"]
    found: list[dict[str, Any]] = row["elements"]
    return found


@pytest.mark.parametrize("status", Status)
def test_slack_takes_every_card_and_report(status: Status) -> None:
    details = {
        "second_number": True,
        "offered": "not checked",
        "ours": "not checked",
        "price_was": "2.00 USD",
    }
    made = canadian(status, details=details, why=gone().why, reason="<&>" * 166, note="<&>" * 166)

    for drawing in (card(made), cards.report(made), card(made).plain()):
        assert check_blocks(drawing.blocks) == []
        assert not is_too_long(drawing.blocks)
        assert 0 < len(drawing.text) < 4000


def test_the_second_number_is_named_before_approving() -> None:
    drawing = card(canadian())

    headline, *_ = drawing.text.splitlines()
    assert headline == (
        "Approval wanted: the Magpipe number +1 604-555-1234 and a second, US, number,"
        " $4.00 per month"
    )
    assert "*Two numbers are bought:* with a Canadian number Magpipe always buys" in drawing.text
    assert "$4.00 per month is for both." in drawing.text


def test_the_dialog_of_approve_names_both_numbers_too() -> None:
    asked = buttons(card(canadian()))[0]["confirm"]

    assert asked["title"]["text"] == "Buy both for $4.00?"
    assert "Magpipe buys a second, US, number with it." in asked["text"]["text"]
    assert "$4.00 per month for both numbers" in asked["text"]["text"]


@pytest.mark.parametrize("status", [Status.APPROVED, Status.CONFIRMING, Status.UNKNOWN])
def test_until_it_is_settled_the_second_number_stays_named(status: Status) -> None:
    assert "and a second, US, number" in card(canadian(status)).text.splitlines()[0]


@pytest.mark.parametrize("details", [{}, {"second_number": "yes"}, {"second_number": None}])
def test_of_a_single_number_no_second_one_is_said(details: dict[str, Any]) -> None:
    made = canadian(details=details)

    assert "second" not in json.dumps(card(made).blocks)
    assert buttons(card(made))[0]["confirm"]["title"]["text"] == "Buy it for $4.00?"


def test_what_was_not_checked_is_on_the_card() -> None:
    def said(**details: Any) -> str:
        return card(canadian(details=details)).text

    both = said(offered="not checked", ours="not checked")
    assert "whether it is still for sale and whether it is on the account already;" in both
    assert "*Not checked:* whether it is still for sale; Magpipe" in said(offered="not checked")
    assert "*Not checked:* whether it is on the account already;" in said(ours="not checked")
    assert "Not checked" not in said()


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (
            "2.00 USD",
            (
                "The price changed from $2.00 to $4.00 since it was approved; nothing was bought."
                " Please decide again."
            ),
        ),
        ("<odd>", "The price changed from &lt;odd&gt; to $4.00 since"),
        ("4.00 USD", "What was to be bought has changed since it was approved; nothing was"),
    ],
)
def test_why_it_is_asked_again_comes_first(before: str, said: str) -> None:
    drawing = card(canadian(details={"price_was": before}))

    assert said in drawing.blocks[1]["text"]["text"]


@pytest.mark.parametrize("details", [{}, {"price_was": 2}])
def test_what_is_asked_once_says_nothing_of_a_change(details: dict[str, Any]) -> None:
    assert "changed" not in card(canadian(details=details)).text


def test_a_number_that_is_gone_names_up_to_three_others() -> None:
    drawing = card(gone())

    assert "type `/number provision +16045550001` or `/number provision" in drawing.text
    pressed = buttons(drawing)
    assert [each["value"] for each in pressed] == OTHERS[:3]
    assert pressed[0]["text"]["text"] == "Request +1 604-555-0001"
    assert all(ids.is_request(each["action_id"]) for each in pressed)
    assert "Approvers" not in json.dumps(drawing.blocks)


def test_a_report_says_what_to_type_for_the_others() -> None:
    drawing = cards.report(gone())

    assert "`/number provision +16045550003`" in drawing.text
    assert "+16045550004" not in drawing.text
    assert not [block for block in drawing.blocks if block["type"] == "actions"]


@pytest.mark.parametrize("error", [NumberGone, CarrierRefused])
def test_asking_again_for_what_is_gone_is_not_suggested(error: type[NumberGone]) -> None:
    made = gone(why=error(provider="Magpipe", number="+16045551234").reason)

    assert "To ask again" not in card(made).text
    assert not [block for block in card(made).blocks if block["type"] == "actions"]


@pytest.mark.parametrize(
    "named", ["+16045550001", {"a": 1}, 7, [7, None, "x", "<!channel>", ["+1"]], []]
)
def test_alternatives_that_are_none_are_left_out(named: object) -> None:
    reason = Reason("NumberGone", {"number": "+16045551234", "alternatives": named})

    assert alternatives(reason) == []
    assert "another one" not in say(reason)


def test_the_report_names_both_numbers_and_the_providers_ids() -> None:
    drawing = cards.report(
        canadian(
            Status.PROVISIONED,
            number="+16045551234",
            second_number="+12125551234",
            provider_ids={"id": "n-1", "phoneSid": "PN1"},
        )
    )

    assert drawing.text.splitlines()[0] == (
        "<@U0RILEY001>, news of `K7Q2`. Bought: +1 604-555-1234 and +1 212-555-1234"
    )
    for said in ("The price is for both.", "id `n-1`", "phoneSid `PN1`", "Agent: Frida"):
        assert said in drawing.text


def test_a_second_number_that_nobody_named_is_to_be_looked_for() -> None:
    said = cards.report(canadian(Status.PROVISIONED, number="+16045551234")).text

    assert "Magpipe has named none: look there whether it was bought." in said


def test_the_story_tells_that_it_was_asked_anew() -> None:
    row = AuditRow(
        purchase_id="x",
        seq=1,
        at=NOW,
        actor_id="dialtone",
        action="changed",
        from_status=Status.APPROVED,
        to_status=Status.PENDING,
        outcome="done",
        detail={"price": "4.00 USD", "price_was": "2.00 USD"},
        hash="",
    )

    said = answers.draw(Story(canadian(), [row])).text

    assert "Dialtone found that what was approved has changed, and asked anew." in said
    assert "Price: $4.00, approved: $2.00." in said


def test_what_is_paid_from_credits_is_never_said_to_charge_a_card() -> None:
    (approve, _) = buttons(card(canadian()))
    assert (
        "This takes $4.00 per month for both numbers from Magpipe's credits, starting at once."
        in (approve["confirm"]["text"]["text"])
    )
    taken = "It has been taken from Magpipe's credits."
    why = ChargedWithoutNumber(provider="Magpipe", code="K7Q2").reason
    for made in (
        canadian(Status.PROVISIONED, number="+16045551234"),
        canadian(Status.CHARGED, why=why),
        canadian(Status.CHARGED, why=None),
        canadian(Status.CHARGED, why=why, closed_at=NOW),
    ):
        assert taken in card(made).text
    for status in Status:
        assert "charges the card" not in json.dumps(card(canadian(status, why=None)).blocks)
        assert "card has been charged" not in json.dumps(card(canadian(status, why=None)).blocks)


def test_the_last_of_several_approvals_is_the_one_that_pays() -> None:
    two = Terms(rule="two", approvers=("U0MAX00001",), quorum=2)
    (approve, _) = buttons(card(canadian(details={"terms": two.as_json()})))

    said = "It takes 2 people; the last approval takes $4.00 per month from Magpipe's credits"
    assert said in approve["confirm"]["text"]["text"]
