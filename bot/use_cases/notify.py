"""Whether somebody wants direct messages about purchases."""

from dataclasses import dataclass

from bot.ports import Message, Ports
from bot.use_cases import logged


@dataclass(frozen=True, slots=True)
class Notified:
    """Whether this person gets direct messages; `is_new`: as of now."""

    is_muted: bool
    is_new: bool


async def notify(ports: Ports, message: Message) -> Notified:
    """`message.body["to"]`: "on", "off", or None to ask."""
    wanted = message.body.get("to")
    if wanted is None:
        return Notified(bool(await ports.store.muted({message.user_id})), is_new=False)
    is_muted = wanted == "off"
    if await logged.before(ports, message) is None:
        entry = logged.entry(ports, message, "notify", to=wanted)
        await ports.store.mute(message.user_id, is_muted=is_muted, entry=entry)
    return Notified(is_muted, is_new=True)
