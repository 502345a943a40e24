"""Rules in order: the first that matches counts, and what it says is kept."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.approval import Roster
from bot.domain.policy import (
    AutoApproval,
    Case,
    Escalation,
    Policy,
    Rule,
    Terms,
    first_match,
    mismatch,
    roster,
    terms,
)
from bot.domain.price import Price

NOW = datetime(2026, 5, 18, 14, 20, tzinfo=UTC)
MANAGERS = Roster(frozenset({"UMORGAN"}), frozenset({"SMANAGERS"}))


def a_case(**changes: Any) -> Case:
    usual: dict[str, Any] = {
        "provider": "sendblue",
        "command": "/line",
        "channel_id": "CPHONES",
        "requester_id": "URILEY",
        "groups": frozenset({"SSALES"}),
        "price": Price.parse("100.00 USD"),
        "bought": 2,
    }
    return Case(**usual | changes)


@pytest.mark.parametrize(
    ("condition", "value", "otherwise"),
    [
        ("providers", frozenset({"sendblue"}), {"provider": "magpipe"}),
        ("commands", frozenset({"/line"}), {"command": "/number"}),
        ("channels", frozenset({"CPHONES"}), {"channel_id": "COTHER"}),
        ("requesters", Roster(frozenset({"URILEY"})), {"requester_id": "UNORA"}),
        ("requesters", Roster(frozenset(), frozenset({"SSALES"})), {"groups": frozenset()}),
        ("price_over", Price.parse("99.99 USD"), {"price": Price.parse("99.99 USD")}),
        ("price_over", Price.parse("99.99 USD"), {"price": None}),
        ("price_over", Price.parse("99.99 USD"), {"price": Price.parse("100.00 EUR")}),
        ("price_up_to", Price.parse("100.00 USD"), {"price": Price.parse("100.01 USD")}),
        ("price_up_to", Price.parse("100.00 USD"), {"price": None}),
        ("price_up_to", Price.parse("100.00 USD"), {"price": Price.parse("1.00 EUR")}),
        ("bought_over", 1, {"bought": 1}),
    ],
)
def test_each_condition_alone(condition: str, value: Any, otherwise: dict[str, Any]) -> None:
    rule = Rule(name="one", **{condition: value})
    assert mismatch(rule, a_case()) is None
    assert mismatch(rule, a_case(**otherwise)) == condition.removesuffix("s")


def test_the_first_rule_that_matches_counts() -> None:
    dear = Rule(name="dear", price_over=Price.parse("50.00 USD"))
    rest = Rule(name="rest")
    policy = Policy((dear, rest))
    assert first_match(policy, a_case()) is dear
    assert first_match(policy, a_case(price=Price.parse("2.00 USD"))) is rest
    assert first_match(Policy((rest, dear)), a_case()) is rest
    assert first_match(Policy((dear,)), a_case(price=None)) is None


def test_terms_are_what_the_rule_said_and_survive_being_stored() -> None:
    rule = Rule(
        name="dear",
        approvers=MANAGERS,
        quorum=2,
        escalations=(Escalation(Decimal("0.5"), Roster(frozenset({"UBOSS"}))),),
        keep_trying=timedelta(hours=8),
        auto=AutoApproval(per="requester", day=Price.parse("5.00 USD")),
    )
    made = terms(rule, NOW, "requester URILEY")
    assert made.ping == made.approvers == ("SMANAGERS", "UMORGAN")
    assert made.keep_until == NOW + timedelta(hours=8)
    assert roster(made.approvers) == MANAGERS
    assert Terms.of({"terms": made.as_json()}) == made
    assert Terms.of({}) is None


def test_whom_a_rule_pings_need_not_be_all_who_may_approve() -> None:
    made = terms(Rule(name="r", approvers=MANAGERS, ping=Roster(frozenset({"UMAX"}))), NOW)
    assert (made.ping, made.keep_until, made.auto) == (("UMAX",), None, None)
