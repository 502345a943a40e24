"""Home as it is drawn: right for everybody, and within Slack's limits whatever is in it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.limits import DAY, MONTH, Limits, Reading, combine
from bot.domain.purchase import Status
from bot.ports import Bought, Freeze
from bot.sandbox.slack.validate import check_view
from bot.use_cases.home import Closed, Home
from handlers import home, ids
from tests.handlers.purchases import NOW, NUMBER, purchase

LIMITS = Limits(
    combine(DAY, Reading(), [NOW], 3, NOW),
    combine(MONTH, Reading(), [NOW], 10, NOW),
)


def words(view: dict[str, Any]) -> str:
    return "\n".join(
        block["text"]["text"] for block in view["blocks"] if block["type"] != "actions"
    )


def pressed(view: dict[str, Any]) -> list[str]:
    return [
        element["action_id"]
        for block in view["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def test_an_empty_home_says_so_and_offers_to_buy() -> None:
    view = home.view(Home())

    assert check_view(view) == []
    assert pressed(view) == [ids.OPEN_FORM]
    assert "Nothing is waiting for you." in words(view)
    assert "What else is open" not in words(view)


def test_where_nothing_is_set_up_nothing_can_be_bought() -> None:
    assert pressed(home.view(Home(can_buy=False))) == []


def test_guests_see_one_sentence() -> None:
    view = home.view(Closed())

    assert check_view(view) == []
    assert len(view["blocks"]) == 1


def test_what_waits_has_the_buttons_and_the_question_of_its_card() -> None:
    view = home.view(Home(waiting=[purchase()]))

    assert check_view(view) == []
    assert pressed(view) == [ids.OPEN_FORM, ids.APPROVE, ids.CANCEL]
    approve = view["blocks"][3]["elements"][0]
    assert approve["value"] == ids.join("7f" * 16, 3)
    assert "$100.00" in approve["confirm"]["text"]["text"]
    assert "*A Sendblue line, $100.00 per month* · `K7Q2`" in words(view)
    assert "Decide by <!date^" in words(view)


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.CHARGED])
def test_what_is_in_doubt_can_be_settled_there(status: Status) -> None:
    view = home.view(Home(waiting=[purchase(status)]))

    assert check_view(view) == []
    assert ids.BOUGHT in pressed(view)


def test_the_rest_is_told_in_lines() -> None:
    freeze = Freeze(by="U0MAX00001", at=NOW, reason="<!channel> audit")
    bought = Bought(code="ABCD", requester_id="U0RILEY001", sent_at=NOW, number="+14152007986")
    view = home.view(
        Home(
            own=[purchase(Status.PROVISIONED, number="+14152007986")],
            queue=[],
            limits=[("sendblue", LIMITS)],
            lately=[("sendblue", bought), ("magpipe", replace(bought, number=None))],
            freeze=freeze,
        )
    )

    assert check_view(view) == []
    said = words(view)
    assert "*Purchases are frozen* by <@U0MAX00001>" in said
    assert "&lt;!channel&gt; audit" in said
    assert "Nothing else is open." in said
    assert "*Sendblue*: 2 of 3 left in 24 hours; 9 of 10 left in 30 days" in said
    assert "*+1 415-200-7986* (Sendblue), `ABCD`" in said


@pytest.mark.parametrize(
    ("day", "month", "said"),
    [
        (None, None, "against the usual limits; `/line limits` asks Sendblue."),
        (13, 18, "against the limits that Sendblue named at the last request;"),
        (13, None, "named at the last request, else the usual ones;"),
    ],
)
def test_whose_limits_they_are_is_said(day: int | None, month: int | None, said: str) -> None:
    limits = Limits(
        combine(DAY, Reading(limit=day), [NOW], 3, NOW),
        combine(MONTH, Reading(limit=month), [NOW], 10, NOW),
    )

    assert said in words(home.view(Home(limits=[("sendblue", limits)])))


def test_however_much_there_is_slack_takes_it() -> None:
    long = purchase(reason="<&>" * 200, order=NUMBER, provider="magpipe")
    doubtful = purchase(Status.UNKNOWN, reason="<&>" * 200)
    bought = Bought(code="ABCD", requester_id="U0RILEY001", sent_at=NOW, number="+14152007986")
    view = home.view(
        Home(
            waiting=[long, doubtful] * 100,
            own=[long] * 100,
            queue=[long] * 100,
            limits=[("sendblue", LIMITS), ("magpipe", LIMITS)],
            lately=[("sendblue", bought)] * 5,
            freeze=Freeze(by="U0MAX00001", at=NOW, reason="&" * 500),
        )
    )

    assert check_view(view) == []
    assert "… and 185 more" in words(view)
    assert "Bought lately" in words(view)
