"""Forms that ask an approver for one thing; pure."""

from typing import Any

from bot.domain.decision import Action
from handlers import ids
from handlers.payloads import MOST, Click, metadata

_BOUGHT = (
    "Look up the number in the provider's account first. The purchase will be recorded as bought,"
    " with this number and in your name."
)
_CLOSE = (
    "The card was charged and no number came. Closing says that this is sorted out; your note and"
    " your name stay on record."
)

_WHY = (
    "{code} is cancelled, whether you say why or not. What you write stands on its card and is told"
    " to whoever asked for it."
)


def form(click: Click) -> dict[str, Any]:
    """The form that a button opens: BOUGHT asks for a number, everything else for a note."""
    if click.action is Action.BOUGHT:
        return {
            "callback_id": ids.BOUGHT_FORM,
            "title": _plain("Which number?"),
            **_frame(click),
            "blocks": [
                {"type": "section", "text": _plain(_BOUGHT)},
                _input("Which number is it?", placeholder=_plain("+1 604-555-1234")),
            ],
        }
    return {
        "callback_id": ids.CLOSE_FORM,
        "title": _plain("Close with a note"),
        **_frame(click),
        "blocks": [
            {"type": "section", "text": _plain(_CLOSE)},
            _input("How it was sorted out", multiline=True, max_length=MOST),
        ],
    }


def why(click: Click, code: str) -> dict[str, Any]:
    """Why somebody cancelled: asked afterwards, and not insisted on."""
    asked = _input("Reason", multiline=True, max_length=MOST)
    return {
        "callback_id": ids.REASON_FORM,
        **_frame(click),
        "title": _plain("Cancelled. Why?"),
        "close": _plain("No reason"),
        "blocks": [
            {"type": "section", "text": _plain(_WHY.format(code=code))},
            {**asked, "optional": True},
        ],
    }


def _frame(click: Click) -> dict[str, Any]:
    return {
        "type": "modal",
        "private_metadata": metadata(click),
        "submit": _plain("Save"),
        "close": _plain("Back"),
    }


def _input(label: str, **asked: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": ids.INPUT_BLOCK,
        "label": _plain(label),
        "element": {"type": "plain_text_input", "action_id": ids.INPUT, **asked},
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
