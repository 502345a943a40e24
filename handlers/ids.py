"""What Dialtone's commands, buttons and forms are called on the wire.

Cards live in Slack for ever: an id that was once sent keeps its meaning.
"""

from collections.abc import Mapping
from types import MappingProxyType

from bot.domain.decision import Action

LINE = "/line"
NUMBER = "/number"
COMMANDS = (LINE, NUMBER)

# Buttons: action_id → what it decides. The value of a button is `join(purchase id, revision)`.
APPROVE = "purchase.approve"
CANCEL = "purchase.cancel"
BOUGHT = "purchase.bought"
NOTHING_BOUGHT = "purchase.nothing_bought"
CLOSE = "purchase.close"
BUTTONS: Mapping[str, Action] = MappingProxyType(
    {
        APPROVE: Action.APPROVE,
        CANCEL: Action.CANCEL,
        BOUGHT: Action.BOUGHT,
        NOTHING_BOUGHT: Action.NOTHING_BOUGHT,
        CLOSE: Action.CLOSE,
    }
)

# Requesting a number on offer: its value is the number in E.164. Several in one block must differ,
# so an ordinal may follow.
REQUEST = "number.request"
# Turning pages: the value is what `paging.value` wrote.
MORE = "page.more"
BACK = "page.back"

# Keeping an alert quiet: the value is the alert's id.
SNOOZE = "alert.snooze"

# Requesting the same again: its value is that of a purchase's other buttons.
AGAIN = "purchase.again"

# Asking for the form that buys; its menu of providers, which draws the form anew.
OPEN_FORM = "form.open"
PROVIDER = "buy.provider"

# Forms: callback_id → what it decides, and the one input each of them has.
BOUGHT_FORM = "form.bought"
CLOSE_FORM = "form.close"
REASON_FORM = "form.reason"
FORMS: Mapping[str, Action] = MappingProxyType(
    {BOUGHT_FORM: Action.BOUGHT, CLOSE_FORM: Action.CLOSE, REASON_FORM: Action.REASON}
)
INPUT_BLOCK = "answer"
INPUT = "answer.text"
# The form that buys, and the global shortcut to it.
BUY_FORM = "form.buy"
BUY_SHORTCUT = "buy_line"
_LONGEST_REVISION = 9  # digits; no purchase is revised that often, and no database counts for ever


def request_id(ordinal: int) -> str:
    """Give the action_id of one among several Request buttons of a block."""
    return f"{REQUEST}.{ordinal}"


def is_request(action_id: str) -> bool:
    return action_id == REQUEST or action_id.startswith(f"{REQUEST}.")


def join(purchase_id: str, revision: int) -> str:
    """Give the value of a button."""
    return f"{purchase_id}:{revision}"


def split(value: str) -> tuple[str, int] | None:
    """Purchase id and revision of a button's value; None when it is no such value."""
    purchase_id, _, revision = value.rpartition(":")
    if not purchase_id or not revision.isascii() or not revision.isdigit():
        return None
    if len(revision) > _LONGEST_REVISION:
        return None
    return purchase_id, int(revision)
