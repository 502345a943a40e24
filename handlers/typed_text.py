"""Text as Slack sends it after a command, made into what the person typed. Pure, never raises.

The manifest sets `should_escape`: people and channels come as `<@U…|name>` and `<#C…|name>`, and
`&`, `<`, `>` that were typed come as entities.
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from handlers.wording import code

QUOTES = "\"'`“”„‟«»‘’‚‛"  # noqa: RUF001 - what keyboards and phones put round words
SHOWN = 20  # characters of what was not understood that are repeated
_LINK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
# Each kind of quote closes with one of its own kind, so that another kind may stand within.
_KINDS = ('"', "“”„‟", "«»", "`", "'", "‘’‚‛")  # noqa: RUF001 - as above
DOUBLE = "".join(_KINDS[:4])  # never an apostrophe
_STRAIGHT = {"“”„‟": '"', "‘’‚‛": "'"}  # noqa: RUF001 - a phone may have curled only the first


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """It cannot be done as typed: what is wrong, and what to type instead."""

    sentence: str


def plain(text: str) -> str:
    """Text as the person typed it: names instead of Slack's links, entities undone once."""
    return _unescape(_LINK.sub(_label, text))


def unquoted(text: str) -> str:
    """Quotes round the whole of it are taken off; a quoted word within stays."""
    inner = text.strip()
    if len(inner) > 1 and inner[0] in QUOTES and inner[-1] in QUOTES:
        between = inner[1:-1]
        if not any(c in QUOTES and c not in "'’" for c in between):  # noqa: RUF001 - the typographic apostrophe
            return between.strip()
    return inner


def next_value(text: str) -> tuple[str, str] | None:
    """The first word, or what stands between quotes, and the rest; None for unbalanced quotes.

    A single quote within a word is an apostrophe.
    """
    text = text.lstrip()
    kind = next((kind for kind in _KINDS if text[:1] and text[0] in kind), None)
    if kind is not None:
        end = _closing(text, kind) or _closing(text, _STRAIGHT.get(kind, ""))
        return None if end is None else (text[1:end].strip(), text[end + 1 :].lstrip())
    word, _, rest = text.partition(" ")
    return None if any(c in DOUBLE for c in word) else (word, rest.lstrip())


def did_you_mean(word: str, known: Iterable[str], *, before: str = "") -> str:
    """A guess as a sentence, or ""."""
    near = difflib.get_close_matches(word.casefold(), known, n=1)
    return f" Did you mean {code(before + near[0])}?" if near else ""


def _closing(text: str, marks: str) -> int | None:
    """Where the quote that opens the text closes: at a mark that ends a word."""
    for at, mark in enumerate(text[1:], 1):
        if mark in marks and text[at + 1 : at + 2] in {"", " "}:
            return at
    return None


def _label(link: re.Match[str]) -> str:
    """A user, channel, address or number as it was seen while typing."""
    target, label = link[1], link[2]
    if target[:1] in {"@", "#", "!"}:
        name = label or target[1:].partition("^")[0]
        return name if name.startswith(("@", "#")) else f"{'#' if target[0] == '#' else '@'}{name}"
    return label or target.removeprefix("mailto:").removeprefix("tel:")


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
