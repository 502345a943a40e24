"""The life of each purchase, as its audit in the bot's database tells it.

The sandbox knows nothing of the bot's database: whoever starts it hands in a reader.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.sandbox.instants import iso

LOOK_EVERY_SECONDS = 0.25
MOST = 1000
"""Purchases that are counted and matched with the charges."""
SHOWN = 20
"""Of these, the newest whose whole lives the page gets."""


@dataclass(frozen=True)
class Step:
    """A row of the audit. `before` and `after` are statuses."""

    seq: int
    at: datetime
    actor_id: str
    action: str
    before: str | None
    after: str | None
    outcome: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Life:
    """A purchase: its code, what is bought, where it stands, and every row of its audit."""

    code: str
    what: str
    status: str
    steps: Sequence[Step]


class AuditReader(Protocol):
    """Reads the bot's database beside the running bot, and changes nothing."""

    async def lives(self, most: int) -> Sequence[Life]:
        """The newest purchases, newest first; () while there is no database. Cheap where nothing
        is new since it was last asked."""
        ...

    async def close(self) -> None: ...


OpenAudit = Callable[[str], AuditReader]
"""Gives the reader of the database at this URL, which need not exist yet."""


class NoAudit:
    """Where nobody handed in a reader."""

    async def lives(self, most: int) -> Sequence[Life]:  # noqa: ARG002  the port's
        return ()

    async def close(self) -> None:
        return


class Lives:
    """What the page shows of it. Looks into the database only while a page listens or asks."""

    def __init__(self, reader: AuditReader, changed: Callable[[], None]) -> None:
        self._reader = reader
        self._changed = changed
        self._known: Sequence[Life] = ()
        self._reading = asyncio.Lock()
        self._listeners = 0
        self._watching: asyncio.Task[None] | None = None

    async def now(self) -> dict[str, Any]:
        """As they stand at this moment, as JSON: the newest whole, of all how many there are, and
        which number became whose."""
        if await self._look():
            self._changed()  # other pages would not hear of it: the watch finds nothing new now
        known = self._known
        return {
            "purchases": [_life(each) for each in known[:SHOWN]],
            "purchase_count": {
                "all": len(known),
                "charged": sum(each.status == "charged" for each in known),
            },
            "bought": {number: each.code for each in known for number in _numbers(each)},
        }

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """While anybody is in here, `changed` is called soon after the audit has grown."""
        self._listeners += 1
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self._listeners -= 1
            if self._listeners == 0:
                self._watching.cancel()
                self._watching = None

    async def _watch(self) -> None:
        while True:
            if await self._look():
                self._changed()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _look(self) -> bool:
        """Read, and whether there was anything new."""
        async with self._reading:
            found = await self._reader.lives(MOST)
            is_new = found != self._known
            self._known = found
            return is_new


def _numbers(life: Life) -> set[str]:
    """Every number that a row names as bought, also one that came too late."""
    details = (step.detail for step in life.steps)
    named = (detail.get(name) for detail in details for name in ("number", "second_number"))
    return {str(number) for number in named if number}


def _life(life: Life) -> dict[str, Any]:
    return {
        "code": life.code,
        "what": life.what,
        "status": life.status,
        "life": [
            {
                "seq": step.seq,
                "at": iso(step.at),
                "actor_id": step.actor_id,
                "action": step.action,
                "from": step.before,
                "to": step.after,
                "outcome": step.outcome,
                "detail": dict(step.detail),
            }
            for step in life.steps
        ],
    }
