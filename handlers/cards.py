"""A purchase as people see it: its card while it lives, the report when it ends. Pure.

One function per status says what happened, whether money moved, who decided and what comes next;
the card adds buttons and small print to it, the report is the same without them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.approval import Rules
from bot.domain.limits import Window
from bot.domain.purchase import Purchase, Status
from handlers import ids
from handlers.drawing import Block, Drawing, actions, button, question, sentences
from handlers.wording import (
    clip,
    code,
    command,
    escape,
    mention,
    mentions,
    phone,
    say,
    source,
    thing,
    title,
    when,
)

_LONGEST = 500  # characters of a reason or note
_NOTHING = "Nothing was bought and nothing was spent."


@dataclass(frozen=True, slots=True)
class _Face:
    """What a status says: to everybody, and by which buttons it asks approvers something."""

    headline: str
    lines: tuple[str, ...]
    buttons: tuple[Block, ...] = ()
    asks_approvers: bool = False


def card(purchase: Purchase, rules: Rules) -> Drawing:
    """The card as it is to look now."""
    face = _face(purchase)
    small = [code(purchase.code)]
    if face.asks_approvers:
        small.append(f"Approvers: {mentions(rules.approvers.as_ids())}")
    drawing = sentences(face.headline, face.lines, " · ".join(small))
    if face.buttons:
        drawing.blocks.append(actions(*face.buttons))
    return drawing


def report(purchase: Purchase) -> Drawing:
    """The message of its own that says how it stands, for the channel of the command."""
    face = _face(purchase)
    return sentences(face.headline, face.lines, code(purchase.code))


def _face(purchase: Purchase) -> _Face:
    return _FACES[purchase.status](purchase)


def _requested(purchase: Purchase) -> _Face:
    return _Face(f"{_opening(purchase)}: asking for the price", (_asked(purchase),))


def _pending(purchase: Purchase) -> _Face:
    until = f"Until {when(purchase.expires_at, ago=True)}" if purchase.expires_at else ""
    sure = question(
        f"Buy it for {_price(purchase)}?",
        f"This charges the card on file {_price(purchase)} per month, starting at once."
        " It cannot be undone.",
        "Approve and buy",
        "Not yet",
    )
    return _Face(
        f"Approval wanted: {thing(purchase)}, {_price(purchase)} per month",
        (_asked(purchase), _wishes(purchase), _headroom(purchase), until),
        (
            _button(purchase, "Approve", ids.APPROVE, style="primary", ask=sure),
            _button(purchase, "Cancel", ids.CANCEL),
        ),
        asks_approvers=True,
    )


def _approved(purchase: Purchase) -> _Face:
    return _Face(
        f"Approved: {thing(purchase)}, {_price(purchase)} per month",
        (_asked(purchase), f"{_decided(purchase)} It is about to be bought."),
    )


def _confirming(purchase: Purchase) -> _Face:
    return _Face(
        f"Confirming… {thing(purchase)}, {_price(purchase)} per month",
        (
            _asked(purchase),
            (
                f"{_decided(purchase)} {title(purchase.provider)} has been asked to buy it;"
                " the result comes here."
            ),
        ),
    )


def _unknown(purchase: Purchase) -> _Face:
    sure = question(
        "Was nothing bought?",
        f"Answer this only after you have looked at the {title(purchase.provider)} account and its"
        " bill. Dialtone will record that no money was spent.",
        "Nothing was bought",
        "Back",
    )
    known = say(purchase.why) if purchase.why else "The answer to the purchase was lost."
    return _Face(
        f"Not known: was {thing(purchase)} bought?",
        (
            _asked(purchase),
            f"{_decided(purchase)} {known} It may have cost {_price(purchase)} per month.",
            f"*Approvers:* look at the {title(purchase.provider)} account and press what is true.",
        ),
        (
            _button(purchase, "It was bought…", ids.BOUGHT),
            _button(purchase, "Nothing was bought", ids.NOTHING_BOUGHT, ask=sure),
        ),
        asks_approvers=True,
    )


def _provisioned(purchase: Purchase) -> _Face:
    number = phone(purchase.number or purchase.order.number or "a number")
    second = ""
    if purchase.second_number:
        second = f"With it came a second number: *{phone(purchase.second_number)}*."
    settled = ""
    if purchase.settled_by:
        settled = f"{mention(purchase.settled_by)} looked and told me the number."
    named = [f"{escape(key)} {code(value)}" for key, value in purchase.provider_ids.items()]
    return _Face(
        f"Bought: {number}",
        (
            f"{_opening(purchase)}, {_price(purchase)} per month. The card has been charged.",
            second,
            _asked(purchase),
            _wishes(purchase),
            f"{_decided(purchase)} {settled}".strip(),
            f"{title(purchase.provider)}: {', '.join(named)}" if named else "",
        ),
    )


def _refused(purchase: Purchase) -> _Face:
    why = say(purchase.why) if purchase.why else _NOTHING
    return _Face(f"Refused: {thing(purchase)}", (_asked(purchase), why))


def _failed(purchase: Purchase) -> _Face:
    why = say(purchase.why) if purchase.why else _NOTHING
    return _Face(
        f"Not bought: {thing(purchase)}",
        (_asked(purchase), _decided(purchase), why, _again(purchase)),
    )


def _charged(purchase: Purchase) -> _Face:
    why = say(purchase.why) if purchase.why else "The card has been charged, no number came."
    about = (_asked(purchase), _decided(purchase), why)
    if not purchase.is_open:
        closed = f"Closed by {_whom(purchase.closed_by)}{_noted(purchase.note)}"
        return _Face(f"Charged without a number, and closed: {thing(purchase)}", (*about, closed))
    return _Face(
        f"Charged, but without a number: {thing(purchase)}, {_price(purchase)} per month",
        (
            *about,
            (
                f"*Approvers:* get the number or a refund from {title(purchase.provider)}, then"
                " press what is true. Do not buy another one before."
            ),
        ),
        (
            _button(purchase, "It became a number…", ids.BOUGHT),
            _button(purchase, "Close with a note…", ids.CLOSE),
        ),
        asks_approvers=True,
    )


def _cancelled(purchase: Purchase) -> _Face:
    return _Face(
        f"Cancelled: {thing(purchase)}",
        (
            _asked(purchase),
            f"Cancelled by {_whom(purchase.cancelled_by)}{_noted(purchase.note)}",
            f"{_NOTHING} {_again(purchase)}",
        ),
    )


def _expired(purchase: Purchase) -> _Face:
    deadline = f" before {when(purchase.expires_at)}" if purchase.expires_at else ""
    return _Face(
        f"Expired: {thing(purchase)}",
        (_asked(purchase), f"Nobody decided{deadline}. {_NOTHING} {_again(purchase)}"),
    )


_FACES: Mapping[Status, Callable[[Purchase], _Face]] = MappingProxyType(
    {
        Status.REQUESTED: _requested,
        Status.PENDING: _pending,
        Status.APPROVED: _approved,
        Status.CONFIRMING: _confirming,
        Status.UNKNOWN: _unknown,
        Status.PROVISIONED: _provisioned,
        Status.REFUSED: _refused,
        Status.FAILED: _failed,
        Status.CHARGED: _charged,
        Status.CANCELLED: _cancelled,
        Status.EXPIRED: _expired,
    }
)


def _opening(purchase: Purchase) -> str:
    """What it is, to open a sentence with."""
    words = thing(purchase)
    return words[0].upper() + words[1:]


def _button(
    purchase: Purchase,
    label: str,
    action_id: str,
    *,
    style: str | None = None,
    ask: Block | None = None,
) -> Block:
    value = ids.join(purchase.id, purchase.revision)
    return button(label, action_id, value, style=style, ask=ask)


def _price(purchase: Purchase) -> str:
    return purchase.price.display() if purchase.price else "an unknown price"


def _asked(purchase: Purchase) -> str:
    return f"Requested by {mention(purchase.requester_id)}{_noted(purchase.reason)}"


def _decided(purchase: Purchase) -> str:
    return f"Approved by {mention(purchase.approver_id)}." if purchase.approver_id else ""


def _whom(user_id: str | None) -> str:
    return mention(user_id) if user_id else "somebody"


def _noted(text: str | None) -> str:
    """What somebody wrote, as one quoted paragraph after a colon; else a full stop."""
    words = " ".join((text or "").split())
    return f":\n> {escape(clip(words, _LONGEST))}" if words else "."


def _wishes(purchase: Purchase) -> str:
    """What was ordered besides the number."""
    order = purchase.order
    wishes = [f"Name: {escape(clip(order.name, _LONGEST))}"] if order.name else []
    agent = order.agent_name or order.agent_id
    if agent:
        wishes.append(f"Agent: {escape(clip(agent, _LONGEST))}")
    return " · ".join(wishes)


def _again(purchase: Purchase) -> str:
    number = f" provision {purchase.order.number}" if purchase.order.number else " buy"
    return f"To ask again, type {code(command(purchase.provider) + number)}."


def _headroom(purchase: Purchase) -> str:
    """How much the limits leave after this purchase, and where the figures come from."""
    if purchase.limits is None:
        return ""
    name = title(purchase.provider)
    day = _left("24 hours", purchase.limits.day, name)
    return f"After this one: {day}; {_left('30 days', purchase.limits.month, name)}"


def _left(label: str, window: Window, name: str) -> str:
    figures = f"limit: {source(name, window.limit_source)}"
    if window.used_source is not window.limit_source:
        figures += f"; used: {source(name, window.used_source)}"
    return f"{window.left_after_one} of {window.limit} left in {label} ({figures})"
