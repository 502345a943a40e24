"""python -m bot policy [check | explain]: the rules of approval, without Slack and database."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.domain.approval import Roster
from bot.domain.policy import Case, Policy, Rule, first_match, mismatch
from bot.domain.price import Price
from bot.policy_file import COMMANDS, BadPolicy, read
from bot.settings import BadSettings, RuleSettings, load_rules
from handlers.policy import PLAIN, consequences, summary, verdict

DONE, USAGE = 0, 2  # exit status


def main(argv: Sequence[str]) -> int:
    """Print what is asked; the exit status."""
    asked = _parser().parse_args(argv)
    try:
        settings = load_rules() if asked.file is None else None
        file = asked.file or (settings and settings.policy_file)
        current = read(file) if file else Policy((_approvers(settings),))
    except (BadSettings, BadPolicy) as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    count = len(current.rules)
    where = str(file) if file else "POLICY_FILE is not set, so APPROVERS stand for a rule"
    lines = [f"{where}: {count} {'rule' if count == 1 else 'rules'}, no fault found."]
    if asked.verb == "explain":
        note = [] if file else [f"{where}."]
        lines = [*note, *_explained(current, _case(asked, settings))]
    sys.stdout.write("\n".join(lines) + "\n")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot policy", description="Rules of approval")
    verbs = parser.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("check", help="look for faults in the file")
    explain = verbs.add_parser("explain", help="which rule counts for a request, and why")
    for each in (check, explain):
        each.add_argument("--file", type=Path, help="another file than POLICY_FILE names")
    explain.add_argument("--requester", required=True, metavar="U…", type=_user)
    explain.add_argument("--provider", required=True, choices=list(COMMANDS))
    explain.add_argument("--channel", default="", metavar="C…", help="where it is asked")
    explain.add_argument(
        "--price", type=_price, metavar='"100.00 USD"', help="per month; else that of the settings"
    )
    explain.add_argument(
        "--bought", type=int, default=0, metavar="N", help="purchases of theirs this month"
    )
    explain.add_argument(
        "--group", action="append", default=[], metavar="S…", help="a user group they are in"
    )
    return parser


def _price(text: str) -> Price:
    try:
        return Price.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _user(text: str) -> str:
    try:
        [user_id] = Roster.parse(text).users
    except ValueError:
        raise argparse.ArgumentTypeError("wants one member id, U… or W…") from None
    return user_id


def _approvers(settings: RuleSettings | None) -> Rule:
    approvers = settings.approvers if settings else None
    return Rule(name="APPROVERS", approvers=approvers or Roster())


def _case(asked: argparse.Namespace, settings: RuleSettings | None) -> Case:
    price = asked.price
    if price is None and settings is not None:
        price = settings.prices.get(asked.provider)
    return Case(
        provider=asked.provider,
        command=COMMANDS[asked.provider],
        channel_id=asked.channel,
        requester_id=asked.requester,
        groups=frozenset(asked.group),
        price=price,
        bought=asked.bought,
    )


def _explained(policy: Policy, case: Case) -> list[str]:
    price = f"{case.price.display()} per month" if case.price else "a price that is not given"
    counts = first_match(policy, case)
    asks = f"{case.requester_id} asks with {case.command} at {price}"
    lines = [f"{asks}, having bought {case.bought} this month.", ""]
    for place, rule in enumerate(policy.rules, 1):
        said = verdict(rule, mismatch(rule, case), is_first=rule is counts, names=PLAIN)
        lines.append(f"{place}. {summary(rule, PLAIN)}: {said}.")
    if counts is not None:
        lines += ["", f"“{counts.name}” says:"]
        lines += [f"  {label}: {what}" for label, what in consequences(counts, PLAIN)]
    return lines
