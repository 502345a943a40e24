"""Rules of approval in words, for Slack and for a terminal; pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.approval import Roster
from bot.domain.policy import AutoApproval, Rule
from bot.use_cases.policy_answer import PolicyAnswer
from handlers.drawing import Drawing, listing
from handlers.wording import channel, code, escape, mention, title

_NAMED_MOST = 20  # people and groups of one roster


@dataclass(frozen=True, slots=True)
class Names:
    """How people, channels and what somebody wrote are put down."""

    person: Callable[[str], str] = mention
    channel: Callable[[str], str] = channel
    text: Callable[[str], str] = escape


IN_SLACK = Names()
PLAIN = Names(str, str, str)


def policy(answer: PolicyAnswer) -> Drawing:
    """Which rule counts for the asker here, and all rules in short."""
    case = answer.case
    price = f"{case.price.display()} per month" if case.price else "a price not known yet"
    items = []
    counts = next((rule for rule, unmet in answer.verdicts if unmet is None), None)
    asked = f"What you ask for here with {code(case.command)}, at {price}"
    bought = f"You have bought {case.bought} this month."
    if counts is None:
        items.append(f"{asked}, falls under no rule, so nobody could approve it. {bought}")
    else:
        said = "\n".join(f"• {label}: {what}" for label, what in consequences(counts))
        items.append(f"{asked}, falls under *{called(counts)}*. {bought}\n{said}")
    items += [
        f"{place}. {summary(rule)}: {verdict(rule, unmet, is_first=rule is counts)}"
        for place, (rule, unmet) in enumerate(answer.verdicts, 1)
    ]
    return listing("Approval policy", items, "")


def called(rule: Rule, names: Names = IN_SLACK) -> str:
    return names.text(rule.name or "APPROVERS")


def summary(rule: Rule, names: Names = IN_SLACK) -> str:
    """The rule's name, and what it is for."""
    wanted = ", ".join(what for _, what in conditions(rule, names)) or "for everything"
    return f"“{called(rule, names)}”, {wanted}"


def verdict(rule: Rule, unmet: str | None, *, is_first: bool, names: Names = IN_SLACK) -> str:
    """Whether it matches; `unmet` is the first condition that does not hold."""
    if unmet is None:
        return "matches, and counts" if is_first else "matches, but one above it counts"
    return f"does not match, as it is only {dict(conditions(rule, names))[unmet]}"


def conditions(rule: Rule, names: Names = IN_SLACK) -> list[tuple[str, str]]:
    """Each condition's name in the file, and in words."""
    found = []
    if rule.providers:
        found.append(("provider", f"with {_either(map(title, sorted(rule.providers)))}"))
    if rule.commands:
        found.append(("command", f"by {_either(sorted(rule.commands))}"))
    if rule.channels:
        found.append(("channel", f"in {_either(map(names.channel, sorted(rule.channels)))}"))
    if rule.requesters is not None:
        found.append(("requester", f"for requests of {people(rule.requesters, names, ' or ')}"))
    if rule.price_over is not None:
        found.append(("price_over", f"over {rule.price_over.display()} per month"))
    if rule.price_up_to is not None:
        found.append(("price_up_to", f"up to {rule.price_up_to.display()} per month"))
    if rule.bought_over is not None:
        said = f"for who has bought more than {rule.bought_over} this month"
        found.append(("bought_over", said))
    return found


def consequences(rule: Rule, names: Names = IN_SLACK) -> list[tuple[str, str]]:
    """What a rule says, each with a label."""
    found = [("Approvers", people(rule.approvers, names))]
    many = rule.quorum > 1
    found.append(("Needed", f"{rule.quorum} different people" if many else "one of them"))
    if rule.ping is not None:
        found.append(("Told at once", people(rule.ping, names)))
    if rule.escalations:
        steps = (
            f"{people(each.to, names)} after {(each.after * 100).normalize():f} % of the time"
            for each in rule.escalations
        )
        found.append(("Told later", "; ".join(steps)))
    found.append(("Reason", "required" if rule.is_reason_required else "optional"))
    if rule.keep_trying:
        found.append(("Price renewed", f"for up to {_hours(rule.keep_trying)}"))
    if rule.auto is not None:
        found.append(("Approved by itself", _budget(rule.auto)))
    return found


def people(roster: Roster, names: Names = IN_SLACK, between: str = ", ") -> str:
    ids = roster.as_ids()
    shown = [names.person(each) for each in ids[:_NAMED_MOST]]
    if len(ids) > len(shown):
        shown.append(f"{len(ids) - len(shown)} more")
    return between.join(shown) or "nobody"


def _budget(auto: AutoApproval) -> str:
    sums = [
        f"{limit.display()} per {period}"
        for limit, period in ((auto.day, "day"), (auto.month, "month"))
        if limit is not None
    ]
    return f"up to {' and '.join(sums)} for each {auto.per}"


def _hours(span: timedelta) -> str:
    hours = f"{span.total_seconds() / 3600:g}"
    return f"{hours} hour" if hours == "1" else f"{hours} hours"


def _either(words: Iterable[str]) -> str:
    return " or ".join(words)
