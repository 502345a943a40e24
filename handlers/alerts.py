"""Alerts as a channel sees them, and what is said of them afterwards; pure.

What an alert says is what was so when it was raised: `bot.use_cases.check_limits` writes the facts.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.domain import sellers
from bot.domain.alerts import Alert, Subject
from bot.domain.limits import Source
from bot.use_cases.answers import Snoozed
from handlers import ids
from handlers.drawing import Drawing, actions, button, sentences
from handlers.wording import (
    amount,
    code,
    count,
    day,
    dollars,
    escape,
    latest,
    mention,
    source,
    title,
    when,
)

_LABELS: Mapping[Subject, str] = {Subject.DAY: "24 hours", Subject.MONTH: "30 days"}
_CODES = 12  # of purchases that will not fit; the rest is counted
_NEAR = 1  # left, to say "one"


def alert(told: Alert) -> Drawing:
    """The alert as it is to look now; it can be snoozed while it is in force and awake."""
    headline, lines, small = _said(told)
    drawing = sentences(f"⚠️ {headline}", [*lines, _state(told)], small)
    if all(each is None for each in (told.ended_at, told.ended_by, told.snoozed_until)):
        spoken = f"Snooze the alert about {_about(told)}"
        drawing.blocks.append(actions(button("Snooze", ids.SNOOZE, told.id, spoken=spoken)))
    return drawing


def recovered(told: Alert) -> Drawing:
    """What is said in the alert's thread when it is over."""
    name = title(told.provider)
    match told.subject:
        case Subject.BALANCE:
            text = f"Back to normal: {name}'s credits are not low any more."
        case Subject.SILENCE:
            text = f"{name} tells {_untold(told)} again."
        case _:
            limit = _number(told.facts, "limit")
            text = (
                f"Back to normal: fewer than {told.level} of {name}'s"
                f" {count(told.provider, limit)} per {_LABELS[told.subject]} are used."
            )
    return Drawing([], text)


def snoozed(content: Snoozed) -> Drawing:
    """The answer to the one who pressed."""
    return Drawing(
        [],
        f"Snoozed: no more alerts about {_about(content.alert)} until {when(content.until)}."
        " The alert in the channel says that it was you.",
    )


def _said(told: Alert) -> tuple[str, list[str], str]:
    """Headline, paragraphs, small print."""
    match told.subject:
        case Subject.BALANCE:
            return _balance(told)
        case Subject.SILENCE:
            return _silence(told)
        case _:
            return _window(told)


def _window(told: Alert) -> tuple[str, list[str], str]:
    facts, name, label = told.facts, title(told.provider), _LABELS[told.subject]
    used, limit, left = (_number(facts, key) for key in ("used", "limit", "left"))
    how_many = f"{used} of {count(told.provider, limit)} used in {label}"
    if left > 0:
        remain = "one left" if left == _NEAR else f"{left} left"
        headline = f"{name}'s limit is near: {how_many}, {remain}"
    else:
        headline = f"{name}'s limit is reached: {how_many}"
    frees_at, expected_at = _instant(facts, "frees_at"), _instant(facts, "expected_at")
    if frees_at is None:
        frees = "When the next one frees up is not known."
    else:
        frees = f"The next one frees up {latest(frees_at)}."
    lines = [
        _last_ones(facts),
        frees,
        _unfit(facts),
        f"At this month's pace the limit is reached on {day(expected_at)}." if expected_at else "",
    ]
    return headline, lines, _sources(name, facts, has_freed=frees_at is not None)


def _balance(told: Alert) -> tuple[str, list[str], str]:
    facts, name = told.facts, title(told.provider)
    headline = f"{name}'s credits are low: {_credits(facts)} left"
    price = amount(str(facts.get("price", "?")))
    line = f"That is under two numbers' price ({price} each), and nothing recharges them."
    return headline, [line], ""


def _silence(told: Alert) -> tuple[str, list[str], str]:
    facts, name = told.facts, title(told.provider)
    since, error = _instant(facts, "since"), facts.get("error")
    headline = f"{name} has not told {_untold(told)}"
    headline += f" since {when(since)}" if since else " for over an hour"
    if sellers.of(told.provider).has_credits:
        line = "Nobody is warned now when its credits run low."
    else:
        line = "Until it does, figures are counted from purchases made here."
    small = f"The last attempt ended with {code(error)}." if isinstance(error, str) else ""
    return headline, [line], small


def _state(told: Alert) -> str:
    """Why there is no button any more."""
    if told.ended_by is not None:
        return "A newer alert took its place."
    if told.ended_at is not None:
        return f"Over since {when(told.ended_at)}."
    if told.snoozed_until is not None:
        who = f" by {mention(told.snoozed_by)}" if told.snoozed_by else ""
        return f"Snoozed{who} until {when(told.snoozed_until)}."
    return ""


def _about(told: Alert) -> str:
    """What the alert is about, in a few words."""
    name = title(told.provider)
    match told.subject:
        case Subject.BALANCE:
            return f"{name}'s credits"
        case Subject.SILENCE:
            return f"{name}'s silence"
        case _:
            return f"{name}'s limit per {_LABELS[told.subject]}"


def _untold(told: Alert) -> str:
    """What that provider is asked at every check."""
    return "its credits" if sellers.of(told.provider).has_credits else "its limits"


def _last_ones(facts: Mapping[str, Any]) -> str:
    bought = [each for each in _listed(facts, "last") if isinstance(each, Mapping)]
    if not bought:
        return "None of them was bought here."
    words = [_one(each) for each in bought]
    return f"Bought last: {', '.join(words)}."


def _one(bought: Mapping[str, Any]) -> str:
    at = _instant(bought, "at")
    who, what = mention(str(bought.get("requester_id", ""))), code(str(bought.get("code", "?")))
    return f"{what} for {who}" + (f", {when(at)}" if at else "")


def _unfit(facts: Mapping[str, Any]) -> str:
    codes = [code(str(each)) for each in _listed(facts, "unfit")]
    if not codes:
        return ""
    shown = ", ".join(codes[:_CODES])
    hidden = len(codes) - _CODES
    more = f" and {hidden} more" if hidden > 0 else ""
    return f"*Waiting, and will not fit:* {shown}{more}."


def _sources(name: str, facts: Mapping[str, Any], *, has_freed: bool) -> str:
    """Where figures come from when not from the provider."""
    keys = {"Used": "used_source", "Limit": "limit_source"}
    if has_freed:
        keys["Frees up"] = "frees_source"
    found = {label: _source(facts, key) for label, key in keys.items()}
    own = (f"{n}: {source(name, s)}." for n, s in found.items() if s is not Source.PROVIDER)
    return " ".join(own)


def _source(facts: Mapping[str, Any], key: str) -> Source:
    try:
        return Source(facts[key])
    except (KeyError, ValueError):
        return Source.PROVIDER


def _credits(facts: Mapping[str, Any]) -> str:
    told = str(facts.get("amount", "?"))
    try:
        return dollars(Decimal(told))
    except InvalidOperation:
        return escape(told)


def _number(facts: Mapping[str, Any], key: str) -> int:
    found = facts.get(key)
    return found if isinstance(found, int) else 0


def _instant(facts: Mapping[str, Any], key: str) -> datetime | None:
    try:
        return datetime.fromisoformat(facts[key]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        return None


def _listed(facts: Mapping[str, Any], key: str) -> Sequence[Any]:
    found = facts.get(key)
    return found if isinstance(found, list | tuple) else ()
