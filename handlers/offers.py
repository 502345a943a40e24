"""Numbers for sale, as the one who asked sees them; pure."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from bot.domain import sellers
from bot.domain.phone_number import BadPhoneNumber, PhoneNumber
from bot.ports import Offer, Search
from bot.use_cases.answers import Ask, Offers
from handlers import ids, paging
from handlers.drawing import TEXT_MOST, Drawing, button, context, fit, section, sentences
from handlers.paging import Page
from handlers.wording import clip, code, escape, national

SHOWN = 8
_SHORT = 60  # characters of what the provider says of a number
_CAPABILITIES: Mapping[str, str] = MappingProxyType(
    {"voice": "voice", "sms": "SMS", "mms": "MMS", "fax": "fax"}
)
_TYPE = "To give it a name or an agent at once, type {usage}."
_SECOND = (
    "Prices are for one number. A Canadian number brings a second, US, number with it: its card"
    " shows the price of both before anybody approves."
)


def offers(content: Offers) -> Drawing:
    """A page of a search, each number with its Request button."""
    asked = f"{escape(content.title)} numbers {_asked(content.wanted)}".rstrip()
    if not content.offers:
        return sentences(f"No {asked}", [_hint(content.wanted)])
    number, shown = paging.cut(content.offers, content.page, SHOWN)
    found = f"{asked}: {_count(content.offers)}"
    if len(shown) < len(content.offers):
        first = number * SHOWN + 1
        found += f", here {first} to {first + len(shown) - 1}"
    usage = code('/number provision +1… name "Main Line" agent NAME')
    small = _TYPE.format(usage=usage)
    if any(_is_canadian(offer) for offer in shown):
        small = f"{_SECOND} {small}"
    lines = [_line(offer) for offer in shown]
    blocks = [
        section(f"*{found}*"),
        *(section(line, _request(offer)) for line, offer in zip(lines, shown, strict=True)),
        context(small),
    ]
    page = Page(Ask.SEARCH, sellers.of(content.title).name, number, paging.details(content.wanted))
    blocks += paging.turning(page, len(content.offers), SHOWN)
    return Drawing(blocks, fit("\n".join([found, *lines, small]), TEXT_MOST))


def _line(offer: Offer) -> str:
    place = _listed(part for part in (offer.locality, offer.region) if part)
    can = _listed(_CAPABILITIES.get(each.casefold(), each) for each in offer.capabilities)
    price = f"{offer.price.display()} per month" if offer.price else ""
    nearby = "_nearby_" if offer.is_nearby else ""
    parts = (f"*{national(offer.number)}*", place, price, can, nearby)
    return " · ".join(part for part in parts if part)


def _listed(words: Iterable[str]) -> str:
    return escape(clip(", ".join(words), _SHORT))


def _request(offer: Offer) -> dict[str, object]:
    spoken = f"Request {national(offer.number)}"
    return button("Request", ids.REQUEST, offer.number, spoken=spoken)


def _asked(wanted: Search) -> str:
    """What was searched for, in words."""
    words = []
    if wanted.area_code:
        words.append(f"in area code {escape(wanted.area_code)}")
    if wanted.city:
        words.append(f"in {escape(wanted.city)}")
    if wanted.is_toll_free:
        words.insert(0, "that are toll-free")
    if wanted.contains:
        words.append(f"with {escape(wanted.contains)} in them")
    return " ".join(words)


def _count(found: Sequence[Offer]) -> str:
    """How many, and how many of them are not where they were looked for."""
    nearby = sum(offer.is_nearby for offer in found)
    if nearby == len(found):
        return f"none there, but {nearby} nearby"
    return f"{len(found)} for sale" + (f", {nearby} of them nearby" if nearby else "")


def _hint(wanted: Search) -> str:
    """What to try when nothing was found."""
    area_code = "415" if wanted.area_code == "604" else "604"
    city = "Vancouver" if (wanted.city or "").casefold() == "denver" else "Denver"
    others = [
        f"another area code ({code(f'/number search {area_code}')})",
        f"a city ({code(f'/number search {city}')})",
    ]
    if not wanted.is_toll_free:
        others.append(f"{code('/number search toll-free')}")
    if wanted.contains:
        others.insert(0, f"fewer digits after {code('contains')}")
    return f"Try {', '.join(others[:-1])} or {others[-1]}."


def _is_canadian(offer: Offer) -> bool:
    try:
        return PhoneNumber(offer.number).is_canadian
    except BadPhoneNumber:
        return False
