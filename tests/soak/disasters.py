"""What happens to the replicas and to their database, spread evenly over the run."""

import asyncio
from collections.abc import Callable

from tests.soak.database import Database
from tests.soak.replicas import Replicas

AWAY_S = 4.0
_FEW = "cut kill stall away kill"
_MANY = "kill cut kill stall kill cut kill kill away kill kill cut kill stall kill cut kill"
_MANY_FROM = 2_000  # purchases


class Disasters:
    """One after the other; people go no further than the next one before this one is over."""

    def __init__(self, replicas: Replicas, database: Database, purchases: int) -> None:
        self._replicas = replicas
        self._database = database
        self._names = (_MANY if purchases >= _MANY_FROM else _FEW).split()
        self._apart = purchases / (len(self._names) + 1)
        self._over = 0

    @property
    def limit(self) -> float:
        """So many purchases may have been asked for by now."""
        return self._apart * (self._over + 2)

    async def run(self, asked: Callable[[], int]) -> None:
        """`asked` is how many purchases were asked for until now."""
        for name in self._names:
            while asked() < self._apart * (self._over + 1):  # noqa: ASYNC110 no hurry
                await asyncio.sleep(0.05)
            await self._let(name)
            self._over += 1

    async def _let(self, name: str) -> None:
        match name:
            case "kill":
                await self._replicas.kill()
            case "stall":
                await self._replicas.stall()
            case "cut":
                await self._database.cut()
            case "away":
                await self._database.go_away(AWAY_S)
