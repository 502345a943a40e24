"""When people are reminded of a purchase that waits for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.policy import Terms

LAST = timedelta(minutes=1)
SHORTEST = 2 * LAST  # a shorter wait has no room for reminders beside the policy's own
HALF = 2
RENEW_BEFORE = timedelta(seconds=20)  # so that the buttons stay valid


class Kind(StrEnum):
    """Who is told, and of what."""

    REMIND = "remind"  # those who were pinged, once more
    ESCALATE = "escalate"  # the next ones
    LAST_MINUTE = "last_minute"  # the requester: nobody has decided


@dataclass(frozen=True, slots=True)
class Reminder:
    """One of them; `to` = user and group ids, empty for the requester."""

    at: datetime
    kind: Kind
    to: tuple[str, ...] = ()


def schedule(terms: Terms, asked_at: datetime, expires_at: datetime) -> list[Reminder]:
    """Everything that is told between asking and the end, in order. While a price is kept alive the
    end is that of keeping, not of the price: people are not pinged once more at every renewal."""
    length = ends_at(terms, expires_at) - asked_at
    found = [
        Reminder(asked_at + length * float(share), Kind.ESCALATE, to) for share, to in terms.steps
    ]
    if length >= SHORTEST:
        found.append(Reminder(asked_at + length / HALF, Kind.REMIND, terms.ping))
        if not is_renewed(terms, expires_at):
            found.append(Reminder(expires_at - LAST, Kind.LAST_MINUTE))
    return sorted(found, key=lambda each: (each.at, each.kind))


def renew_at(quoted_at: datetime, expires_at: datetime) -> datetime:
    """When a preview that is kept alive is renewed: shortly before it runs out, and not before half
    of its time has gone."""
    return max(expires_at - RENEW_BEFORE, quoted_at + (expires_at - quoted_at) / HALF)


def ends_at(terms: Terms, expires_at: datetime) -> datetime:
    """How long a purchase waits for people, its renewals included."""
    return max(expires_at, terms.keep_until or expires_at)


def is_renewed(terms: Terms, expires_at: datetime) -> bool:
    """Whether its preview is renewed when it runs out."""
    return terms.keep_until is not None and terms.keep_until > expires_at
