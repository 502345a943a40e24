"""What a request is matched against the policy's rules with."""

from dataclasses import replace

import pytest

from bot.domain.approval import Roster
from bot.domain.errors import NoneAvailable, PeopleUnknown
from bot.domain.policy import Case, Policy, Rule
from bot.domain.price import Price
from bot.ports import FixedPolicy, TryLater, Undeliverable
from bot.use_cases.cases import case_of
from tests.desk import MAX, NORA, PHONES, RILEY, Desk

LEADERS, SALES, OTHERS = "SLEADERS", "SSALES", "SOTHERS"
PRICE = Price.parse("100.00 USD")
COUNTING = Rule(name="many", bought_over=5)


async def case(desk: Desk, *rules: Rule, requester: str = RILEY) -> Case:
    ports = replace(desk.ports, policy=FixedPolicy(Policy(rules)))
    return await case_of(
        ports,
        provider="sendblue",
        command="/line",
        channel_id=PHONES,
        requester_id=requester,
        price=PRICE,
    )


async def test_it_holds_what_was_asked_for(desk: Desk) -> None:
    assert await case(desk) == Case(
        provider="sendblue",
        command="/line",
        channel_id=PHONES,
        requester_id=RILEY,
        price=PRICE,
    )


async def test_slack_is_asked_only_about_groups_that_match_requesters(desk: Desk) -> None:
    desk.directory.groups = {SALES: frozenset({RILEY, NORA}), LEADERS: frozenset({MAX})}
    desk.directory.trouble[OTHERS] = Undeliverable("no_such_subteam")
    found = await case(
        desk,
        Rule(name="sales", requesters=Roster(groups=frozenset({SALES}))),
        Rule(name="leaders", requesters=Roster(frozenset({NORA}), frozenset({LEADERS, SALES}))),
        Rule(name="rest", approvers=Roster(groups=frozenset({OTHERS}))),
    )
    assert found.groups == {SALES}


async def test_a_group_that_cannot_be_read_is_no_guess(desk: Desk) -> None:
    rule = Rule(name="sales", requesters=Roster(groups=frozenset({SALES})))
    desk.directory.trouble[SALES] = Undeliverable("no_such_subteam")
    with pytest.raises(PeopleUnknown) as unknown:
        await case(desk, rule)
    assert unknown.value.fields == {"slack_error": "no_such_subteam"}
    desk.directory.trouble[SALES] = TryLater("ratelimited")
    with pytest.raises(TryLater):
        await case(desk, rule)


async def test_what_this_person_bought_this_month_counts_with_every_provider(desk: Desk) -> None:
    desk.providers["magpipe"] = desk.numbers
    for requester in (RILEY, NORA):
        bought = await desk.buy(requester=requester)
        await desk.quiet()
        await desk.click(await desk.get(bought))
        await desk.quiet()
    await desk.buy()  # waits: nothing is bought yet
    await desk.quiet()
    assert (await case(desk, COUNTING)).bought == 1
    assert (await case(desk, COUNTING, requester=MAX)).bought == 0
    assert (await case(desk)).bought == 0  # no rule asks

    desk.clock.advance(days=14)  # the first of June
    assert (await case(desk, COUNTING)).bought == 0


async def test_what_failed_does_not_count(desk: Desk) -> None:
    desk.provider.confirm_answer = NoneAvailable(provider="Sendblue")
    await desk.click(await desk.pending())
    await desk.quiet()
    assert (await case(desk, COUNTING)).bought == 0
