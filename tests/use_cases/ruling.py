"""Rules for the tests of what they do."""

from dataclasses import replace
from typing import Any

from bot.domain.approval import Roster
from bot.domain.policy import Policy, Rule
from bot.domain.purchase import Purchase
from bot.ports import FixedPolicy
from tests.desk import MAX, MORGAN, Desk

BOTH = Roster(frozenset({MORGAN, MAX}))
ZOE = "UZOE"


def ruled(desk: Desk, *rules: Rule) -> None:
    """From now on these rules count."""
    desk.ports = replace(desk.ports, policy=FixedPolicy(Policy(rules)))
    desk.loop._ports = desk.ports


def rule(**says: Any) -> Rule:
    usual: dict[str, Any] = {"name": "usual", "approvers": BOTH}
    return Rule(**usual | says)


async def voted(desk: Desk, purchase: Purchase) -> list[str]:
    votes = await desk.store.votes(purchase.id, purchase.revision)
    return [vote.approver_id for vote in votes]
