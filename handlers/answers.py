"""What people asked to see, drawn; pure. What is computed for it: `bot.use_cases.answers`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.domain import sellers
from bot.domain.errors import Reason
from bot.domain.purchase import Purchase
from bot.ports import AuditRow
from bot.use_cases.absences import Absences, Delegated, Returned
from bot.use_cases.answers import (
    Assigned,
    Content,
    Help,
    Holdings,
    LimitsAnswer,
    Offers,
    OpenPurchases,
    Snoozed,
    Story,
)
from bot.use_cases.freeze import IsFrozen, Thawed
from bot.use_cases.history import History
from bot.use_cases.notify import Notified
from bot.use_cases.policy_answer import PolicyAnswer
from handlers import ids
from handlers.alerts import snoozed
from handlers.cards import questions, story
from handlers.drawing import MESSAGE_MOST, Drawing, joined, listing, sentences, size
from handlers.history import history, line
from handlers.holdings import assigned, holdings
from handlers.limits import limits
from handlers.managing import managed
from handlers.offers import offers
from handlers.policy import policy
from handlers.wording import (
    amount,
    clip,
    code,
    escape,
    mention,
    phone,
    say,
    status,
    when,
)

_LONGEST = 500
_HELP: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "Lines ({line})": (
            ("/line buy [reason]", "ask for a line; an approver decides before money is spent"),
            ("/line limits", "how many may still be bought, and what was bought so far"),
            ("/line list [page]", "the lines on the account, and who bought them"),
        ),
        "Numbers ({number})": (
            (
                "/number search AREA_CODE|CITY|toll-free [contains DIGITS]",
                "what is for sale, each with a button to request it",
            ),
            (
                '/number provision +1… [name "Main Line"] [agent NAME|ID] [reason …]',
                "ask for that number; an approver decides before money is spent",
            ),
            (
                "/number assign +1… AGENT",
                "give a number to an agent, by name or id; for approvers, costs nothing",
            ),
            ("/number list [page]", "the numbers on the account, their agents, who bought them"),
            ("/number limits", "what was bought so far, what it costs, and the credits left"),
        ),
        "Purchases (with either command)": (
            ("/line pending", "what is open, and what is waiting for a person"),
            ("/line policy", "who would have to approve what you ask for here, and why"),
            (
                "/line history [@user] [status bought] [since 7d] [page 2]",
                "what was asked for before",
            ),
            ("/line show CODE", "one purchase, and everything that happened to it"),
            ("/line approve CODE", "as the button does, but without asking you again"),
            ("/line cancel CODE [reason]", "as the button does"),
        ),
        "Approvers (all but notify)": (
            (
                "/line ooo until Friday @deputy",
                "somebody decides for you; also `until 2026-11-27 14:00`, `for 3 days`",
            ),
            ("/line ooo", "who is away, and who decides for them; `/line ooo end`: you are back"),
            ("/line freeze REASON", "nothing is bought until `/line thaw`"),
            ("/line notify [off|on]", "whether you get direct messages about purchases"),
        ),
    }
)
_DONE: Mapping[str, str] = MappingProxyType(
    {
        "request": "asked for it",
        "request_again": "requested the same again",
        "again_ended": "ended that request, so the same can be requested once more",
        "preview": "asked the provider for the price",
        "changed": "found that what was approved has changed, and asked anew",
        "approve": "approved it",
        "cancel": "cancelled it",
        "expire": "closed it: nobody had decided in time",
        "remind": "reminded those whom it asks",
        "renew": "asked for a price again, as the old one ran out",
        "budget": "found no room in the budget, so people are asked",
        "confirm": "sent the purchase to the provider",
        "bought": "said which number it became",
        "nothing_bought": "said that nothing was bought",
        "close": "closed it",
        "reason": "said why it was cancelled",
        "look_up": "looked at what is on the account",
        "answer": "heard from the provider how it ended",
    }
)
_TRIED: Mapping[str, str] = MappingProxyType(
    {
        "preview": "ask for the price",
        "post_card": "post its card",
        "confirm": "send the purchase to the provider",
        "approve": "approve it",
        "cancel": "cancel it",
        "bought": "say which number it became",
        "nothing_bought": "say that nothing was bought",
        "close": "close it",
        "reason": "say why it was cancelled",
    }
)


def draw(content: Content) -> Drawing:
    match content:
        case Help():
            return help_page()
        case OpenPurchases(purchases):
            items = [line(purchase) for purchase in purchases]
            return listing("Open purchases", items, "None is open.")
        case History():
            return history(content)
        case Story(purchase, rows):
            return _story(purchase, rows)
        case Absences() | Delegated() | Returned() | IsFrozen() | Thawed() | Notified():
            return managed(content)
        case _:
            return _account(content)


def _account(
    content: LimitsAnswer | Snoozed | Holdings | Offers | Assigned | PolicyAnswer,
) -> Drawing:
    match content:
        case PolicyAnswer():
            return policy(content)
        case LimitsAnswer():
            return limits(content)
        case Snoozed():
            return snoozed(content)
        case Holdings():
            return holdings(content)
        case Offers():
            return offers(content)
        case Assigned():
            return assigned(content)


def help_page(hint: str = "") -> Drawing:
    """All commands; `hint` says what was not understood."""
    who = {"line": _sellers(ids.LINE), "number": _sellers(ids.NUMBER)}
    parts = [
        f"*{heading.format(**who)}*\n"
        + "\n".join(f"{code(usage)}: {what}" for usage, what in commands)
        for heading, commands in _HELP.items()
    ]
    first = [hint] if hint else []
    return sentences(
        "Dialtone buys phone lines and numbers, with an approver's yes", [*first, *parts]
    )


def _sellers(command: str) -> str:
    return " or ".join(each.title for each in sellers.SELLERS.values() if each.command == command)


def _story(purchase: Purchase, rows: Sequence[AuditRow]) -> Drawing:
    about = story(purchase)
    # Whoever lost the card, or never had it, decides here.
    about.blocks.extend(questions(purchase))
    told = listing(
        "What happened",
        [_told(row, purchase) for row in rows],
        "Nothing is on record yet.",
        room=MESSAGE_MOST - size(about.blocks),
        newest_last=True,
    )
    return joined(about, told)


def _told(row: AuditRow, purchase: Purchase) -> str:
    """One row of the audit as a sentence."""
    who = "Dialtone" if row.actor_id == "dialtone" else mention(row.actor_id)
    what = _DONE.get(row.action, f"did this: {escape(row.action)}")
    detail = row.detail
    if row.outcome == "refused":
        sentence = f"{who} wanted to {_TRIED.get(row.action, escape(row.action))}: refused."
    else:
        sentence = f"{who} {what}."
    if row.to_status is not None and row.to_status is not row.from_status:
        sentence += f" Now: {status(row.to_status.value)}."
    name, fields = detail.get("error"), detail.get("fields")
    if isinstance(name, str):
        known = fields if isinstance(fields, Mapping) else {}
        sentence += " " + say(Reason(name, {"code": purchase.code, **known}))
    note = detail.get("note")
    if isinstance(note, str) and note:
        sentence += f" “{escape(clip(note, _LONGEST))}”"
    price, before = detail.get("price"), detail.get("price_was")
    if isinstance(price, str) and isinstance(before, str):
        sentence += f" Price: {amount(price)}, approved: {amount(before)}."
    away = detail.get("deputy_for")
    if isinstance(away, str):
        sentence += f" In place of {mention(away)}, who was away."
    sentence += _approved(row)
    number = detail.get("number")
    if isinstance(number, str):
        sentence += f" Number: {phone(number)}."
    again, ended = detail.get("again"), detail.get("status")
    if isinstance(again, str):
        sentence += f" The new request: {code(again)}"
        sentence += f", {status(ended)}." if isinstance(ended, str) else "."
    return f"{when(row.at)}: {sentence}"


def _approved(row: AuditRow) -> str:
    """What an approval lacked, or whom it needed nobody by."""
    missing, rule = row.detail.get("missing"), row.detail.get("rule")
    if isinstance(missing, int) and missing:
        return f" {missing} more {'was' if missing == 1 else 'were'} needed."
    if row.action == "approve" and isinstance(rule, str):
        return f" The policy's rule “{escape(rule)}” had room for it."
    return ""
