"""What the Sendblue simulator keeps and lets tests and the page read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

STOCK = (
    "+14152007986",
    "+13034872216",
    "+12125894410",
    "+13122654098",
    "+15127643391",
    "+12062038874",
    "+14152008831",
    "+13034879052",
    "+12125897763",
    "+13122656602",
    "+15127648205",
    "+12062035519",
    "+17202354471",
    "+14152014417",
    "+13034871140",
)
"""For sale unless a test brings its own: valid US numbers, more than the monthly limit."""


@dataclass(frozen=True)
class Charge:
    """One charge to the card. Without a number: a subscription that has no line.

    `token_suffix` is the last four characters of the preview token that was confirmed.
    """

    at: datetime
    phone_number: str | None
    worker_id: str | None
    subscription_id: str
    token_suffix: str


@dataclass(frozen=True)
class Line:
    """A line on the account, as `GET /api/v2/lines/state` lists it. Tests may add their own."""

    phone_number: str | None
    worker_id: str
    assignment: Literal["assigned", "shared", "grace_period"] = "assigned"
    status: Literal["ONLINE", "OFFLINE", "DEGRADED", "UNKNOWN"] = "ONLINE"


@dataclass
class Preview:
    """What a preview token stands for."""

    account_id: str
    expires_at: datetime
    is_used: bool = False
