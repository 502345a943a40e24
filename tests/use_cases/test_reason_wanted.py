"""Whether a request has to say why, by the policy."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.approval import Roster
from bot.domain.policy import Policy, Rule
from bot.ports import FixedPolicy, TryLater, Undeliverable
from bot.use_cases import reason_wanted
from bot.use_cases.reason_wanted import is_reason_wanted
from tests.desk import PHONES, RILEY, Desk
from tests.fakes import FakeDirectory

GROUP = Roster(groups=frozenset({"SOPS"}))


async def wanted(desk: Desk, *rules: Rule, provider: str = "sendblue", **changes: Any) -> bool:
    ports = replace(desk.ports, policy=FixedPolicy(Policy(rules)), **changes)
    return await is_reason_wanted(ports, provider=provider, channel_id=PHONES, requester_id=RILEY)


async def test_without_such_a_rule_none_is_wanted(desk: Desk) -> None:
    assert not await wanted(desk)
    assert not await wanted(desk, Rule(name="all"))


async def test_the_first_rule_that_matches_counts(desk: Desk) -> None:
    strict = Rule(name="strict", is_reason_required=True)
    elsewhere = Rule(name="elsewhere", channels=frozenset({"COTHER"}), is_reason_required=True)

    assert await wanted(desk, elsewhere, strict)
    assert not await wanted(desk, elsewhere, Rule(name="all"), strict)
    assert not await wanted(desk, elsewhere)
    assert not await wanted(desk, strict, provider="magpipe")  # which is not set up


async def test_groups_are_looked_up(desk: Desk) -> None:
    ops = Rule(name="ops", requesters=GROUP, is_reason_required=True)
    desk.directory.groups["SOPS"] = frozenset({RILEY})
    assert await wanted(desk, ops)
    desk.directory.groups["SOPS"] = frozenset()
    assert not await wanted(desk, ops)


@pytest.mark.parametrize("trouble", [TryLater("away"), Undeliverable("no_permission")])
async def test_where_slack_cannot_say_a_reason_is_wanted(desk: Desk, trouble: Exception) -> None:
    desk.directory.trouble["SOPS"] = trouble
    assert await wanted(desk, Rule(name="ops", requesters=GROUP, is_reason_required=True))


async def test_a_slow_slack_is_not_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(FakeDirectory):
        async def members(self, group_id: str) -> frozenset[str]:
            await asyncio.Event().wait()
            raise LookupError(group_id)

    monkeypatch.setattr(reason_wanted, "PATIENCE_S", 0.01)
    ops = Rule(name="ops", requesters=GROUP, is_reason_required=True)
    assert await wanted(desk, ops, directory=Slow())
