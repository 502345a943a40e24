"""What people type after `/number search`, `provision` and `assign` → typed values, or a sentence.

Where money may follow nothing is guessed: a value of several words stands in quotes, and whatever
else is typed must be a keyword.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.phone_number import BadPhoneNumber, PhoneNumber
from bot.domain.purchase import Order
from bot.ports import Search
from handlers.payloads import MOST, too_long
from handlers.typed_text import (
    DOUBLE,
    QUOTES,
    SHOWN,
    Misunderstood,
    did_you_mean,
    next_value,
    plain,
    unquoted,
)
from handlers.wording import clip, code

NAME_MOST = 200  # characters of a number's name or an agent's
CITY_MOST = 100
_CONTAINS_MOST = 10  # digits: area code and number
_AREA_CODE_DIGITS = 3
_TEL = re.compile(r"<tel:([^<>|]*)(?:\|[^<>]*)?>", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_DIGITS = re.compile(r"[\d().+\-/]+", re.ASCII)
# https://www.nationalnanpa.com/number_resource_info/area_codes.html
_AREA_CODE = re.compile(r"(?!.11)[2-9][0-9]{2}")
_TOLL_FREE_CODES = frozenset({"800", "833", "844", "855", "866", "877", "888"})
_TOLL_FREE = frozenset({"toll-free", "tollfree", "toll_free"})
_TWO_WORDS = re.compile(r"\btoll free\b", re.IGNORECASE)
_KEYWORDS = ("name", "agent", "reason")
_KEYWORD = re.compile(r"(name|agent|reason)(?:\s*[:=]\s*|\s+|$)", re.IGNORECASE)
_QUOTED = '"Main Line"'
_SEARCH_USAGE = (
    f"Type {code('/number search 604')} (an area code), {code('/number search Denver')} (a city)"
    f" or {code('/number search toll-free')}, and after it {code('contains 555')} if certain"
    " digits should be in it."
)


@dataclass(frozen=True, slots=True)
class Find:
    """Look for numbers on offer."""

    wanted: Search


@dataclass(frozen=True, slots=True)
class Provision:
    """Ask for a certain number; `order.agent_id` is the agent's id or name, as it was typed; a
    form asks for a number that is left out."""

    order: Order
    reason: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Give a number on the account to an agent, named by id or name."""

    number: str  # E.164
    agent: str


class _Unclear(ValueError):
    """It cannot be done as typed; `str()` is the sentence. Never leaves this module."""


def _search(rest: str) -> Find:
    """`604|CITY|toll-free [contains DIGITS] [toll-free]`."""
    place: list[str] = []
    filters: list[str] | None = None
    is_toll_free = False
    for word in _TWO_WORDS.sub("toll-free", plain(rest)).split():
        folded = word.strip(QUOTES + ",:").casefold()
        if folded in _TOLL_FREE:
            is_toll_free = True
        elif folded == "contains" and filters is None:
            filters = []
        else:
            (place if filters is None else filters).append(word)
    contains = None if filters is None else _contained(filters)
    area_code, city = _place(place)
    if not (area_code or city or contains or is_toll_free):
        raise _Unclear(_SEARCH_USAGE)
    wanted = Search(
        area_code=area_code,
        city=city,
        contains=contains,
        is_toll_free=is_toll_free or area_code in _TOLL_FREE_CODES,
    )
    return Find(wanted)


def _provision(rest: str) -> Provision:
    """`[+1…] [name "…"] [agent ID-OR-NAME] [reason …]`."""
    number, words = None, plain(rest).strip()
    if not words or _KEYWORD.match(words):
        rest = words
    else:
        number, rest = _number(rest, f"provision +16045551234 name {_QUOTED}")
    given: dict[str, str] = {}
    while rest:
        keyword = _KEYWORD.match(rest)
        if keyword is None:
            raise _unknown(rest.partition(" ")[0])
        key, rest = keyword[1].casefold(), rest[keyword.end() :]
        if key in given:
            raise _Unclear(f"{code(key)} is there twice. Nothing was requested.")
        if key == "reason":
            given[key] = unquoted(rest)
            break
        given[key], rest = _value(rest)
        if not given[key]:
            raise _Unclear(f"After {code(key)} nothing follows. Nothing was requested.")
    _check_lengths(given)
    order = Order(number=number, name=given.get("name"), agent_id=given.get("agent"))
    return Provision(order, given.get("reason", ""))


def _assign(rest: str) -> Assign:
    """`+1… AGENT`."""
    usage = "assign +16045551234 AGENT"
    number, rest = _number(rest, usage)
    agent = unquoted(rest)
    if not agent:
        asked = code(f"/number {usage}")
        raise _Unclear(f"Which agent? Type {asked}, with its name or id. Nothing was changed.")
    if agent[0] in QUOTES:
        _value(agent)
    _check_lengths({"agent": agent})
    return Assign(number, agent)


def _number(rest: str, usage: str) -> tuple[str, str]:
    """The number that comes first, in E.164, and what follows it as the person typed it."""
    link = _TEL.match(rest)
    if link is not None:  # the link has the number as Slack understood it, its label need not
        rest = f'"{link[1]}" {rest[link.end() :]}'
    rest = plain(rest).strip()
    if not rest or _KEYWORD.match(rest):
        raise _Unclear(f"Which number? Type it first: {code(f'/number {usage}')}.")
    written, after = _value(rest)
    if rest[0] not in QUOTES and not _is_number(written):
        while after and _DIGITS.fullmatch(after.partition(" ")[0]):
            word, _, after = after.partition(" ")
            written += f" {word}"
    try:
        return PhoneNumber.parse(written).e164, after.strip()
    except BadPhoneNumber as error:
        raise _Unclear(f"{error} You typed {code(clip(written, SHOWN))}.") from None


def _value(text: str) -> tuple[str, str]:
    found = next_value(text)
    if found is None:
        raise _open_quote(text)
    return found


def _open_quote(text: str) -> _Unclear:
    return _Unclear(
        f"A quote is open at {code(clip(text, SHOWN))}: put one before and one after, as in"
        f" {code(_QUOTED)}. Nothing was done."
    )


def _is_number(written: str) -> bool:
    try:
        PhoneNumber.parse(written)
    except BadPhoneNumber:
        return False
    return True


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _contained(words: list[str]) -> str:
    """The digits that come after `contains`."""
    odd = next((word for word in words if not _DIGITS.fullmatch(word.strip(QUOTES))), None)
    if odd is not None:
        raise _Unclear(
            f"After {code('contains')} come digits, such as {code('contains 555')}; I cannot use"
            f" {code(clip(odd, SHOWN))} there.{did_you_mean(odd, _TOLL_FREE)}"
        )
    digits = _digits("".join(words))
    if not digits:
        raise _Unclear(f"Which digits? Type them after it: {code('contains 555')}.")
    if len(digits) > _CONTAINS_MOST:
        raise _Unclear(
            f"A number has {_CONTAINS_MOST} digits, and after {code('contains')} there are"
            f" {len(digits)}. Type fewer."
        )
    return digits


def _place(words: list[str]) -> tuple[str | None, str | None]:
    """Area code and city, of which one is None at least."""
    text = unquoted(" ".join(words))
    shown, digits = code(clip(text, SHOWN)), _digits(text)
    if not text:
        return None, None
    if any(c in DOUBLE for c in text):
        raise _open_quote(text)
    if _LETTER.search(text):
        return None, _city(text, words)
    if len(digits) > _AREA_CODE_DIGITS and _is_number(text):
        asked = code(f"/number provision {PhoneNumber.parse(text).e164}")
        raise _Unclear(f"To ask for that very number, type {asked}.")
    if len(digits) == _AREA_CODE_DIGITS + 1:
        digits = digits.removeprefix("1")  # the country code
    if not _AREA_CODE.fullmatch(digits):
        raise _Unclear(f"{shown} is no area code. {_SEARCH_USAGE}")
    return digits, None


def _city(text: str, words: list[str]) -> str:
    if any(c.isdigit() for c in text):
        second = words[1] if len(words) > 1 else ""
        raise _Unclear(
            f"{code(clip(text, SHOWN))} is neither an area code nor a city."
            f"{did_you_mean(second, ['contains', 'toll-free'])} {_SEARCH_USAGE}"
        )
    if len(text) > CITY_MOST:
        raise _Unclear(too_long("city", text, CITY_MOST))
    return text


_TOO_LONG: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "name": ("name for the number", NAME_MOST),
        "agent": ("agent's name or id", NAME_MOST),
        "reason": ("reason", MOST),
    }
)


def _check_lengths(given: Mapping[str, str]) -> None:
    for key, text in given.items():
        what, most = _TOO_LONG[key]
        if len(text) > most:
            raise _Unclear(too_long(what, text, most))


def _unknown(word: str) -> _Unclear:
    return _Unclear(
        f"I do not know what {code(clip(word, SHOWN))} means here.{did_you_mean(word, _KEYWORDS)}"
        f" After the number come {code('name')}, {code('agent')} and {code('reason')}; a name of"
        f" several words stands in quotes, as in {code(_QUOTED)}. Nothing was requested."
    )


_Typed = Find | Provision | Assign


def _told(read: Callable[[str], _Typed]) -> Callable[[str, str], _Typed | Misunderstood]:
    def verb(_command: str, rest: str) -> _Typed | Misunderstood:
        try:
            return read(rest)
        except _Unclear as unclear:
            return Misunderstood(str(unclear))

    return verb


VERBS: Mapping[str, Callable[[str, str], _Typed | Misunderstood]] = MappingProxyType(
    {"search": _told(_search), "provision": _told(_provision), "assign": _told(_assign)}
)
