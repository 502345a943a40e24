"""Nothing is bought until it is thawed: who may say so, and what it stops."""

from dataclasses import dataclass

from bot.domain.errors import (
    Frozen,
    FrozenAlready,
    MayNotFreeze,
    NotFrozen,
    Reason,
    Refusal,
)
from bot.ports import Freeze, Kind, Message, Ports
from bot.use_cases import authorise, logged, moves


@dataclass(frozen=True, slots=True)
class IsFrozen:
    """Buying is frozen from now on."""

    freeze: Freeze


@dataclass(frozen=True, slots=True)
class Thawed:
    """Buying goes on."""


async def refusal(ports: Ports) -> Refusal | None:
    """Why nothing may be approved or bought now."""
    found = await ports.store.frozen()
    return None if found is None else Frozen(**found.fields)


async def freeze(ports: Ports, message: Message) -> IsFrozen:
    """Stop buying, for `message.body["why"]`. Raises MayNotFreeze, FrozenAlready, PeopleUnknown,
    TryLater."""
    wanted = Freeze(by=message.user_id, at=message.created_at, reason=message.body["why"])
    if await logged.before(ports, message) is None:
        await _check(ports, message, "freeze")
        entry = logged.entry(ports, message, "freeze", reason=wanted.reason)
        if not await ports.store.freeze(wanted, entry):
            found = await ports.store.frozen() or wanted
            raise await logged.refuse(ports, message, "freeze", FrozenAlready(**found.fields))
    await _announce(ports, message, Reason("FreezeAnnounced", wanted.fields))
    return IsFrozen(wanted)


async def thaw(ports: Ports, message: Message) -> Thawed:
    """Let buying go on. Raises MayNotFreeze, NotFrozen, PeopleUnknown, TryLater."""
    if await logged.before(ports, message) is None:
        await _check(ports, message, "thaw")
        if not await ports.store.thaw(logged.entry(ports, message, "thaw")):
            raise await logged.refuse(ports, message, "thaw", NotFrozen())
    await _announce(ports, message, Reason("ThawAnnounced", {"by": message.user_id}))
    return Thawed()


async def _check(ports: Ports, message: Message, action: str) -> None:
    approvers = ports.rules.approvers
    if not await authorise.is_approver(ports, approvers, message.user_id):
        refused = MayNotFreeze(approvers=approvers.as_ids())
        raise await logged.refuse(ports, message, action, refused)


async def _announce(ports: Ports, asked: Message, reason: Reason) -> None:
    """In the channel of the alerts; once, however often this is tried."""
    ports.wake()  # cards are to be drawn anew as well
    if ports.limits.channel_id is None:
        return
    await ports.store.add_message(
        Message(
            id=moves.new_id(),
            kind=Kind.NEWS,
            user_id=moves.BOT,
            channel_id=ports.limits.channel_id,
            body={"name": reason.name, "fields": dict(reason.fields)},
            created_at=ports.clock.now(),
            trigger_id=f"news-{asked.id}",
        )
    )
