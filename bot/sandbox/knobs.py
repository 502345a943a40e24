"""The knobs of both providers' accounts, as data: what the page draws, and what it may set."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bot.sandbox import magpipe_records, sendblue_records
from bot.sandbox.magpipe import Magpipe
from bot.sandbox.magpipe_answers import ErrorStyle, ProvisionShape
from bot.sandbox.magpipe_search import SearchShape
from bot.sandbox.sendblue import Sendblue
from bot.sandbox.sendblue_limits import LimitsShape

Kind = Literal["choice", "number", "switch"]
Choices = Sequence[tuple[Any, str]]

_MOST_LINES = 50
_MOST_AT_ONCE = 100
_MOST_CREDITS = 10_000
_NO_LIMIT = 0


@dataclass(frozen=True)
class Knob:
    """One thing to turn. `write` gets a value that fits the kind and is within bounds."""

    id: str  # provider.name
    label: str
    kind: Kind
    help: str
    read: Callable[[], Any]
    write: Callable[[Any], None]
    choices: Choices = ()
    least: int = 0
    most: int = 0

    def set(self, value: Any) -> None:
        """Raises ValueError with a sentence."""
        self._check(value)
        self.write(value)

    def _check(self, value: Any) -> None:
        if self.kind == "choice":
            fits = any(value == each and type(value) is type(each) for each, _ in self.choices)
            if not fits:
                known = ", ".join(label for _, label in self.choices)
                raise ValueError(f"“{self.label}” can be: {known}.")
        elif self.kind == "switch":
            if not isinstance(value, bool):
                raise ValueError(f"“{self.label}” is on or off.")
        elif type(value) is not int or not self.least <= value <= self.most:
            raise ValueError(f"“{self.label}” is a whole number from {self.least} to {self.most}.")

    def as_json(self) -> dict[str, Any]:
        value = self.read()
        shown = {"id": self.id, "provider": self.id.partition(".")[0], "label": self.label}
        shown |= {"kind": self.kind, "help": self.help}
        body: dict[str, Any] = {**shown, "value": value}
        if self.kind == "choice":
            known = [[each, label] for each, label in self.choices]
            if value not in [each for each, _ in known]:  # set by a test
                known.append([value, str(value)])
            body["choices"] = known
        elif self.kind == "number":
            body |= {"min": self.least, "max": self.most, "step": 1}
        return body


class Knobs:
    """All knobs of both accounts."""

    def __init__(self, line_seller: Sendblue, number_seller: Magpipe) -> None:
        knobs = [*_of_sendblue(line_seller), *_of_magpipe(number_seller)]
        self._knobs = {knob.id: knob for knob in knobs}

    def set(self, knob_id: str, value: Any) -> None:
        """Raises ValueError with a sentence."""
        if knob_id not in self._knobs:
            raise ValueError("There is no such knob.")
        self._knobs[knob_id].set(value)

    def as_json(self) -> list[dict[str, Any]]:
        return [knob.as_json() for knob in self._knobs.values()]


def _plain(of: Sendblue | Magpipe, attribute: str) -> dict[str, Any]:
    """Reads and writes an attribute as it is."""
    return {
        "read": lambda: getattr(of, attribute),
        "write": lambda value: setattr(of, attribute, value),
    }


def _words(of: Any) -> Choices:
    return [(each, str(each).replace("_", " ")) for each in get_args(of)]


def _of_sendblue(it: Sendblue) -> Iterable[Knob]:
    yield Knob(
        "sendblue.preview_seconds",
        "How long a price stands",
        "choice",
        "A card can be approved for so long. Counts for the next request.",
        **_plain(it, "preview_seconds"),
        choices=(
            (600, "10 minutes"),
            (300, "5 minutes"),
            (120, "2 minutes"),
            (60, "1 minute"),
            (30, "30 seconds"),
            (15, "15 seconds"),
        ),
    )
    yield Knob(
        "sendblue.daily_limit",
        "Lines per day",
        "number",
        "Sendblue lets an account buy so many in 24 hours.",
        **_plain(it, "daily_limit"),
        most=_MOST_AT_ONCE,
    )
    yield Knob(
        "sendblue.monthly_limit",
        "Lines per month",
        "number",
        "Sendblue lets an account buy so many in 30 days.",
        **_plain(it, "monthly_limit"),
        most=_MOST_AT_ONCE,
    )
    yield Knob(
        "sendblue.stock",
        "Lines in stock",
        "number",
        "0: no lines are available.",
        read=lambda: len(it.stock),
        write=lambda wanted: _stock_lines(it, wanted),
        most=_MOST_LINES,
    )
    yield Knob(
        "sendblue.card_on_file",
        "Card on file",
        "switch",
        "Without one nothing can be bought.",
        **_plain(it, "card_on_file"),
    )
    yield Knob(
        "sendblue.plan",
        "Plan",
        "choice",
        "Lines can be bought on the plans agent and inbound only.",
        **_plain(it, "plan"),
        choices=(("inbound_only", "inbound only"), ("agent", "agent"), ("free", "free")),
    )
    yield Knob(
        "sendblue.limits_shape",
        "Shape of the limits' answer",
        "choice",
        "Its documentation does not say what it looks like, so the bot reads all of these.",
        **_plain(it, "limits_shape"),
        choices=_words(LimitsShape),
    )
    yield Knob(
        "sendblue.errors_as_200",
        "Refusals come with status 200",
        "switch",
        "The error is then in the answer alone.",
        **_plain(it, "errors_as_200"),
    )
    yield Knob(
        "sendblue.provisioning_fails",
        "Charge the card, give no line",
        "switch",
        "Every confirm charges the card and ends in provisioning_failed.",
        **_plain(it, "provisioning_fails"),
    )


def _of_magpipe(it: Magpipe) -> Iterable[Knob]:
    yield Knob(
        "magpipe.stock",
        "Numbers for sale",
        "number",
        "0: a search finds nothing.",
        read=lambda: len(it.stock),
        write=lambda wanted: _stock_numbers(it, wanted),
        most=len(magpipe_records.STOCK),
    )
    yield Knob(
        "magpipe.number_limit",
        "Numbers the plan allows",
        "choice",
        "What is on the account counts.",
        read=lambda: _NO_LIMIT if it.number_limit is None else it.number_limit,
        write=lambda most: setattr(it, "number_limit", None if most == _NO_LIMIT else most),
        choices=(
            (_NO_LIMIT, "any number"),
            *((most, "1 number" if most == 1 else f"{most} numbers") for most in (1, 2, 3, 5, 10)),
        ),
    )
    yield Knob(
        "magpipe.credits_balance",
        "Credits, in US dollars",
        "number",
        "A purchase uses them up; below zero is possible.",
        read=lambda: round(it.credits_balance, 2),
        write=lambda dollars: setattr(it, "credits_balance", float(dollars)),
        least=-_MOST_CREDITS,
        most=_MOST_CREDITS,
    )
    yield Knob(
        "magpipe.has_payment_method",
        "Payment method on file",
        "switch",
        "Shown beside the credits.",
        **_plain(it, "has_payment_method"),
    )
    yield Knob(
        "magpipe.auto_recharge_enabled",
        "Credits are recharged by themselves",
        "switch",
        "Shown beside the credits.",
        **_plain(it, "auto_recharge_enabled"),
    )
    yield Knob(
        "magpipe.search_shape",
        "Shape of a search's answer",
        "choice",
        "As documented, with prices; or as the published server code, without.",
        **_plain(it, "search_shape"),
        choices=_words(SearchShape),
    )
    yield Knob(
        "magpipe.provision_shape",
        "Shape of a purchase's answer",
        "choice",
        "As documented; or as the published server code.",
        **_plain(it, "provision_shape"),
        choices=_words(ProvisionShape),
    )
    yield Knob(
        "magpipe.error_style",
        "Shape of refusals",
        "choice",
        "As published, or one form everywhere.",
        **_plain(it, "error_style"),
        choices=_words(ErrorStyle),
    )
    yield Knob(
        "magpipe.save_fails",
        "Buy the number, do not save it",
        "switch",
        "The carrier sells it, and no account has it.",
        **_plain(it, "save_fails"),
    )
    yield Knob(
        "magpipe.us_purchase_fails",
        "A Canadian number comes alone",
        "switch",
        "The US number that belongs to it cannot be bought.",
        **_plain(it, "us_purchase_fails"),
    )
    yield Knob(
        "magpipe.is_carrier_configured",
        "The carrier is configured",
        "switch",
        "Off: every purchase is refused.",
        **_plain(it, "is_carrier_configured"),
    )


def _stock_lines(it: Sendblue, wanted: int) -> None:
    """So many lines for sale; what was sold does not come back."""
    sold = {line.phone_number for line in it.lines}
    made_up = (f"+1303487{number:04d}" for number in itertools.count())
    others = itertools.chain(sendblue_records.STOCK, made_up)
    while len(it.stock) < wanted:
        number = next(others)
        if number not in sold and number not in it.stock:
            it.stock.append(number)
    del it.stock[wanted:]


def _stock_numbers(it: Magpipe, wanted: int) -> None:
    """So many numbers for sale; what was sold does not come back."""
    sold = {charge.phone_number for charge in it.ledger}
    others = [o for o in magpipe_records.STOCK if o not in it.stock and o.phone_number not in sold]
    it.stock[:] = [*it.stock, *others][:wanted]
