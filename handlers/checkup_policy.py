"""Are the people and user groups of the policy's rules there, and can enough of them decide?"""

from collections.abc import AsyncIterator

from bot.domain.approval import Roster, Rules
from bot.domain.finding import Finding, Level
from bot.domain.policy import Policy, Rule
from bot.ports import Directory
from handlers.checkup_people import Able, each

_SETTING = "POLICY_FILE"


async def examine(directory: Directory, policy: Policy, rules: Rules) -> AsyncIterator[Finding]:
    """A line per person and group of each rule, each once a rule; and one per rule that too few of
    its approvers can decide on."""
    for rule in policy.rules:
        about = f"“{rule.name}” "
        able = Able()
        async for finding in each(directory, _SETTING, rule.approvers, able, about):
            yield finding
        async for finding in each(directory, _SETTING, _others(rule), Able(), about):
            yield finding
        if able.is_complete and not able.is_cut:
            for finding in _enough(rule, len(able.ids), rules):
                yield finding


def _others(rule: Rule) -> Roster:
    """Whoever is named beside the approvers: to be told, or as who asks."""
    named = [step.to for step in rule.escalations]
    named += [roster for roster in (rule.ping, rule.requesters) if roster is not None]
    return Roster(
        users=frozenset().union(*(roster.users for roster in named)) - rule.approvers.users,
        groups=frozenset().union(*(roster.groups for roster in named)) - rule.approvers.groups,
    )


def _enough(rule: Rule, able: int, rules: Rules) -> list[Finding]:
    subject = f"{_SETTING} “{rule.name}”"
    if able < rule.quorum:
        said = f"{rule.quorum} must approve, but only {able} can: nothing could be bought by it"
        return [Finding(Level.WRONG, subject, said)]
    if able == rule.quorum and not rules.self_approval:
        who = "the only one who can" if able == 1 else f"one of the only {able} who can"
        said = f"what {who} approve requests, nobody can approve, as SELF_APPROVAL is off"
        return [Finding(Level.WARNING, subject, said)]
    return []
