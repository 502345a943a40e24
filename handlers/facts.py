"""What cards and reports say of a purchase, fact by fact; pure."""

from collections.abc import Mapping

from bot.domain import sellers
from bot.domain.errors import Reason
from bot.domain.limits import Source, Window
from bot.domain.policy import Terms
from bot.domain.preview import NOT_CHECKED
from bot.domain.price import Price
from bot.domain.purchase import REPEATABLE, Purchase, Status
from bot.ports import MOST_COMPARED
from handlers.wording import (
    amount,
    clip,
    code,
    command,
    escape,
    latest,
    mention,
    phone,
    say,
    source,
    thing,
    title,
    when,
)

_LONGEST = 500  # characters of a reason or note
# Where a number is gone, or ours already, asking for the same one again leads nowhere.
_IN_VAIN = frozenset({"NumberGone", "NumberAlreadyOurs", "CarrierRefused"})


def opening(purchase: Purchase) -> str:
    """What it is, to open a sentence with."""
    words = thing(purchase)
    return words[0].upper() + words[1:]


def price(purchase: Purchase) -> str:
    return purchase.price.display() if purchase.price else "an unknown price"


def asked(purchase: Purchase) -> str:
    return f"Requested by {mention(purchase.requester_id)}{noted(purchase.reason)}"


def decided(purchase: Purchase) -> str:
    if purchase.approver_id is None:
        return ""
    terms = Terms.of(purchase.details)
    if terms is not None and terms.auto is not None:
        return f"Approved by itself: the policy's rule “{escape(terms.rule)}” has room for it."
    together = purchase.details.get("approved_by")
    names = together if isinstance(together, list | tuple) else [purchase.approver_id]
    away = purchase.details.get("deputy_for")
    instead = f" for {mention(str(away))}, who is away" if away else ""
    return f"Approved by {' and '.join(mention(str(each)) for each in names)}{instead}."


def frozen(purchase: Purchase) -> str:
    """Why nothing is bought now."""
    fields = purchase.details.get("frozen")
    if not isinstance(fields, Mapping):
        return ""
    return say(Reason("CardFrozen", fields))


def pinged(purchase: Purchase) -> list[str]:
    """Whom its rule, and the clock since then, ask; empty where no rule does."""
    terms = Terms.of(purchase.details)
    escalated = purchase.details.get("escalated")
    more = escalated if isinstance(escalated, list | tuple) else ()
    deputies = purchase.details.get("deputies")
    standing_in = deputies if isinstance(deputies, list | tuple) else ()
    asked = [*(terms.ping if terms else ()), *map(str, more), *map(str, standing_in)]
    return list(dict.fromkeys(asked))


def wanted(purchase: Purchase) -> list[str]:
    """Of those whom its rule asks, who has not approved it yet; once all of them have, the others
    who may. Empty where no rule asks anybody."""
    asked, given = pinged(purchase), _votes(purchase)
    terms = Terms.of(purchase.details)
    left = [each for each in asked if each not in given]
    if left or not asked or terms is None:
        return left
    return [each for each in terms.approvers if each not in given]


def _votes(purchase: Purchase) -> list[str]:
    votes = purchase.details.get("votes")
    return [str(each) for each in votes] if isinstance(votes, list | tuple) else []


def approvals(purchase: Purchase) -> str:
    """Who has approved so far, and how many are missing, where it takes several."""
    terms = Terms.of(purchase.details)
    if terms is None or terms.quorum == 1:
        return ""
    given = _votes(purchase)
    missing = max(1, terms.quorum - len(given))
    if not given:
        return f"*It takes {terms.quorum} people to approve it.*"
    named = " and ".join(mention(each) for each in given)
    return f"*Approved by {named}; {missing} more {'is' if missing == 1 else 'are'} needed.*"


def spends(purchase: Purchase) -> str:
    """What an approval does, and where the money comes from: one sentence."""
    terms = Terms.of(purchase.details)
    quorum = 1 if terms is None else terms.quorum
    which = "This" if quorum == 1 else f"It takes {quorum} people; the last approval"
    costs = f"{price(purchase)} per month{' for both numbers' if brings_second(purchase) else ''}"
    if sellers.of(purchase.provider).has_credits:
        return f"{which} takes {costs} from {title(purchase.provider)}'s credits, starting at once."
    return f"{which} charges the card on file {costs}, starting at once."


def kept(purchase: Purchase) -> str:
    """How long its price is kept alive."""
    terms = Terms.of(purchase.details)
    if terms is None or terms.keep_until is None:
        return ""
    if purchase.expires_at is not None and terms.keep_until <= purchase.expires_at:
        return ""
    return f"Its price is asked for again whenever it runs out, until {when(terms.keep_until)}."


def whom(user_id: str | None) -> str:
    return mention(user_id) if user_id else "somebody"


def noted(text: str | None) -> str:
    """What somebody wrote, as one quoted paragraph after a colon; else a full stop."""
    words = " ".join((text or "").split())
    return f":\n> {escape(clip(words, _LONGEST))}" if words else "."


def wishes(purchase: Purchase) -> str:
    """What was ordered besides the number."""
    order = purchase.order
    wishes = [f"Name: {escape(clip(order.name, _LONGEST))}"] if order.name else []
    agent = order.agent_name or order.agent_id
    if agent:
        wishes.append(f"Agent: {escape(clip(agent, _LONGEST))}")
    return " · ".join(wishes)


def is_repeatable(purchase: Purchase) -> bool:
    """Whether its card offers to request the same again."""
    in_vain = purchase.why is not None and purchase.why.name in _IN_VAIN
    return purchase.status in REPEATABLE and purchase.again_code is None and not in_vain


def again(purchase: Purchase) -> str:
    """How to ask for the same once more, or who has."""
    if purchase.again_by and purchase.again_code:
        return f"Requested again by {mention(purchase.again_by)}: {code(purchase.again_code)}."
    if is_repeatable(purchase):
        return "*Request again* asks for the same at today's price."
    if purchase.status in REPEATABLE:
        return ""
    number = f" provision {purchase.order.number}" if purchase.order.number else " buy"
    return f"To ask again, type {code(command(purchase.provider) + number)}."


def bought_after_all(purchase: Purchase) -> str:
    """A warning where it was requested again before it was known to be bought."""
    if purchase.again_code is None:
        return ""
    return (
        f"*It was requested again meanwhile, as {code(purchase.again_code)}:* cancel that one"
        " unless both are wanted."
    )


def compared(purchase: Purchase) -> str:
    """What the price is against that of the previous one, for what is requested again."""
    previous = purchase.details.get("previous")
    if not isinstance(previous, Mapping) or purchase.price is None:
        return ""
    # Of another end than this one the provider may think differently yet.
    expired = ", which expired" if previous.get("status") == Status.EXPIRED.value else ""
    which = f"{code(str(previous.get('code')))}{expired}"
    try:
        return f"Requested again: {_difference(purchase.price, str(previous['price']))} {which}."
    except (KeyError, ValueError):  # no price, or one in another currency
        return f"Requested again after {which}."


def _difference(now: Price, before: str) -> str:
    was = Price.parse(before)
    if now == was:
        return "the same price as"
    if now > was:
        return f"*{now.minus(was).display()} per month more* than"
    return f"{was.minus(now).display()} per month less than"


def contested(purchase: Purchase) -> str:
    """A warning where the limits leave too little for this purchase, or for all that wait."""
    if purchase.limits is None:
        return ""
    windows = (("today", purchase.limits.day), ("in 30 days", purchase.limits.month))
    label, window = min(windows, key=lambda each: each[1].left)
    if window.left == 0:
        frees = f" The next one frees up {latest(window.frees_at)}." if window.frees_at else ""
        name = title(purchase.provider)
        return f"*None is left {label}: {name} will probably refuse this one.*{frees}"
    others = purchase.details.get("waiting")
    if not isinstance(others, int) or (others < window.left and others < MOST_COMPARED):
        return ""
    verb = "is" if others == 1 else "are"
    counted = f"{others:,} or more" if others == MOST_COMPARED else f"{others} more"
    return f"*{counted} {verb} waiting; {window.left} left {label}.*"


def headroom(purchase: Purchase) -> str:
    """How much the limits leave after this purchase, and where the figures come from."""
    if purchase.limits is None:
        return ""
    name = title(purchase.provider)
    day = _left("24 hours", purchase.limits.day, name)
    return f"After this one: {day}; {_left('30 days', purchase.limits.month, name)}."


def _left(label: str, window: Window, name: str) -> str:
    """Where a figure comes from is said when it is not the provider's own."""
    figures = {"limit": window.limit_source, "used": window.used_source}
    own = [f"{n}: {source(name, s)}" for n, s in figures.items() if s is not Source.PROVIDER]
    said = f" ({'; '.join(own)})" if own else ""
    return f"{window.left_after_one} of {window.limit} left in {label}{said}"


def brings_second(purchase: Purchase) -> bool:
    """Whether the provider buys a second number with the one that was asked for."""
    return purchase.details.get("second_number") is True


def what(purchase: Purchase) -> str:
    """Everything that an approval buys, in a few words."""
    return thing(purchase) + (" and a second, US, number" if brings_second(purchase) else "")


def second(purchase: Purchase) -> str:
    """What is to be known of the second number before approving."""
    if not brings_second(purchase):
        return ""
    return (
        f"*Two numbers are bought:* with a Canadian number {title(purchase.provider)} always buys"
        f" a second, US, number. {price(purchase)} per month is for both."
    )


def came_second(purchase: Purchase) -> str:
    """What became of the second number."""
    if purchase.second_number:
        both = " The price is for both." if brings_second(purchase) else ""
        return f"With it came a second number: *{phone(purchase.second_number)}*.{both}"
    if not brings_second(purchase):
        return ""
    return (
        f"A second, US, number was to come with it, but {title(purchase.provider)} has named none:"
        " look there whether it was bought. The price is the one that was approved, for both."
    )


def changed(purchase: Purchase) -> str:
    """Why it is asked again, if it is."""
    before = purchase.details.get("price_was")
    if not isinstance(before, str) or purchase.price is None:
        return ""
    if amount(before) == price(purchase):
        said = "What was to be bought has changed"
    else:
        said = f"The price changed from {amount(before)} to {price(purchase)}"
    return f"*{said} since it was approved; nothing was bought. Please decide again.*"


def unchecked(purchase: Purchase) -> str:
    """What the preview could not find out."""
    missing = []
    if purchase.details.get("offered") == NOT_CHECKED:
        missing.append("whether it is still for sale")
    if purchase.details.get("ours") == NOT_CHECKED:
        missing.append("whether it is on the account already")
    if not missing:
        return ""
    return (
        f"*Not checked:* {' and '.join(missing)}; {title(purchase.provider)} gave no answer that I"
        " could use."
    )
