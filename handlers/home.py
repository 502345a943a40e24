"""App Home: opened → written down; and what it shows, drawn.

Home takes no charts and no tables: those are for `/line limits` and `/line history`.
"""

from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.domain.limits import Limits, Source
from bot.domain.purchase import Purchase
from bot.ports import Bought, Freeze, Ports
from bot.use_cases.home import Closed, Home
from handlers import facts, ids, surroundings
from handlers.cards import questions
from handlers.drawing import Block, actions, button, section
from handlers.errors import Body
from handlers.wording import clip, code, command, escape, mention, phone, status, thing, title, when

MOST = 100  # blocks of a view
WAITING = 15  # purchases with buttons, two blocks each
LISTED = 25  # purchases of one line each
_SHORT = 80  # characters of a reason in a line
_GUEST = (
    "Dialtone buys phone lines and numbers, with an approver's yes. Only full members of this"
    " workspace can use it; guests and people from other workspaces cannot."
)


async def opened(ports: Ports, ack: AsyncAck, body: Body) -> None:
    """Somebody looks at one of the app's tabs; Slack may tell it several times."""
    event = body.get("event")
    if isinstance(event, dict) and event.get("tab") == "home" and event.get("user"):
        await ports.store.home_opened(str(event["user"]), ports.clock.now())
        ports.wake()
    await ack()


def view(content: Home | Closed) -> dict[str, Any]:
    """The view to publish."""
    blocks = [section(_GUEST)] if isinstance(content, Closed) else _blocks(content)
    return {"type": "home", "blocks": blocks[:MOST]}


def _blocks(home: Home) -> list[Block]:
    blocks = [] if home.freeze is None else [section(_frozen(home.freeze))]
    if home.can_buy:
        blocks.append(actions(button("Buy a line or number", ids.OPEN_FORM, "buy")))
    blocks += _waiting(home.waiting)
    blocks += _listed("Your requests", home.own, "You have not asked for anything yet.")
    if home.queue is not None:
        blocks += _listed("What else is open", home.queue, "Nothing else is open.")
    if home.limits:
        blocks += [_header("Limits"), *(section(_limits(*each)) for each in home.limits)]
    if home.lately:
        lines = "\n".join(_bought(*each) for each in home.lately)
        blocks += [_header("Bought lately"), section(lines)]
    return blocks


def _waiting(purchases: Sequence[Purchase]) -> list[Block]:
    """Each with its card's buttons, and the question that the card asks before it counts."""
    blocks = [_header("Waiting for you")]
    if not purchases:
        return [*blocks, section("Nothing is waiting for you.")]
    for purchase in purchases[:WAITING]:
        blocks += [section(_asked(purchase)), *questions(purchase)]
    return blocks + _hidden(len(purchases) - WAITING)


def _asked(purchase: Purchase) -> str:
    price = f", {facts.price(purchase)} per month" if purchase.price else ""
    lines = [
        f"*{_opening(purchase)}{price}* · {code(purchase.code)} · {status(purchase.status.value)}",
        f"Requested by {mention(purchase.requester_id)}{facts.noted(purchase.reason)}",
        f"Decide by {when(purchase.expires_at, ago=True)}." if purchase.expires_at else "",
        facts.changed(purchase),
        facts.second(purchase),
        facts.wishes(purchase),
        facts.unchecked(purchase),
        facts.contested(purchase),
        surroundings.alike(purchase),
        facts.approvals(purchase),
        facts.headroom(purchase),
    ]
    return "\n".join(line for line in lines if line)


def _opening(purchase: Purchase) -> str:
    words = facts.what(purchase)
    return words[0].upper() + words[1:]


def _listed(headline: str, purchases: Sequence[Purchase], empty: str) -> list[Block]:
    blocks = [_header(headline)]
    if not purchases:
        return [*blocks, section(empty)]
    blocks += [section(_line(purchase)) for purchase in purchases[:LISTED]]
    return blocks + _hidden(len(purchases) - LISTED)


def _hidden(count: int) -> list[Block]:
    said = f"… and {count} more: {code('/line pending')} lists them."
    return [section(said)] if count > 0 else []


def _line(purchase: Purchase) -> str:
    number = f", {phone(purchase.number)}" if purchase.number else ""
    said = f": {escape(clip(purchase.reason, _SHORT))}" if purchase.reason else ""
    return (
        f"{code(purchase.code)} {thing(purchase)}{number} · *{status(purchase.status.value)}* ·"
        f" {mention(purchase.requester_id)}, {when(purchase.requested_at)}{said}"
    )


def _limits(provider: str, limits: Limits) -> str:
    """As far as the bot has counted: opening Home asks no provider anything."""
    windows = (("24 hours", limits.day), ("30 days", limits.month))
    said = "; ".join(f"{each.left} of {each.limit} left in {label}" for label, each in windows)
    name = title(provider)
    match {each.limit_source for _, each in windows}:
        case sources if Source.PROVIDER not in sources:
            against = "the usual limits"
        case sources if len(sources) == 1:
            against = f"the limits that {name} named at the last request"
        case _:
            against = f"the limits that {name} named at the last request, else the usual ones"
    return (
        f"*{name}*: {said}. Counted from purchases made here, against {against};"
        f" {code(f'{command(provider)} limits')} asks {name}."
    )


def _bought(provider: str, bought: Bought) -> str:
    number = phone(bought.number) if bought.number else "a number"
    return (
        f"*{number}* ({title(provider)}), {code(bought.code)} · {mention(bought.requester_id)},"
        f" {when(bought.sent_at)}"
    )


def _frozen(freeze: Freeze) -> str:
    return (
        f"*Purchases are frozen* by {mention(freeze.by)} since {when(freeze.at)}"
        f"{facts.noted(freeze.reason)}"
    )


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}
