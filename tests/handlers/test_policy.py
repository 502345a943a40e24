"""Rules of approval in words."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.approval import Roster
from bot.domain.policy import AutoApproval, Case, Escalation, Rule, mismatch
from bot.domain.price import Price
from bot.sandbox.slack.validate import check_blocks, is_too_long
from bot.use_cases.answers import Ask
from bot.use_cases.policy_answer import PolicyAnswer
from handlers.answers import draw
from handlers.command_text import Read, parse
from handlers.policy import PLAIN, conditions, consequences

DAY, MONTH = Price.parse("10.00 USD"), Price.parse("50.00 USD")
ALL = Rule(
    name="cheap <numbers>",
    providers=frozenset({"magpipe", "sendblue"}),
    commands=frozenset({"/number"}),
    channels=frozenset({"C1A", "C1B"}),
    requesters=Roster.parse("U1A,S1A"),
    price_over=Price.parse("1.00 USD"),
    price_up_to=Price.parse("5.00 USD"),
    bought_over=3,
    approvers=Roster.parse("S0MANAGERS,U0MORGAN01"),
    quorum=2,
    ping=Roster(),
    escalations=(
        Escalation(Decimal("0.5"), Roster.parse("U1B")),
        Escalation(Decimal("0.825"), Roster.parse("U1C,U1D")),
    ),
    is_reason_required=True,
    keep_trying=timedelta(hours=1),
    auto=AutoApproval(per="requester", day=DAY, month=MONTH),
)
REST = Rule(name="", approvers=Roster.parse("U0MORGAN01"))
CASE = Case(
    provider="sendblue",
    command="/line",
    channel_id="C1A",
    requester_id="U1A",
    price=Price.parse("100.00 USD"),
)


def answer(*rules: Rule, case: Case = CASE) -> PolicyAnswer:
    return PolicyAnswer(case, [(rule, mismatch(rule, case)) for rule in rules])


def test_every_condition_has_its_words() -> None:
    assert conditions(ALL, PLAIN) == [
        ("provider", "with Magpipe or Sendblue"),
        ("command", "by /number"),
        ("channel", "in C1A or C1B"),
        ("requester", "for requests of S1A or U1A"),
        ("price_over", "over $1.00 per month"),
        ("price_up_to", "up to $5.00 per month"),
        ("bought_over", "for who has bought more than 3 this month"),
    ]
    assert conditions(REST) == []


def test_everything_that_a_rule_says_has_its_words() -> None:
    assert consequences(ALL, PLAIN) == [
        ("Approvers", "S0MANAGERS, U0MORGAN01"),
        ("Needed", "2 different people"),
        ("Told at once", "nobody"),
        ("Told later", "U1B after 50 % of the time; U1C, U1D after 82.5 % of the time"),
        ("Reason", "required"),
        ("Price renewed", "for up to 1 hour"),
        ("Approved by itself", "up to $10.00 per day and $50.00 per month for each requester"),
    ]
    assert consequences(REST) == [
        ("Approvers", "<@U0MORGAN01>"),
        ("Needed", "one of them"),
        ("Reason", "optional"),
    ]


def test_the_rule_that_counts_is_told_first_and_then_each_with_its_verdict() -> None:
    other = Rule(name="other", approvers=REST.approvers, keep_trying=timedelta(minutes=90))
    said = draw(answer(ALL, REST, other)).text
    assert "What you ask for here with `/line`, at $100.00 per month, falls under *APPROVERS*" in (
        said
    )
    assert "You have bought 0 this month." in said
    assert "1. “cheap &lt;numbers&gt;”, with Magpipe or Sendblue, by /number" in said
    assert "does not match, as it is only by /number" in said
    assert "2. “APPROVERS”, for everything: matches, and counts" in said
    assert "3. “other”, for everything: matches, but one above it counts" in said


def test_without_a_rule_that_counts_that_is_said() -> None:
    case = Case(provider="magpipe", command="/number", channel_id="C1A", requester_id="U1A")
    said = draw(answer(ALL, case=case)).text
    assert "at a price not known yet, falls under no rule, so nobody could approve it" in said


def test_a_long_policy_fits() -> None:
    crowd = Roster(frozenset(f"U0{number:08}" for number in range(200)))
    rules = [
        Rule(name=f"{number} " + "<&>" * 18, requesters=crowd, approvers=crowd, ping=crowd)
        for number in range(100)
    ]
    drawing = draw(answer(REST, *rules))
    assert check_blocks(drawing.blocks) == []
    assert not is_too_long(drawing.blocks)
    assert "or 180 more" in drawing.text


@pytest.mark.parametrize("command", ["/line", "/number"])
def test_either_command_asks_for_it(command: str) -> None:
    assert parse(command, "policy") == Read(Ask.POLICY)
