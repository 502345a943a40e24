"""A purchase as people see it: its card while it lives, the report when it ends. Pure.

One function per status says what happened, whether money moved, who decided and what comes next;
the card adds buttons and small print to it, the report is the same without them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.approval import Rules
from bot.domain.purchase import Purchase, Status
from handlers import facts, ids, surroundings
from handlers.drawing import Block, Drawing, actions, button, question, sentences
from handlers.wording import (
    alternatives,
    code,
    escape,
    mention,
    mentions,
    phone,
    say,
    taken,
    thing,
    title,
    when,
)

_NOTHING = "Nothing was bought and nothing was spent."


@dataclass(frozen=True, slots=True)
class _Face:
    """What a status says to everybody; and what it asks approvers, by which buttons."""

    headline: str
    lines: tuple[str, ...]
    buttons: tuple[Block, ...] = ()
    asks: str = ""
    small: tuple[str, ...] = ()  # what helps to decide, in small print


def card(purchase: Purchase, rules: Rules) -> Drawing:
    """The card as it is to look now."""
    face = _face(purchase)
    # In a paragraph, not in the small print: there a mention is sure to notify.
    is_pending = purchase.status is Status.PENDING
    people = (is_pending and facts.wanted(purchase)) or rules.approvers.as_ids()
    asked = f"{mentions(people)}: {face.asks}" if face.asks else ""
    drawing = sentences(face.headline, (*face.lines, asked), _small(face, purchase))
    drawing.blocks.extend(questions(purchase))
    return drawing


def report(purchase: Purchase) -> Drawing:
    """The message of its own that says how it stands, for the channel of the command."""
    face = _face(purchase)
    news = f"{mention(purchase.requester_id)}, news of {code(purchase.code)}. {face.headline}"
    where = "The button is on its card." if facts.is_repeatable(purchase) else ""
    if face.asks:
        where = (
            "Its card asks the approvers to settle this. Until they have, please do not request"
            " another one."
        )
    return sentences(news, (*face.lines, where))


def story(purchase: Purchase) -> Drawing:
    """How it stands, for one who asks."""
    face = _face(purchase)
    return sentences(face.headline, face.lines, _small(face, purchase))


def questions(purchase: Purchase) -> list[Block]:
    """The buttons that belong to it now."""
    face = _face(purchase)
    return [actions(*face.buttons)] if face.buttons else []


def _face(purchase: Purchase) -> _Face:
    return _FACES[purchase.status](purchase)


def _small(face: _Face, purchase: Purchase) -> str:
    return "\n".join(line for line in (*face.small, code(purchase.code)) if line)


def _requested(purchase: Purchase) -> _Face:
    return _Face(f"{facts.opening(purchase)}: asking for the price", (facts.asked(purchase),))


def _pending(purchase: Purchase) -> _Face:
    until = f" by {when(purchase.expires_at, ago=True)}" if purchase.expires_at else ""
    price, name = facts.price(purchase), title(purchase.provider)
    is_both = facts.brings_second(purchase)
    with_it = f"{name} buys a second, US, number with it. " if is_both else ""
    sure = question(
        f"Buy {'both' if is_both else 'it'} for {price}?",
        f"{with_it}{facts.spends(purchase)} It cannot be undone.",
        "Approve and buy",
        "Not yet",
    )
    return _Face(
        f"Approval wanted: {facts.what(purchase)}, {price} per month",
        (
            facts.frozen(purchase),
            facts.changed(purchase),
            surroundings.alike(purchase),
            facts.asked(purchase),
            facts.compared(purchase),
            facts.second(purchase),
            facts.wishes(purchase),
            facts.unchecked(purchase),
            facts.contested(purchase),
            surroundings.unused(purchase),
            facts.approvals(purchase),
        ),
        (
            _button(purchase, "Approve", ids.APPROVE, style="primary", ask=sure),
            _button(purchase, "Cancel", ids.CANCEL),
        ),
        asks=f"approve or cancel{until}, please.",
        small=(
            facts.headroom(purchase),
            surroundings.spending(purchase),
            surroundings.requesters_month(purchase),
            facts.kept(purchase),
        ),
    )


def _approved(purchase: Purchase) -> _Face:
    return _Face(
        f"Approved: {facts.what(purchase)}, {facts.price(purchase)} per month",
        (
            facts.asked(purchase),
            f"{facts.decided(purchase)} {facts.frozen(purchase) or 'It is about to be bought.'}",
        ),
    )


def _confirming(purchase: Purchase) -> _Face:
    return _Face(
        f"Confirming… {facts.what(purchase)}, {facts.price(purchase)} per month",
        (
            facts.asked(purchase),
            (
                f"{facts.decided(purchase)} {title(purchase.provider)} has been asked to buy it;"
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
    price = facts.price(purchase)
    known = say(purchase.why) if purchase.why else "The answer to the purchase was lost."
    return _Face(
        f"Not known: was {facts.what(purchase)} bought?",
        (
            facts.asked(purchase),
            f"{facts.decided(purchase)} {known} It may have cost {price} per month.",
        ),
        (
            _button(purchase, "It was bought…", ids.BOUGHT),
            _button(purchase, "Nothing was bought", ids.NOTHING_BOUGHT, ask=sure),
        ),
        asks=(
            f"there is no hurry. I keep looking at the {title(purchase.provider)} account, for a"
            " day, and mostly settle this within a minute. If this still asks you after that, look"
            " at the account and its bill yourself, and press what is true, please."
        ),
    )


def _provisioned(purchase: Purchase) -> _Face:
    price = facts.price(purchase)
    numbers = [phone(purchase.number or purchase.order.number or "a number")]
    if purchase.second_number:
        numbers.append(phone(purchase.second_number))
    settled = say(purchase.why) if purchase.why else ""
    if purchase.settled_by:
        settled = f"{mention(purchase.settled_by)} looked and told me the number."
    named = [f"{escape(key)} {code(value)}" for key, value in purchase.provider_ids.items()]
    return _Face(
        f"Bought: {' and '.join(numbers)}",
        (
            f"{facts.opening(purchase)}, {price} per month. {taken(purchase.provider)}",
            facts.came_second(purchase),
            facts.asked(purchase),
            facts.wishes(purchase),
            f"{facts.decided(purchase)} {settled}".strip(),
            facts.bought_after_all(purchase),
            f"{title(purchase.provider)}: {', '.join(named)}" if named else "",
        ),
    )


def _refused(purchase: Purchase) -> _Face:
    why = say(purchase.why) if purchase.why else _NOTHING
    return _Face(f"Refused: {thing(purchase)}", (facts.asked(purchase), why))


def _failed(purchase: Purchase) -> _Face:
    why = say(purchase.why) if purchase.why else _NOTHING
    others = enumerate(alternatives(purchase.why))
    return _Face(
        f"Not bought: {thing(purchase)}",
        (facts.asked(purchase), facts.decided(purchase), why, facts.again(purchase)),
        (
            *_again(purchase),
            *(
                button(f"Request {phone(number)}", ids.request_id(n), number)
                for n, number in others
            ),
        ),
    )


def _charged(purchase: Purchase) -> _Face:
    paid = taken(purchase.provider)
    why = say(purchase.why) if purchase.why else f"{paid} No number came."
    about = (facts.asked(purchase), facts.decided(purchase), why)
    if not purchase.is_open:
        about = (*about[:2], f"{paid} No number came.")
        closed = f"Closed by {facts.whom(purchase.closed_by)}{facts.noted(purchase.note)}"
        return _Face(f"Charged without a number, and closed: {thing(purchase)}", (*about, closed))
    return _Face(
        f"Charged, but without a number: {facts.what(purchase)}, {facts.price(purchase)} per month",
        (*about, facts.bought_after_all(purchase)),
        (
            _button(purchase, "It became a number…", ids.BOUGHT),
            _button(purchase, "Close with a note…", ids.CLOSE),
        ),
        asks=(
            f"get the number or a refund from {title(purchase.provider)}, then press what is true."
            " Do not buy another one before."
        ),
    )


def _cancelled(purchase: Purchase) -> _Face:
    return _Face(
        f"Cancelled: {thing(purchase)}",
        (
            facts.asked(purchase),
            f"Cancelled by {facts.whom(purchase.cancelled_by)}{facts.noted(purchase.note)}",
            f"{_NOTHING} {facts.again(purchase)}",
        ),
    )


def _expired(purchase: Purchase) -> _Face:
    deadline = f" before {when(purchase.expires_at)}" if purchase.expires_at else ""
    return _Face(
        f"Expired: {thing(purchase)}",
        (facts.asked(purchase), f"Nobody decided{deadline}. {_NOTHING} {facts.again(purchase)}"),
        _again(purchase),
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


def _again(purchase: Purchase) -> tuple[Block, ...]:
    if not facts.is_repeatable(purchase):
        return ()
    return (_button(purchase, "Request again", ids.AGAIN),)


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
