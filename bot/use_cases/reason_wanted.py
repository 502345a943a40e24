"""Whether a request has to say why, asked before it is stored."""

import asyncio

from bot.domain.errors import PeopleUnknown
from bot.domain.policy import first_match
from bot.ports import Ports, TryLater
from bot.use_cases.cases import case_of

PATIENCE_S = 1.0  # Slack hears of the command within three


async def is_reason_wanted(
    ports: Ports, *, provider: str, channel_id: str, requester_id: str
) -> bool:
    """By the policy, before the price is known: rules about prices match nothing yet.

    Slack is asked, if at all, for the groups by which rules match requesters, and not for long. A
    reason too many harms nobody: where it cannot be known in time, one is wanted."""
    policy = ports.policy.current
    if provider not in ports.providers or not any(each.is_reason_required for each in policy.rules):
        return False
    try:
        async with asyncio.timeout(PATIENCE_S):
            case = await case_of(
                ports,
                provider=provider,
                command=ports.providers[provider].command,
                channel_id=channel_id,
                requester_id=requester_id,
                price=None,
            )
    except (PeopleUnknown, TryLater, TimeoutError):
        return True
    rule = first_match(policy, case)
    return rule is not None and rule.is_reason_required
