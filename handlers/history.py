"""Purchases of before, as a table, and as a list where Slack does not know such tables yet; pure.

https://docs.slack.dev/reference/block-kit/blocks/data-table-block
"""

from datetime import datetime

from bot.domain import sellers
from bot.domain.price import Price
from bot.domain.purchase import Purchase
from bot.use_cases.answers import Ask
from bot.use_cases.history import PAGE, History
from handlers import ids, paging
from handlers.drawing import MESSAGE_MOST, TEXT_MOST, Block, Drawing, fit, listing, section, size
from handlers.paging import Page
from handlers.wording import (
    DATE_TOKENS,
    clip,
    code,
    escape,
    mention,
    phone,
    status,
    thing,
    when,
)

_SHORT = 80  # characters of a reason in a list
_NAME_MOST = 40  # characters of a name in a cell
_NOTHING = "–"  # noqa: RUF001 a cell must not be empty
_HEADINGS = ("Code", "What", "Status", "Requested by", "When", "Per month", "Number")


def history(content: History) -> Drawing:
    """A page of purchases, newest first."""
    headline = _headline(content)
    page = Page(Ask.HISTORY, sellers.behind(ids.LINE), content.page, content.wanted)
    turning = paging.turning_open(page, has_more=content.has_more)
    lines = [line(purchase) for purchase in content.purchases]
    empty = "There are none." if content.wanted else "There are none yet."
    plain = listing(headline, lines, empty, room=MESSAGE_MOST - size(turning))
    plainer = [*plain.blocks, *turning]
    if not lines:
        return Drawing(plainer, plain.text)
    blocks = [section(f"*{headline}*"), _table(content), *turning]
    return Drawing(blocks, fit(plain.text, TEXT_MOST), plainer)


def line(purchase: Purchase) -> str:
    """A purchase in one line."""
    what = thing(purchase)
    if purchase.number:
        what += f", {phone(purchase.number)}"
    said = f": {escape(clip(purchase.reason, _SHORT))}" if purchase.reason else ""
    return (
        f"{code(purchase.code)} {what} · *{status(purchase.status.value)}* ·"
        f" {mention(purchase.requester_id)}, {when(purchase.requested_at)}{said}"
    )


def _headline(content: History) -> str:
    of = f" of {mention(content.requester_id)}" if content.requester_id else ""
    stands = f", {status(content.status.value)}" if content.status else ""
    since = f", since {when(content.since)}" if content.since else ""
    first = content.page * PAGE + 1
    here = f": {first} to {first + len(content.purchases) - 1}" if _has_pages(content) else ""
    return f"Purchases{of}{stands}{since}, newest first{here}"


def _has_pages(content: History) -> bool:
    return content.has_more or content.page > 0


def _table(content: History) -> Block:
    heading = [_text(each) for each in _HEADINGS]
    return {
        "type": "data_table",
        "caption": "Purchases, newest first",
        "rows": [heading, *(_row(purchase) for purchase in content.purchases)],
        "page_size": PAGE,
    }


def _row(purchase: Purchase) -> list[Block]:
    bought = [number for number in (purchase.number, purchase.second_number) if number]
    numbers = bought or ([purchase.order.number] if purchase.order.number else [])
    return [
        _text(purchase.code),
        _text(_what(purchase)),
        _text(status(purchase.status.value)),
        _rich({"type": "user", "user_id": purchase.requester_id}),
        _rich(_date(purchase.requested_at)),
        _price(purchase.price),
        _text(", ".join(phone(number) for number in numbers) or _NOTHING),
    ]


def _what(purchase: Purchase) -> str:
    """A cell's text is shown as it is: nothing in it is escaped."""
    seller, name = sellers.of(purchase.provider), purchase.order.name
    named = f" “{clip(name, _NAME_MOST)}”" if name else ""
    return f"{seller.title} {seller.sells}{named}"


def _text(text: str) -> Block:
    return {"type": "raw_text", "text": text}


def _rich(element: Block) -> Block:
    section = {"type": "rich_text_section", "elements": [element]}
    return {"type": "rich_text", "elements": [section]}


def _date(instant: datetime) -> Block:
    return {
        "type": "date",
        "timestamp": int(instant.timestamp()),
        "format": DATE_TOKENS,
        "fallback": instant.strftime("%Y-%m-%d %H:%M UTC"),
    }


def _price(price: Price | None) -> Block:
    if price is None:
        return _text(_NOTHING)
    return {"type": "raw_number", "value": float(price.amount), "text": price.display()}
