"""What people do by command that belongs to no purchase: done once, and in the logbook.

A command is answered when Slack takes the answer, which may take several tries; what it does is
done at the first one. Its row in the logbook names the message, and tells the others so.
"""

from typing import Any

from bot.domain.errors import BY_NAME, Refusal
from bot.ports import AuditRow, Entry, Message, Ports
from bot.use_cases import moves


def entry(ports: Ports, message: Message, action: str, **detail: Any) -> Entry:
    """What the logbook is to say of it."""
    now = ports.clock.now()
    return moves.entry(action, now, actor=message.user_id, asked=message.id, **detail)


async def before(ports: Ports, message: Message) -> AuditRow | None:
    """What came of it at an earlier try, if there was one. Raises the refusal that it got then."""
    rows = await ports.store.logbook(message.created_at)
    found = next((row for row in rows if row.detail.get("asked") == message.id), None)
    if found is not None and found.outcome == "refused":
        raise BY_NAME[found.detail["error"]](**found.detail["fields"])
    return found


async def refuse(ports: Ports, message: Message, action: str, refusal: Refusal) -> Refusal:
    """Write the refusal down; the caller raises what this gives back."""
    await ports.store.log(
        moves.entry(
            action,
            ports.clock.now(),
            actor=message.user_id,
            outcome="refused",
            asked=message.id,
            **moves.why(refusal),
        )
    )
    return refusal
