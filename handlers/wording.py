"""Words for people, and how Slack writes users, instants and numbers; pure.

https://docs.slack.dev/messaging/formatting-message-text is where the notations come from.
"""

import string
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from bot.domain import sellers
from bot.domain.errors import Reason
from bot.domain.limits import Source
from bot.domain.phone_number import BadPhoneNumber, PhoneNumber
from bot.domain.price import Price
from bot.domain.purchase import Purchase, Status

STATUS_WORDS: Mapping[Status, str] = MappingProxyType(
    {
        Status.REQUESTED: "waiting for its price",
        Status.PENDING: "waiting for approval",
        Status.APPROVED: "approved, about to be bought",
        Status.CONFIRMING: "being bought",
        Status.UNKNOWN: "not known yet whether it was bought",
        Status.PROVISIONED: "bought",
        Status.REFUSED: "refused",
        Status.FAILED: "not bought",
        Status.CHARGED: "charged, without a number",
        Status.CANCELLED: "cancelled",
        Status.EXPIRED: "expired",
    }
)
_SOURCES: Mapping[Source, str] = MappingProxyType(
    {
        Source.PROVIDER: "{title} says so",
        Source.OWN_COUNT: "counted from purchases made here",
        Source.DEFAULT: "{title}'s published default",
    }
)
# Sentences of Slack's side alone; the domain knows nothing of forms and incidents.
_OWN: Mapping[str, str] = MappingProxyType(
    {
        "FormNotOpened": (
            "Slack could not open the form. Nothing was requested or changed; try again."
        ),
        "Unreadable": "Slack sent something I cannot read: {what} Nothing was changed.",
        "Nowhere": (
            "In a direct message nobody could approve it, so nothing was requested. Ask in a"
            " channel, or have `APPROVAL_CHANNEL` set."
        ),
        "AskedLineHere": (
            "Asking {provider} for a line. The card `{code}` comes here in a moment, or I tell you"
            " why not."
        ),
        "AskedLineElsewhere": (
            "Asking {provider} for a line. The card `{code}` comes to {channel:channel} in a"
            " moment, or I tell you why not."
        ),
        "AskedNumberHere": (
            "Asking {provider} for {number:phone}. The card `{code}` comes here in a moment, or I"
            " tell you why not."
        ),
        "AskedNumberElsewhere": (
            "Asking {provider} for {number:phone}. The card `{code}` comes to {channel:channel} in"
            " a moment, or I tell you why not."
        ),
        "StillWaiting": "{approvers:roster}: `{code}` waits for you until {expires_at:time}.",
        "AskedNext": (
            "{approvers:roster}: nobody has decided on `{code}` yet. Could you? It waits until"
            " {expires_at:time}."
        ),
        "LastMinute": (
            "Nobody has decided on `{code}` yet; its price expires within a minute, at"
            " {expires_at:time}. After that you can request it again from its card."
        ),
        "CardFrozen": (
            "*Buying is frozen:* {by:user} stopped it {at:time}, saying “{why}”. Nothing is"
            " approved or bought before `/line thaw`."
        ),
        "FreezeAnnounced": (
            "{by:user} has frozen buying: “{why}”. Until an approver types `/line thaw`, nothing"
            " can be requested or approved, and what is approved waits."
        ),
        "ThawAnnounced": "{by:user} has thawed buying: it goes on.",
        "Broken": (
            "Something broke here (incident `{incident}`), so this was most likely not written"
            " down. Look at the card or at `/line pending` before you try again. Whoever runs"
            " Dialtone finds the incident in the log."
        ),
    }
)
DATE_TOKENS = "{date_short_pretty} at {time}"  # an instant as Slack writes it for each reader
_ALTERNATIVES = 3
_SAID_MOST = 300  # characters of somebody else's message that are repeated


def escape(text: str) -> str:
    """Keep Slack from reading `<!channel>` and the like in what people typed; exactly once."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clip(text: str, most: int) -> str:
    """Shorten before escaping, never after: an entity must not be cut in half."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def code(text: str) -> str:
    """Set in a code span, which a backtick of its own would end early."""
    return f"`{escape(text.replace('`', ''))}`"


def mention(some_id: str) -> str:
    """A user or a user group, by id; both are notified."""
    safe = "".join(c for c in some_id if c.isalnum() or c in "_-")
    return f"<!subteam^{safe}>" if safe.startswith("S") else f"<@{safe}>"


def mentions(some_ids: Iterable[str]) -> str:
    return ", ".join(mention(some_id) for some_id in some_ids) or "nobody"


def channel(channel_id: str) -> str:
    """A channel by its id; a direct message has no link that others could follow."""
    safe = "".join(c for c in channel_id if c.isalnum())
    return "this direct message" if safe.startswith("D") else f"<#{safe}>"


def when(instant: datetime, *, ago: bool = False) -> str:
    """An instant in each reader's own time zone; with `ago`, kept current by Slack itself."""
    tokens = DATE_TOKENS + (" ({ago})" if ago else "")
    fallback = instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(instant.timestamp())}^{tokens}|{fallback}>"


def latest(instant: datetime) -> str:
    """An instant until which something is sure to have happened."""
    return f"at the latest {when(instant, ago=True)}"


def day(instant: datetime) -> str:
    """A day with its weekday, and how far off it is."""
    fallback = instant.astimezone(UTC).strftime("%A %Y-%m-%d")
    return f"<!date^{int(instant.timestamp())}^{{date_long}} ({{ago}})|{fallback}>"


def phone(e164: str) -> str:
    """A number in international format; what cannot be read is shown as it is."""
    try:
        return PhoneNumber(e164).display()
    except BadPhoneNumber:
        return escape(e164)


def national(e164: str) -> str:
    """The same as it is written inside its country: "(604) 555-1234"."""
    try:
        return PhoneNumber(e164).national()
    except BadPhoneNumber:
        return escape(e164)


def amount(text: str) -> str:
    """A price as it is stored ("2.00 USD"), as people write it."""
    try:
        return Price.parse(text).display()
    except ValueError:
        return escape(text)


def dollars(value: Decimal) -> str:
    """US dollars, which may be owed."""
    return f"{'-' if value < 0 else ''}${abs(value):,.2f}"


def count(provider: str, number: int) -> str:
    """So many of what is bought there: "1 line", "3 numbers"."""
    noun = sellers.of(provider).sells
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def status(value: str) -> str:
    try:
        return STATUS_WORDS[Status(value)]
    except ValueError:
        return escape(value)


def title(provider: str) -> str:
    """Its name as people write it."""
    return escape(sellers.of(provider).title)


def source(name: str, origin: Source) -> str:
    """Where a figure about the provider of that name comes from."""
    return _SOURCES[origin].format(title=name)


def thing(purchase: Purchase) -> str:
    """What it is, in a few words: "a Sendblue line", "the Magpipe number +1 604-555-1234"."""
    if purchase.order.number:
        return f"the {title(purchase.provider)} number {phone(purchase.order.number)}"
    name = title(purchase.provider)
    article = "an" if name[:1] in "AEIOaeio" else "a"
    return f"{article} {name} {sellers.of(purchase.provider).sells}"


def taken(provider: str) -> str:
    """That money has moved, and from where; a sentence."""
    if sellers.of(provider).has_credits:
        return f"It has been taken from {title(provider)}'s credits."
    return "The card has been charged."


def command(provider: str) -> str:
    """The command that buys there."""
    return sellers.of(provider).command


def say(reason: Reason) -> str:
    """The sentence of an error, filled in; never raises, whatever its fields are."""
    template = _OWN.get(reason.name, reason.template)
    fields = {"name": reason.name, **reason.fields}
    sentence = _Sentences().vformat(template, (), fields)
    said = fields.get("said")
    if isinstance(said, str) and said.strip():
        who = title(str(fields.get("provider") or "The provider"))
        sentence += f" {who} says: “{escape(clip(' '.join(said.split()), _SAID_MOST))}”"
    others = alternatives(reason)
    if others:
        asked = f"{command(str(fields.get('provider') or 'magpipe'))} provision "
        listed = " or ".join(code(asked + number) for number in others)
        sentence += f" For another one of the same area, type {listed}."
    return sentence


def alternatives(reason: Reason | None) -> list[str]:
    """Numbers on offer in place of one that is gone, in E.164; readable ones, three at most."""
    named = reason.fields.get("alternatives") if reason else None
    offered = named if isinstance(named, list | tuple) else []
    return [number for number in offered if _is_e164(number)][:_ALTERNATIVES]


def _is_e164(found: Any) -> bool:
    try:
        return isinstance(found, str) and bool(PhoneNumber(found))
    except BadPhoneNumber:
        return False


def _instant(value: Any, write: Callable[[datetime], str] = when) -> str:
    try:
        return write(datetime.fromisoformat(str(value)).astimezone(UTC))
    except ValueError:
        return escape(str(value))


def _myself(name: str) -> str:
    """The bot as the subject of a sentence; by name where a workspace has several."""
    return f"I am Dialtone “{escape(name)}” and" if name else "I"


def _roster(value: Any) -> str:
    named = [value] if isinstance(value, str) else value
    return mentions(str(some_id) for some_id in named) if isinstance(named, list) else "nobody"


_KINDS: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "user": lambda value: mention(str(value)),
        "time": _instant,
        "latest": lambda value: _instant(value, latest),
        "channel": lambda value: channel(str(value)),
        "roster": _roster,
        "status": lambda value: status(str(value)),
        "phone": lambda value: phone(str(value)),
        "instance": lambda value: _myself(str(value)),
        "taken": lambda value: taken(str(value)),
    }
)


class _Sentences(string.Formatter):
    """Fills `{field:kind}` and `{field:kind|words without it}`; else a missing field becomes "?",
    for a sentence with a hole says more than a crash."""

    def get_field(
        self, field_name: str, _args: Any, kwargs: Mapping[str, Any]
    ) -> tuple[Any, str | int]:
        return kwargs.get(field_name, self._missing(field_name, kwargs)), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        kind, _, otherwise = format_spec.partition("|")
        if value is None:
            return otherwise or "?"
        if kind in _KINDS:
            return _KINDS[kind](value)
        return escape(str(value))

    def _missing(self, name: str, fields: Mapping[str, Any]) -> str | None:
        provider = str(fields.get("provider") or "")
        known = {"command": command(provider), "provider": "The provider", "instance": ""}
        return known.get(name)
