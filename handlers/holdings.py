"""What is on an account, and a number that changed hands, as the one who asked sees it; pure."""

from bot.use_cases.answers import Ask, Assigned, Held, Holdings
from handlers import paging
from handlers.drawing import MESSAGE_MOST, Drawing, sentences, size
from handlers.paging import Page
from handlers.wording import clip, code, escape, mention, phone, when

SHOWN = 15
_SHORT = 80  # characters of a reason or a name
_SHORTEST = 12  # … where fifteen of them would not fit a message


def holdings(content: Holdings) -> Drawing:
    """A page of the account."""
    headline = f"On the {escape(content.title)} account"
    if not content.held:
        return sentences(headline, ["Nothing is on the account."])
    number, shown = paging.cut(content.held, content.page, SHOWN)
    if len(shown) < len(content.held):
        first = number * SHOWN + 1
        headline += f": {len(content.held)}, here {first} to {first + len(shown) - 1}"
    drawn = sentences(headline, [_held(each, _SHORT) for each in shown])
    if size(drawn.blocks) > MESSAGE_MOST:
        drawn = sentences(headline, [_held(each, _SHORTEST) for each in shown])
    page = Page(Ask.LIST, content.provider, number)
    drawn.blocks.extend(paging.turning(page, len(content.held), SHOWN))
    return drawn


def assigned(content: Assigned) -> Drawing:
    agent = content.agent
    whom = f"*{escape(clip(agent.name, _SHORT))}* ({code(clip(agent.id, _SHORT))})"
    line = f"At {escape(content.title)} it now belongs to the agent {whom}. This cost nothing."
    return sentences(f"Assigned: {phone(content.number)}", [line])


def _held(held: Held, most: int) -> str:
    """One number: what the account says of it, and who bought it here."""
    holding = held.holding
    number = phone(holding.number) if holding.number else "a line without a number"
    state = f" ({escape(clip(holding.state, most))})" if holding.state else ""
    parts = [f"*{number}*{state}"]
    if holding.name:
        parts.append(escape(clip(holding.name, most)))
    if holding.agent_name:
        parts.append(f"agent {escape(clip(holding.agent_name, most))}")
    if holding.created_at:
        parts.append(f"since {when(holding.created_at, ago=True)}")
    return " · ".join([*parts, _origin(held, most)])


def _origin(held: Held, most: int) -> str:
    purchase = held.purchase
    if purchase is None:
        return "not bought here"
    said = f": {escape(clip(purchase.reason, most))}" if purchase.reason else ""
    bought = f", {when(purchase.settled_at)}" if purchase.settled_at else ""
    came = ""
    if purchase.number and held.holding.number == purchase.second_number:
        came = f" together with {phone(purchase.number)}"
    return f"{code(purchase.code)} bought{came} for {mention(purchase.requester_id)}{bought}{said}"
