"""Approvers who are away, and who decides for them meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from bot.domain.approval import Roster
from bot.domain.errors import (
    DeputyAway,
    DeputyIsYou,
    DeputyNotMember,
    MayNotDelegate,
    NotAway,
    Refusal,
    UntilPast,
    UntilTooFar,
)
from bot.domain.people import Person
from bot.domain.until import LONGEST, Until
from bot.ports import Absence, Message, Ports
from bot.use_cases import authorise, logged


@dataclass(frozen=True, slots=True)
class Absences:
    """Who is away, and who decides for them; the first to come back first."""

    absences: Sequence[Absence]


@dataclass(frozen=True, slots=True)
class Delegated:
    """Somebody is away from now on; `zone` is theirs, None where Slack does not say it."""

    absence: Absence
    zone: str | None


@dataclass(frozen=True, slots=True)
class Returned:
    """Somebody is back, and decides for themselves."""


AwayContent = Absences | Delegated | Returned


async def away(ports: Ports, message: Message) -> AwayContent:
    """List them; or, by `message.body["does"]`, "set" the asker's absence (`until` as JSON of
    `Until`, `deputy`: a user id) or "end" it. That the asker is a full member was checked before.

    Raises Refusal, PeopleUnknown, TryLater.
    """
    match message.body.get("does"):
        case "set":
            return await _set(ports, message)
        case "end":
            return await _end(ports, message)
        case _:
            return Absences(await ports.store.absences(ports.clock.now()))


async def _set(ports: Ports, message: Message) -> Delegated:
    user_id, deputy_id = message.user_id, message.body["deputy"]
    person = await authorise.person(ports.directory, user_id)
    # By when it was asked, so that a late answer does not make "for 3 hours" any longer.
    until = Until.of(message.body["until"]).instant(message.created_at, zone(person))
    absence = Absence(user_id=user_id, deputy_id=deputy_id, until=until)
    if await logged.before(ports, message) is None:
        refusal = await _refusal(ports, absence)
        if refusal is not None:
            raise await logged.refuse(ports, message, "away", refusal)
        entry = logged.entry(ports, message, "away", deputy=deputy_id, until=until.isoformat())
        await ports.store.set_absence(absence, entry)
    return Delegated(absence, None if zone(person) is UTC else person.tz)


async def _refusal(ports: Ports, wanted: Absence) -> Refusal | None:
    now = ports.clock.now()
    if not await _approves(ports, wanted.user_id):
        return MayNotDelegate()
    if wanted.until <= now:
        return UntilPast(until=wanted.until.isoformat())
    if wanted.until > now + LONGEST:
        return UntilTooFar(until=wanted.until.isoformat())
    return await _unfit(ports, wanted, now)


async def _unfit(ports: Ports, wanted: Absence, now: datetime) -> Refusal | None:
    """Why this deputy cannot be."""
    deputy_id = wanted.deputy_id
    if deputy_id == wanted.user_id:
        return DeputyIsYou()
    if not (await authorise.person(ports.directory, deputy_id)).is_member:
        return DeputyNotMember(deputy=deputy_id)
    for other in await ports.store.absences(now):
        if (other.user_id, other.deputy_id) == (deputy_id, wanted.user_id):
            return DeputyAway(deputy=deputy_id, until=other.until.isoformat())
    return None


async def _approves(ports: Ports, user_id: str) -> bool:
    """In APPROVERS or among those whom a rule lets approve, and not only as somebody's deputy."""
    rules = ports.policy.current.rules
    asked_later = (step.to for rule in rules for step in rule.escalations)
    rosters = [ports.rules.approvers, *(rule.approvers for rule in rules), *asked_later]
    everybody = Roster(
        frozenset().union(*(each.users for each in rosters)),
        frozenset().union(*(each.groups for each in rosters)),
    )
    return await authorise.is_in(ports.directory, everybody, user_id)


async def _end(ports: Ports, message: Message) -> Returned:
    if await logged.before(ports, message) is None:
        entry = logged.entry(ports, message, "back")
        if not await ports.store.end_absence(message.user_id, entry):
            raise await logged.refuse(ports, message, "back", NotAway())
    return Returned()


def zone(person: Person) -> tzinfo:
    """Where this person's days end; UTC where nobody knows."""
    try:
        return ZoneInfo(person.tz) if person.tz else UTC
    except (KeyError, ValueError, OSError):  # a name this machine does not know, or no name at all
        return UTC
