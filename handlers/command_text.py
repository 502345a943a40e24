"""What people type after `/line` and `/number` → typed values, or a sentence. Pure, never raises.

What only `/number` has is read by `number_text`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.decision import Action
from bot.use_cases.answers import Ask
from handlers import history_text, ids, managers_text, number_text
from handlers.history_text import Past
from handlers.managers_text import Manage
from handlers.number_text import Assign, Find, Provision
from handlers.payloads import MOST, too_long
from handlers.typed_text import QUOTES, SHOWN, Misunderstood, did_you_mean, plain, unquoted
from handlers.wording import clip, code

_CODE = re.compile(r"[A-Z0-9]{4,12}")
_ROUND_A_CODE = QUOTES + "#*_~.,;:()[]"
_PAGE = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Buy:
    """Ask for a line."""

    reason: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Approve or cancel a purchase by its code."""

    action: Action
    code: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A reading command; `page` counts from 0."""

    ask: Ask
    code: str | None = None
    page: int = 0


@dataclass(frozen=True, slots=True)
class Help:
    """All commands; `hint` says what was not understood, if anything."""

    hint: str = ""


Typed = Buy | Decide | Read | Past | Manage | Find | Provision | Assign | Help | Misunderstood


def parse(command: str, text: str) -> Typed:
    """Read what was typed after a command (`/line`, `/number`), as Slack sent it."""
    word, _, rest = " ".join(text.split()).partition(" ")
    verb = plain(word).strip(_ROUND_A_CODE + "/!?").casefold()
    if verb in {"", "help"}:
        return Help()
    verbs = _VERBS.get(command, _VERBS[ids.LINE])
    if verb in verbs:
        return verbs[verb](command, rest)
    elsewhere = next((other for other, theirs in _VERBS.items() if verb in theirs), None)
    if elsewhere is not None:
        meant = f" Did you mean {code(f'{elsewhere} {verb}')}?"
    else:
        meant = did_you_mean(verb, [*verbs, "help"], before=f"{command} ")
    return Help(f"I do not know {code(f'{command} {clip(verb, SHOWN)}')}.{meant}")


def _buy(_command: str, rest: str) -> Typed:
    reason = unquoted(plain(rest))
    return Misunderstood(too_long("reason", reason)) if len(reason) > MOST else Buy(reason)


def _decide(action: Action) -> Callable[[str, str], Typed]:
    def read(command: str, rest: str) -> Typed:
        word, _, more = rest.partition(" ")
        found = _code(command, action.value, word)
        if isinstance(found, Misunderstood):
            return found
        note = unquoted(plain(more))
        if action is Action.APPROVE and note:  # money moves: nothing is guessed here
            sure = code(f"{command} approve {found}")
            return Misunderstood(
                f"I approve one purchase at a time, without further words: type {sure}."
                " Nothing was approved."
            )
        if len(note) > MOST:
            return Misunderstood(too_long("reason", note))
        return Decide(action, found, note or None)

    return read


def _show(command: str, rest: str) -> Typed:
    found = _code(command, "show", rest.partition(" ")[0])
    return found if isinstance(found, Misunderstood) else Read(Ask.SHOW, code=found)


def _read(ask: Ask) -> Callable[[str, str], Typed]:
    return lambda _command, _rest: Read(ask)


def _list(_command: str, rest: str) -> Typed:
    typed = plain(rest).strip()
    return Read(Ask.LIST, page=max(int(typed) - 1, 0) if _PAGE.fullmatch(typed) else 0)


_EITHER: Mapping[str, Callable[[str, str], Typed]] = {
    "limits": _read(Ask.LIMITS),
    "list": _list,
    "pending": _read(Ask.PENDING),
    "policy": _read(Ask.POLICY),
    "history": history_text.parse,
    "show": _show,
    "approve": _decide(Action.APPROVE),
    "cancel": _decide(Action.CANCEL),
}
_VERBS: Mapping[str, Mapping[str, Callable[[str, str], Typed]]] = MappingProxyType(
    {
        ids.LINE: {
            "buy": _buy,
            **_EITHER,
            **managers_text.VERBS,
        },
        ids.NUMBER: {
            **number_text.VERBS,
            **_EITHER,
        },
    }
)


def _code(command: str, verb: str, word: str) -> str | Misunderstood:
    found = plain(word).strip(_ROUND_A_CODE).upper()
    listed = f"{code(f'{command} pending')} lists the open ones."
    if not found:
        return Misunderstood(f"Which one? Type {code(f'{command} {verb} CODE')}; {listed}")
    if not _CODE.fullmatch(found):
        shown = code(clip(found, SHOWN))
        return Misunderstood(f"{shown} is not a code; they look like `K7Q2`. {listed}")
    return found
