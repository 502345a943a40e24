"""Blocks as plain values, within Slack's limits; pure.

The limits: https://docs.slack.dev/reference/block-kit/blocks
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]

SECTION_MOST = 3000  # characters of one section's text
CONTEXT_MOST = 2000
TEXT_MOST = 3900  # characters beside the blocks; `chat.update` refuses 4,000
MESSAGE_MOST = 12_000  # characters of blocks as JSON; Slack refuses about 13,000
LISTED_MOST = 36  # items; Slack refuses more than 50 blocks


@dataclass(frozen=True, slots=True)
class Drawing:
    """A message: its blocks, and the text that notifications and screen readers read; `plainer`
    are older blocks that say the same, where these are too new for some workspaces."""

    blocks: list[Block]
    text: str
    plainer: Sequence[Block] = ()

    def plain(self) -> "Drawing":
        """The same content for a Slack that refuses these blocks: text, and the buttons."""
        if self.plainer:
            return Drawing(list(self.plainer), self.text)
        buttons = [block for block in self.blocks if block["type"] == "actions"]
        return Drawing([section(self.text), *buttons], self.text)

    def attempts(self) -> "tuple[Drawing, ...]":
        """What to send, one after the other, until Slack takes it; at last the words alone."""
        if not self.blocks:
            return (self,)
        return (self, self.plain(), Drawing([], self.text))


def section(text: str, beside: Block | None = None) -> Block:
    """A paragraph; with a button beside it."""
    words = {"type": "mrkdwn", "text": fit(text, SECTION_MOST)}
    made: Block = {"type": "section", "text": words}
    return made if beside is None else {**made, "accessory": beside}


def context(text: str) -> Block:
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": fit(text, CONTEXT_MOST)}],
    }


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def button(
    label: str,
    action_id: str,
    value: str,
    *,
    style: str | None = None,
    ask: Block | None = None,
    spoken: str | None = None,
) -> Block:
    """A button; `ask` is Slack's own question before it counts, `spoken` (75 characters at most)
    what screen readers say where the label alone does not tell buttons apart."""
    made: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": label},
        "action_id": action_id,
        "value": value,
    }
    if style is not None:
        made["style"] = style
    if ask is not None:
        made["confirm"] = ask
    if spoken is not None:
        made["accessibility_label"] = spoken
    return made


def question(title: str, text: str, yes: str, no: str) -> Block:
    """Slack's confirm dialog: title ≤ 100 characters, text ≤ 300, buttons ≤ 30."""
    plain = "plain_text"
    return {
        "title": {"type": plain, "text": title},
        "text": {"type": plain, "text": text},
        "confirm": {"type": plain, "text": yes},
        "deny": {"type": plain, "text": no},
    }


def sentences(headline: str, lines: Sequence[str], below: str = "") -> Drawing:
    """A bold headline, a paragraph per line, and small print."""
    blocks = [section(f"*{headline}*"), *(section(line) for line in lines if line)]
    if below:
        blocks.append(context(below))
    text = "\n".join(line for line in [headline, *lines, below] if line)
    return Drawing(blocks, fit(text, TEXT_MOST))


def joined(first: Drawing, second: Drawing) -> Drawing:
    """Give one message of two."""
    text = fit(f"{first.text}\n{second.text}", TEXT_MOST)
    return Drawing([*first.blocks, *second.blocks], text)


def size(blocks: list[Block]) -> int:
    """How many characters Slack counts."""
    return len(json.dumps(blocks, ensure_ascii=False))


def listing(
    headline: str,
    items: Sequence[str],
    empty: str,
    *,
    room: int = MESSAGE_MOST,
    newest_last: bool = False,
) -> Drawing:
    """A list as long as Slack lets it be; older items that do not fit are counted, not shown."""
    if not items:
        return sentences(headline, [empty])
    shown: list[str] = []
    for item in reversed(items) if newest_last else items:
        room -= size([section(item)])
        if len(shown) == LISTED_MOST or room < 0:
            break
        shown.append(item)
    hidden = len(items) - len(shown)
    if newest_last:
        shown.reverse()
        return sentences(headline, [f"… {hidden} earlier", *shown] if hidden else shown)
    return sentences(headline, [*shown, f"… and {hidden} more"] if hidden else shown)


def fit(text: str, most: int) -> str:
    """A last guard: every caller keeps within the limits, and a cut text beats a lost one."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    entity = cut.rfind("&")
    if entity > len(cut) - len("&amp;") and ";" not in cut[entity:]:
        cut = cut[:entity]
    return f"{cut}…"
