"""What a request is matched against the policy's rules with, looked up as it is now."""

from bot.domain.errors import PeopleUnknown
from bot.domain.policy import Case, Policy
from bot.domain.price import Price
from bot.ports import Ports, Undeliverable
from bot.use_cases.spending import bought_this_month


async def case_of(
    ports: Ports,
    *,
    provider: str,
    command: str,
    channel_id: str,
    requester_id: str,
    price: Price | None,
    policy: Policy | None = None,
    is_bought_shown: bool = False,
) -> Case:
    """The case of a request. Slack is asked only about the groups by which the policy's rules (else
    those of the policy as it is now) match requesters. `bought` counts purchases that took
    money this month (UTC), or may have; `is_bought_shown`: also where no rule asks for it.

    Raises PeopleUnknown (a group that cannot be read would make the rule a guess), TryLater,
    StoreUnavailable."""
    rules = policy or ports.policy.current
    is_counted = is_bought_shown or any(rule.bought_over is not None for rule in rules.rules)
    return Case(
        provider=provider,
        command=command,
        channel_id=channel_id,
        requester_id=requester_id,
        groups=await _groups_of(ports, rules, requester_id),
        price=price,
        bought=await _bought_by(ports, requester_id) if is_counted else 0,
    )


def asked_groups(policy: Policy) -> frozenset[str]:
    """The user groups by which rules match requesters."""
    rosters = (rule.requesters for rule in policy.rules if rule.requesters)
    return frozenset().union(*(roster.groups for roster in rosters))


async def _groups_of(ports: Ports, policy: Policy, user_id: str) -> frozenset[str]:
    found = set()
    for group_id in sorted(asked_groups(policy)):
        try:
            members = await ports.directory.members(group_id)
        except Undeliverable as error:
            raise PeopleUnknown(slack_error=error.error) from error
        if user_id in members:
            found.add(group_id)
    return frozenset(found)


async def _bought_by(ports: Ports, user_id: str) -> int:
    bought = await bought_this_month(ports, user_id)
    return sum(each.purchases for spent in bought.values() for each in spent)
