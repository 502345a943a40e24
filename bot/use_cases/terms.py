"""Which rule of the policy a purchase falls under, and what that rule then says."""

from dataclasses import replace
from datetime import datetime

from bot.domain.approval import Roster
from bot.domain.errors import NoRule, ReasonWanted
from bot.domain.policy import Policy, Rule, Terms, first_match, roster, terms
from bot.domain.preview import Preview
from bot.domain.purchase import Purchase
from bot.ports import Ports
from bot.use_cases.cases import case_of


def policy(ports: Ports) -> Policy:
    """The policy as it is now; without a file, APPROVERS stand for one of one rule."""
    current = ports.policy.current
    return current if current.rules else Policy((_approvers(ports),))


async def terms_for(ports: Ports, purchase: Purchase, preview: Preview, now: datetime) -> Terms:
    """The terms of a purchase with this preview. A price that could not be checked is none: rules
    about prices match nothing then, and people are asked. Raises NoRule, ReasonWanted,
    PeopleUnknown, TryLater."""
    rules = policy(ports)
    case = await case_of(
        ports,
        provider=purchase.provider,
        command=ports.providers[purchase.provider].command,
        channel_id=purchase.channel_id,
        requester_id=purchase.requester_id,
        price=preview.price if preview.is_checked else None,
        policy=rules,
    )
    rule = first_match(rules, case)
    if rule is None:
        raise NoRule(code=purchase.code)
    if rule.is_reason_required and not purchase.reason:
        # A form asked for it, unless only the price told that this rule counts.
        raise ReasonWanted(code=purchase.code)
    scope = None
    if rule.auto is not None and preview.is_checked:
        who = purchase.requester_id if rule.auto.per == "requester" else purchase.channel_id
        scope = f"{rule.auto.per} {who}"
    return terms(rule, now, scope)


async def terms_again(ports: Ports, purchase: Purchase, preview: Preview, now: datetime) -> Terms:
    """The terms for a new price: the same price keeps them, another one may fall under another
    rule. Either way it is kept alive no longer than was promised first. Raises as `terms_for`."""
    before = of(ports, purchase)
    if preview.price == purchase.price:
        return before
    return replace(await terms_for(ports, purchase, preview, now), keep_until=before.keep_until)


def of(ports: Ports, purchase: Purchase) -> Terms:
    """The terms of a purchase; before its preview, and for those of older versions, APPROVERS'."""
    return Terms.of(purchase.details) or terms(_approvers(ports), purchase.requested_at)


def approvers(ports: Ports, purchase: Purchase) -> Roster:
    """Who may approve it: those of its rule, and those whom the clock has asked since."""
    return roster([*of(ports, purchase).approvers, *escalated(purchase)])


def escalated(purchase: Purchase) -> list[str]:
    """Whom the clock has asked besides those who were asked at once: user and group ids."""
    return [str(each) for each in purchase.details.get("escalated", ())]


def _approvers(ports: Ports) -> Rule:
    return Rule(name="", approvers=ports.rules.approvers)
