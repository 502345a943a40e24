from typing import Any

import pytest

from handlers import cards, surroundings
from tests.handlers.purchases import RULES, purchase

REQUESTER = {"bought": {"sendblue": 2}, "spent": ["200.00 USD"]}


@pytest.mark.parametrize(
    ("month", "said"),
    [
        (REQUESTER, "The requester's purchases this month: 2 lines for $200.00 per month."),
        ({"bought": {}, "spent": []}, "The requester's first this month."),
        (None, ""),
        ("odd", ""),
    ],
)
def test_the_requesters_month(month: Any, said: str) -> None:
    found = purchase(details={"requester_month": month})

    assert surroundings.requesters_month(found) == said


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["K7Q2"], "*Looks like `K7Q2`, which is waiting.*"),
        (["K7Q2", "M4T7"], "*Looks like `K7Q2`, `M4T7`, which are waiting.*"),
        (["A", "B", "C", "D"], "*Looks like `A`, `B`, `C` and 1 more, which are waiting.*"),
        (["A"] * 20, "*Looks like `A`, `A`, `A` and at least 17 more, which are waiting.*"),
        ([], ""),
        (None, ""),
    ],
)
def test_what_seems_to_wait_already_is_a_warning_in_bold(codes: Any, said: str) -> None:
    assert surroundings.alike(purchase(details={"alike": codes})) == said


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (
            ["+16045551234"],
            "+1 604-555-1234 on the account has no agent: it might do instead.",
        ),
        (
            ["+16045551234", "+13036524019"],
            (
                "+1 604-555-1234 and +1 303-652-4019 on the account have no agent: one of them"
                " might do instead."
            ),
        ),
        ([], ""),
        ("odd", ""),
    ],
)
def test_idle_numbers_are_offered_instead(numbers: Any, said: str) -> None:
    assert surroundings.unused(purchase(details={"unused": numbers})) == said


def test_the_card_says_all_of_it_while_it_waits() -> None:
    details = {"requester_month": REQUESTER, "alike": ["M4T7"], "unused": ["+16045551234"]}
    drawn = cards.card(purchase(details=details), RULES).text

    assert "Looks like `M4T7`" in drawn
    assert "it might do instead" in drawn
    assert "The requester's purchases this month" in drawn
