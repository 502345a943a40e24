"""What people type after `/line` and `/number` → typed values, or a sentence. Pure, never raises.

The manifest sets `should_escape`: people and channels come as `<@U…|name>` and `<#C…|name>`, and
`&`, `<`, `>` that were typed come as entities.
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.decision import Action
from bot.use_cases.answers import Ask
from handlers import ids
from handlers.payloads import MOST, too_long
from handlers.wording import clip, code

_LINK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_CODE = re.compile(r"[A-Z0-9]{4,12}")
_QUOTES = "\"'`“”„‟«»‘’‚‛"  # noqa: RUF001 - what keyboards and phones put round words
_ROUND_A_CODE = _QUOTES + "#*_~.,;:()[]"
_SHOWN = 20  # characters of what was not understood that are repeated


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
    """A reading command; `of` is a user id."""

    ask: Ask
    code: str | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Unbuilt:
    """A command of Magpipe's, which is not set up."""


@dataclass(frozen=True, slots=True)
class Help:
    """All commands; `hint` says what was not understood, if anything."""

    hint: str = ""


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """It cannot be done as typed: what is wrong, and what to type instead."""

    sentence: str


Typed = Buy | Decide | Read | Unbuilt | Help | Misunderstood


def parse(command: str, text: str) -> Typed:
    """Read what was typed after a command (`/line`, `/number`), as Slack sent it."""
    word, _, rest = " ".join(text.split()).partition(" ")
    verb = plain(word).strip(_ROUND_A_CODE + "/!?").casefold()
    if verb in {"", "help"}:
        return Help()
    verbs = _VERBS.get(command, _VERBS[ids.LINE])
    if verb in verbs:
        return verbs[verb](command, rest)
    near = difflib.get_close_matches(verb, [*verbs, "help"], n=1)
    meant = f" Did you mean {code(f'{command} {near[0]}')}?" if near else ""
    return Help(f"I do not know {code(f'{command} {clip(verb, _SHOWN)}')}.{meant}")


def plain(text: str) -> str:
    """Text as the person typed it: names instead of Slack's links, entities undone once."""
    return _unescape(_LINK.sub(_label, text))


def _buy(_command: str, rest: str) -> Typed:
    reason = _unquoted(plain(rest))
    return Misunderstood(too_long("reason", reason)) if len(reason) > MOST else Buy(reason)


def _decide(action: Action) -> Callable[[str, str], Typed]:
    def read(command: str, rest: str) -> Typed:
        word, _, more = rest.partition(" ")
        found = _code(command, action.value, word)
        if isinstance(found, Misunderstood):
            return found
        note = _unquoted(plain(more))
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


def _history(command: str, rest: str) -> Typed:
    if not rest:
        return Read(Ask.HISTORY)
    user = _USER.search(rest)
    if user is None:
        who = code(clip(plain(rest), _SHOWN))
        return Misunderstood(
            f"I cannot tell who {who} is. Type {code(f'{command} history @')} and pick the person"
            " from Slack's list."
        )
    return Read(Ask.HISTORY, of=user[1])


def _read(ask: Ask) -> Callable[[str, str], Typed]:
    return lambda _command, _rest: Read(ask)


def _unbuilt(_command: str, _rest: str) -> Typed:
    return Unbuilt()


_EITHER: Mapping[str, Callable[[str, str], Typed]] = {
    "pending": _read(Ask.PENDING),
    "history": _history,
    "show": _show,
    "approve": _decide(Action.APPROVE),
    "cancel": _decide(Action.CANCEL),
}
_VERBS: Mapping[str, Mapping[str, Callable[[str, str], Typed]]] = MappingProxyType(
    {
        ids.LINE: {
            "buy": _buy,
            "limits": _read(Ask.LIMITS),
            "list": _read(Ask.LIST),
            **_EITHER,
        },
        ids.NUMBER: {
            **dict.fromkeys(("search", "provision", "assign", "list", "limits"), _unbuilt),
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
        shown = code(clip(found, _SHOWN))
        return Misunderstood(f"{shown} is not a code; they look like `K7Q2`. {listed}")
    return found


def _label(link: re.Match[str]) -> str:
    """A user, channel, address or number as it was seen while typing."""
    target, label = link[1], link[2]
    if target[:1] in {"@", "#", "!"}:
        name = label or target[1:].partition("^")[0]
        return name if name.startswith(("@", "#")) else f"{'#' if target[0] == '#' else '@'}{name}"
    return label or target.removeprefix("mailto:").removeprefix("tel:")


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _unquoted(text: str) -> str:
    """Quotes round the whole of it are taken off; a quoted word within stays."""
    inner = text.strip()
    if len(inner) > 1 and inner[0] in _QUOTES and inner[-1] in _QUOTES:
        between = inner[1:-1]
        if not any(c in _QUOTES and c not in "'’" for c in between):  # noqa: RUF001 - the typographic apostrophe
            return between.strip()
    return inner
