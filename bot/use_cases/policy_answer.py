"""Which rule of the policy would count if somebody asked here and now, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain import sellers
from bot.domain.errors import NotSetUp
from bot.domain.policy import Case, Rule, mismatch
from bot.ports import Message, Ports
from bot.use_cases.cases import case_of
from bot.use_cases.terms import policy


@dataclass(frozen=True, slots=True)
class PolicyAnswer:
    """Every rule in order, with the first condition that the case does not meet; of those that
    match (None), the first one counts."""

    case: Case
    verdicts: Sequence[tuple[Rule, str | None]]


async def policy_answer(ports: Ports, message: Message) -> PolicyAnswer:
    """For the asker's own request, at the provider's usual price. Raises NotSetUp, PeopleUnknown,
    TryLater."""
    name: str = message.body["provider"]
    if name not in ports.providers:
        raise NotSetUp(provider=sellers.of(name).title)
    provider = ports.providers[name]
    now = policy(ports)
    case = await case_of(
        ports,
        provider=name,
        command=provider.command,
        channel_id=message.channel_id or "",
        requester_id=message.user_id,
        price=provider.price,
        policy=now,
        is_bought_shown=True,
    )
    return PolicyAnswer(case, [(rule, mismatch(rule, case)) for rule in now.rules])
