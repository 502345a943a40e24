"""Which rule would count, as the asker is told."""

from bot.domain.approval import Roster
from bot.domain.errors import Reason
from bot.domain.policy import Policy, Rule
from bot.ports import FixedPolicy
from bot.use_cases.answers import Ask, ask
from bot.use_cases.policy_answer import PolicyAnswer
from tests.desk import MORGAN, PHONES, RILEY, Desk

SALES = Rule(name="sales", requesters=Roster(groups=frozenset({"SSALES"})))
NUMBERS = Rule(name="numbers", providers=frozenset({"magpipe"}))
REST = Rule(name="rest", approvers=Roster(frozenset({MORGAN})))


async def asked(desk: Desk, provider: str = "sendblue") -> object:
    await ask(
        desk.ports,
        ask=Ask.POLICY,
        provider=provider,
        user_id=RILEY,
        channel_id=PHONES,
        response_url="https://hooks.slack.com/commands/2",
        trigger_id=desk.trigger(),
    )
    await desk.quiet()
    return desk.messenger.replies[-1][1]


async def test_every_rule_has_its_verdict(desk: Desk) -> None:
    object.__setattr__(desk.ports, "policy", FixedPolicy(Policy((NUMBERS, SALES, REST))))
    desk.directory.groups["SSALES"] = frozenset({RILEY})
    found = await asked(desk)
    assert isinstance(found, PolicyAnswer)
    assert found.verdicts == [(NUMBERS, "provider"), (SALES, None), (REST, None)]
    assert (found.case.channel_id, found.case.price) == (PHONES, desk.provider.price)


async def test_without_a_file_the_approvers_of_the_settings_are_the_rule(desk: Desk) -> None:
    found = await asked(desk)
    assert isinstance(found, PolicyAnswer)
    [(rule, unmet)] = found.verdicts
    assert (rule.approvers, unmet) == (desk.ports.rules.approvers, None)


async def test_a_provider_that_is_not_set_up_is_named(desk: Desk) -> None:
    assert await asked(desk, "magpipe") == Reason("NotSetUp", {"provider": "Magpipe"})
