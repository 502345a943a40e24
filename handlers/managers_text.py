"""What managers type after `/line`: ooo, freeze, thaw, notify. Pure, never raises."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from bot.use_cases.answers import Ask
from handlers import until_text
from handlers.payloads import MOST, too_long
from handlers.typed_text import SHOWN, Misunderstood, plain, unquoted
from handlers.wording import clip, code

_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_BACK = frozenset({"end", "off", "back", "over"})


@dataclass(frozen=True, slots=True)
class Manage:
    """Ask for something that the loop answers, with these details."""

    ask: Ask
    details: Mapping[str, Any] = field(default_factory=dict)


def _ooo(command: str, rest: str) -> Manage | Misunderstood:
    typed = plain(rest).strip().casefold()
    if not typed or typed == "list":
        return Manage(Ask.OOO)
    if typed in _BACK:
        return Manage(Ask.OOO, {"does": "end"})
    example = code(f"{command} ooo until Friday @deputy")
    if "yesterday" in typed.split():
        return Misunderstood(
            f"Yesterday is over. Say until when you will be away, such as {example}. Nothing was"
            " changed."
        )
    deputies = _USER.findall(rest)
    if len(deputies) != 1:
        which = "one person" if deputies else "who decides for you meanwhile"
        return Misunderstood(
            f"Name {which}, picked from Slack's list: {example}. This is for approvers. Nothing"
            " was changed."
        )
    said = plain(_USER.sub(" ", rest))
    until = until_text.parse(said)
    if until is None:
        shown = code(clip(" ".join(said.split()), SHOWN)) if said.strip() else "That"
        return Misunderstood(
            f"{shown} does not tell me until when. Type it like {example}, with a weekday,"
            " `tomorrow`, a date such as `2026-11-27`, a time such as `14:00`, or `for 3 days`."
            " Nothing was changed."
        )
    details = {"does": "set", "deputy": deputies[0], "until": until.as_json()}
    return Manage(Ask.OOO, details)


def _freeze(command: str, rest: str) -> Manage | Misunderstood:
    why = unquoted(plain(rest))
    if not why:
        example = code(f"{command} freeze REASON")
        return Misunderstood(f"Say why, for everybody will ask: {example}. Nothing was changed.")
    if len(why) > MOST:
        return Misunderstood(too_long("reason", why))
    return Manage(Ask.FREEZE, {"why": why})


def _thaw(_command: str, _rest: str) -> Manage:
    return Manage(Ask.THAW)


def _notify(command: str, rest: str) -> Manage | Misunderstood:
    typed = plain(rest).strip().casefold()
    if typed in {"", "on", "off"}:
        return Manage(Ask.NOTIFY, {"to": typed or None})
    either = f"{code(f'{command} notify off')} or {code(f'{command} notify on')}"
    return Misunderstood(f"Type {either}. Nothing was changed.")


VERBS: Mapping[str, Callable[[str, str], Manage | Misunderstood]] = MappingProxyType(
    {"ooo": _ooo, "freeze": _freeze, "thaw": _thaw, "notify": _notify}
)
