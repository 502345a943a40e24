"""One `[[rule]]` → a `Rule`: a table of keys, with what each of them wants."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from bot.domain import sellers
from bot.domain.approval import Roster
from bot.domain.policy import AutoApproval, Escalation, Rule
from bot.domain.price import Price
from bot.policy_file.faults import (
    Fault,
    Way,
    are_tables,
    check_known,
    check_needed,
    did_you_mean,
    shown,
    wants,
)

# From whom can be bought, and the command for it.
COMMANDS: Mapping[str, str] = MappingProxyType(
    {name: each.command for name, each in sellers.SELLERS.items()}
)

_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,}")
_NAME_MOST = 60  # characters: a name stands inside sentences
_HOURS_MOST = 168  # a week


def read_rule(way: Way, table: Mapping[str, Any]) -> Rule:
    check_known(way, table, _KEYS)
    check_needed(way, table, ["name", "approvers"])
    given = {}
    for key, value in table.items():
        field, read_value = _KEYS[key]
        given[field] = read_value((*way, key), value)
    rule = Rule(**given)
    if not rule.approvers.groups and rule.quorum > len(rule.approvers.users):
        said = f"quorum is {rule.quorum}, but approvers names only {len(rule.approvers.users)}"
        raise Fault((*way, "quorum"), said)
    _check_prices(way, rule)
    return rule


def _check_prices(way: Way, rule: Rule) -> None:
    over, up_to = rule.price_over, rule.price_up_to
    if over is None or up_to is None:
        return
    if over.currency != up_to.currency:
        said = f"price_over is in {over.currency} and price_up_to in {up_to.currency}"
        raise Fault((*way, "price_up_to"), f"{said}: no price is both")
    if over >= up_to:
        said = f"no price is over {over} and up to {up_to}, so the rule can never match"
        raise Fault((*way, "price_up_to"), said)


def _name(way: Way, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise wants(way, "a name in quotes, on one line", value)
    if len(value) > _NAME_MOST:
        raise wants(way, f"a name of up to {_NAME_MOST} characters", value)
    return value.strip()


def _texts(way: Way, value: Any, wanted: str) -> list[str]:
    """One text or several."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise wants(way, wanted, value)
    if not found:
        raise Fault(way, f"{way[-1]} is empty: leave it out, or name {wanted}")
    return found


def _one_of(known: Collection[str]) -> Callable[[Way, Any], frozenset[str]]:
    wanted = " or ".join(f'"{each}"' for each in known)

    def read_value(way: Way, value: Any) -> frozenset[str]:
        found = _texts(way, value, wanted)
        for each in found:
            if each not in known:
                hint = did_you_mean(each, known)
                raise Fault(way, f"{way[-1]} wants {wanted}, not {shown(each)}{hint}")
        return frozenset(found)

    return read_value


def _channels(way: Way, value: Any) -> frozenset[str]:
    found = _texts(way, value, "channels' ids, such as C0PHONES01")
    for each in found:
        if not _CHANNEL.fullmatch(each):
            said = f"{way[-1]} wants channels' ids, which start with C or G, not {shown(each)}"
            raise Fault(way, said)
    return frozenset(found)


def _people(way: Way, value: Any) -> Roster:
    found = _texts(way, value, "Slack ids, U… or W… for people and S… for user groups")
    try:
        return Roster.parse(",".join(found))
    except ValueError as error:
        said = f"{way[-1]} wants Slack ids, U… or W… for people and S… for user groups"
        raise Fault(way, f"{said}, but {error}") from None


def _pinged(way: Way, value: Any) -> Roster:
    return Roster() if value == [] else _people(way, value)  # nobody, as against the approvers


def _price(way: Way, value: Any) -> Price:
    try:
        return Price.parse(value)
    except (AttributeError, TypeError, ValueError):
        raise wants(way, 'a price in quotes, such as "100.00 USD"', value) from None


def _whole(least: int) -> Callable[[Way, Any], int]:
    def read_value(way: Way, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise wants(way, f"a whole number from {least}", value)
        return value

    return read_value


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    found = Decimal(value)
    return found if found.is_finite() else None


def _hours(way: Way, value: Any) -> timedelta:
    found = _number(value)
    if found is None or not 0 <= found <= _HOURS_MOST:
        raise wants(way, f"a number of hours from 0 to {_HOURS_MOST}", value)
    return timedelta(hours=float(found))


def _is_required(way: Way, value: Any) -> bool:
    if value not in ("required", "optional"):
        raise wants(way, '"required" or "optional"', value)
    return bool(value == "required")


def _escalations(way: Way, value: Any) -> tuple[Escalation, ...]:
    if not are_tables(value) or not value:
        wanted = 'a list of steps, such as [ { after = 0.5, to = ["S0LEADERS"] } ]'
        raise wants(way, wanted, value)
    steps: list[Escalation] = []
    for index, table in enumerate(value):
        at = (*way, index)
        check_known(at, table, ["after", "to"])
        check_needed(at, table, ["after", "to"])
        after = _number(table["after"])
        if after is None or not 0 < after < 1:
            what = "a share of the time above 0 and below 1, such as 0.5"
            raise wants((*at, "after"), what, table["after"])
        if steps and after <= steps[-1].after:
            said = f"the steps of escalate must come later and later, but {after} follows"
            raise Fault((*at, "after"), f"{said} {steps[-1].after}")
        steps.append(Escalation(after, _people((*at, "to"), table["to"])))
    return tuple(steps)


def _auto(way: Way, value: Any) -> AutoApproval:
    if not isinstance(value, dict):
        raise wants(way, 'a table, such as { per = "requester", day = "10.00 USD" }', value)
    check_known(way, value, ["per", "day", "month"])
    check_needed(way, value, ["per"])
    if value["per"] not in ("requester", "channel"):
        raise wants((*way, "per"), '"requester" or "channel"', value["per"])
    sums = {key: _price((*way, key), value[key]) for key in ("day", "month") if key in value}
    if not sums:
        raise Fault(way, "auto_approve has no budget: give it day, month or both")
    if len({each.currency for each in sums.values()}) > 1:
        raise Fault(way, "auto_approve has day and month in different currencies")
    return AutoApproval(per=value["per"], **sums)


# Key → the rule's field, and how its value is read.
_KEYS: Mapping[str, tuple[str, Callable[[Way, Any], Any]]] = MappingProxyType(
    {
        "name": ("name", _name),
        "provider": ("providers", _one_of(tuple(COMMANDS))),
        "command": ("commands", _one_of(tuple(dict.fromkeys(COMMANDS.values())))),
        "channel": ("channels", _channels),
        "requester": ("requesters", _people),
        "price_over": ("price_over", _price),
        "price_up_to": ("price_up_to", _price),
        "bought_over": ("bought_over", _whole(0)),
        "approvers": ("approvers", _people),
        "quorum": ("quorum", _whole(1)),
        "ping": ("ping", _pinged),
        "escalate": ("escalations", _escalations),
        "reason": ("is_reason_required", _is_required),
        "keep_trying_hours": ("keep_trying", _hours),
        "auto_approve": ("auto", _auto),
    }
)
