"""What people decide about a purchase, by button, form or typed command, as it is stored."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """What somebody wants done with a purchase."""

    APPROVE = "approve"
    CANCEL = "cancel"
    BOUGHT = "bought"  # of an unknown or charged one: it became this number
    NOTHING_BOUGHT = "nothing_bought"  # of an unknown one
    CLOSE = "close"  # of a charged one, with a note
    REASON = "reason"  # why it was cancelled, told afterwards by whoever did it


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One click or typed decision. `trigger_id` is Slack's and unique: a redelivery is no second
    decision."""

    id: str
    purchase_id: str
    revision: int  # the one that the person saw
    action: Action
    actor_id: str
    came_at: datetime
    trigger_id: str
    number: str | None = None  # E.164, with BOUGHT
    note: str | None = None  # the reason of a cancel, also with REASON; the note of a close
    channel_id: str | None = None  # where to answer privately
    response_url: str | None = field(default=None, repr=False)
    message_ts: str | None = None  # the copy of the card that was clicked
