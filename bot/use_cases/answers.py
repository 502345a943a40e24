"""What people ask to see. The question is owed like any message and answered by the loop: an
answer may need the provider or Slack, neither of which may be awaited before the ack."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.limits import Limits
from bot.domain.purchase import Purchase
from bot.ports import AuditRow, Holding


class Ask(StrEnum):
    """The reading commands."""

    PENDING = "pending"
    HISTORY = "history"
    SHOW = "show"
    LIST = "list"
    LIMITS = "limits"


@dataclass(frozen=True, slots=True)
class Help:
    """What guests and strangers get, and nothing else."""


@dataclass(frozen=True, slots=True)
class OpenPurchases:
    """Everything that is not over, oldest first; also unsettled `unknown` and `charged` ones."""

    purchases: Sequence[Purchase]


@dataclass(frozen=True, slots=True)
class History:
    """Purchases of everybody or of one person, newest first."""

    purchases: Sequence[Purchase]
    requester_id: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """One purchase and its audit, oldest row first."""

    purchase: Purchase
    rows: Sequence[AuditRow]


@dataclass(frozen=True, slots=True)
class Held:
    """A line on the account and the purchase it came from, if it was bought here."""

    holding: Holding
    purchase: Purchase | None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the account holds."""

    title: str  # the provider's
    held: Sequence[Held]


@dataclass(frozen=True, slots=True)
class LimitsAnswer:
    """Both windows, and the provider they belong to."""

    title: str
    limits: Limits


Content = Help | OpenPurchases | History | Story | Holdings | LimitsAnswer
