"""What the use cases need from the outside: adapters implement it, `bootstrap` wires it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.approval import Rules
from bot.domain.policy import Policy
from bot.ports.limits import Bought, Check, Checked, Filter, LimitRules, Others, Spent
from bot.ports.moves import Absence, AuditRow, Budget, Entry, Freeze, Move, Note, Vote
from bot.ports.operators import Backlog, Meter, Waiting
from bot.ports.owed import Card, Kind, Message
from bot.ports.providers import Holding, LimitReading, NumberProvider, Offer, Provider, Search
from bot.ports.slack import CardGone, Directory, Messenger, TryLater, Undeliverable
from bot.ports.store import MOST_COMPARED, MOST_WAITING, Store, StoreUnavailable
from bot.ports.work import EVERYBODY, Claimed, Lease, Queue

__all__ = [
    "EVERYBODY",
    "MOST_COMPARED",
    "MOST_WAITING",
    "Absence",
    "AuditRow",
    "Backlog",
    "Bought",
    "Budget",
    "Card",
    "CardGone",
    "Check",
    "Checked",
    "Claimed",
    "Clock",
    "Directory",
    "Entry",
    "Filter",
    "FixedPolicy",
    "Freeze",
    "Holding",
    "Kind",
    "Lease",
    "LimitReading",
    "LimitRules",
    "Message",
    "Messenger",
    "Meter",
    "Move",
    "Note",
    "NumberProvider",
    "Offer",
    "Others",
    "PolicySource",
    "Ports",
    "Provider",
    "Queue",
    "Search",
    "Spent",
    "Store",
    "StoreUnavailable",
    "TryLater",
    "Undeliverable",
    "Vote",
    "Waiting",
]


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, UTC."""


class PolicySource(Protocol):
    """The policy as it is now; it may be read anew while the bot runs."""

    @property
    def current(self) -> Policy: ...


@dataclass(frozen=True, slots=True)
class FixedPolicy:
    """A policy that does not change."""

    current: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything the use cases may touch; built once by `bootstrap`."""

    store: Store
    clock: Clock
    directory: Directory
    messenger: Messenger
    providers: Mapping[str, Provider]  # by name; one without credentials is not in it
    rules: Rules
    meter: Meter
    wake: Callable[[], None]  # tells the loop that something is due; never blocks
    policy: PolicySource = field(
        default_factory=lambda: FixedPolicy(Policy(()))
    )  # (): `rules` count
    limits: LimitRules = field(default_factory=LimitRules)
    instance: str = ""  # what this Dialtone is called where there are several
