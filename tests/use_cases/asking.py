"""Commands as people type them, for tests of the use cases."""

from typing import Any

from bot.ports import TryLater
from bot.use_cases.answers import Ask, ask
from tests.desk import PHONES, Desk


async def asked(desk: Desk, what: Ask, user: str, **details: Any) -> Any:
    """Type it, and what it is answered with."""
    before = len(desk.messenger.replies)
    await _type(desk, what, user, **details)
    [(_, content)] = desk.messenger.replies[before:]
    return content


async def asked_in_trouble(desk: Desk, what: Ask, user: str, **details: Any) -> Any:
    """The same while Slack does not take the first answer."""
    desk.messenger.errors["reply"] = [TryLater("down", 1)]
    await _type(desk, what, user, **details)
    desk.clock.advance(seconds=2)
    await desk.quiet()
    return desk.messenger.replies[-1][1]


async def _type(desk: Desk, what: Ask, user: str, **details: Any) -> None:
    await ask(
        desk.ports,
        ask=what,
        provider="sendblue",
        user_id=user,
        channel_id=PHONES,
        response_url=None,
        trigger_id=desk.trigger(),
        **details,
    )
    await desk.quiet()
