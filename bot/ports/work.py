"""Owed work: what is due, and who has claimed it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Queue(StrEnum):
    """The kinds of owed work. A row is due when `due_at` has come and no lease is held."""

    PURCHASES = "purchases"  # its next step: preview, expire, confirm, look up
    DECISIONS = "decisions"  # stored clicks to be judged
    CARDS = "cards"  # copies of cards that differ from the record
    HOMES = "homes"  # people's App Homes that differ from the record
    CHECKS = "checks"  # of a provider's limits: at intervals, and right after a purchase
    OWED = "owed"  # replies, answers and reports that Slack does not have yet


EVERYBODY = "everybody"  # the row of Queue.HOMES that stands for all that are kept up to date


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on one row: nobody else works on it until `until`, unless it is renewed."""

    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that was due and now is ours; `attempts` = how often it was put off since anything
    last came of it."""

    queue: Queue
    id: str
    lease: Lease
    attempts: int
