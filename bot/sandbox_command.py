"""python -m bot sandbox: the sandbox, with what it may not know of us handed in, our audit."""

import asyncio
import importlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from bot.sandbox import command_line, run
from bot.sandbox.lives import Life, Step
from bot.sandbox.run import Options, Sandbox

if TYPE_CHECKING:
    from bot.domain.purchase import Purchase
    from bot.storage import SqlStore
    from bot.storage.audit_export import Exported

_OVERLAP = timedelta(minutes=1)  # an audit's row is committed later than the instant it has
_SETTLED_S = 0.1  # a file changed again within this time may have the same mtime

Mark = tuple[tuple[int, int], ...]


def main(argv: list[str]) -> int:
    """Run the sandbox until it is stopped; the exit status."""
    return command_line.main(argv, AuditOfFile)


@asynccontextmanager
async def running(options: Options) -> AsyncIterator[tuple[Sandbox, asyncio.Task[None]]]:
    """As `bot.sandbox.run.running`, with the lives of purchases."""
    async with run.running(options, AuditOfFile) as started:
        yield started


class _Known:
    """The rows read so far, of every code."""

    def __init__(self) -> None:
        self._steps: dict[str, dict[int, Step]] = {}
        self.newest = datetime.min.replace(tzinfo=UTC) + _OVERLAP

    def add(self, row: "Exported") -> None:
        step = Step(
            row.seq,
            row.at,
            row.actor_id,
            row.action,
            row.from_status,
            row.to_status,
            row.outcome,
            row.detail,
        )
        self._steps.setdefault(row.subject, {})[row.seq] = step
        self.newest = max(self.newest, row.at)

    def of(self, code: str) -> Sequence[Step]:
        return [step for _, step in sorted(self._steps.get(code, {}).items())]


class AuditOfFile:
    """Reads a SQLite database beside the bot that writes it. Only when the file has changed, and
    then only the rows that are new."""

    def __init__(self, url: str) -> None:
        self._url = url
        file = Path(url.removeprefix("sqlite:///"))
        self._files = (file, file.with_name(f"{file.name}-wal"))
        self._store: SqlStore | None = None
        self._mark: Mark | None = None
        self._known = _Known()
        self._lives: Sequence[Life] = ()

    async def lives(self, most: int) -> Sequence[Life]:
        """The newest purchases, newest first; as they were last seen while it cannot be read."""
        mark = self._marked()
        if mark is None or mark == self._mark:
            return self._lives
        storage = await asyncio.to_thread(_storage)  # half a second, during which the page answers
        try:
            if self._store is None:
                self._store = await storage.open_store(self._url, read_only=True)
            self._lives = await self._read(self._store, most)
        except storage.StorageError:  # the bot has not made its tables yet
            await self.close()
            return self._lives
        self._mark = mark if _is_old(mark) else None
        return self._lives

    async def close(self) -> None:
        if self._store is not None:
            await self._store.close()
            self._store = None

    def _marked(self) -> Mark | None:
        """Changes with the file; None: there is none."""
        try:
            found = [file.stat() for file in self._files if file.exists()]
        except FileNotFoundError:
            return None
        return tuple((each.st_mtime_ns, each.st_size) for each in found) or None

    async def _read(self, store: "SqlStore", most: int) -> Sequence[Life]:
        from bot.ports import Filter  # noqa: PLC0415 read here first; the sandbox starts without

        newest = await store.list_purchases(Filter(limit=most))
        if newest:
            since = max(self._known.newest - _OVERLAP, min(each.requested_at for each in newest))
            async for row in store.export_audit(since):
                self._known.add(row)
        return [_life(each, self._known.of(each.code)) for each in newest]


def _storage() -> ModuleType:
    return importlib.import_module("bot.storage")


def _is_old(mark: Mark) -> bool:
    newest = max(changed_at for changed_at, _ in mark)
    return time.time_ns() - newest > _SETTLED_S * 1e9


def _life(purchase: "Purchase", steps: Sequence[Step]) -> Life:
    what = purchase.number or purchase.order.number or "a line"
    return Life(purchase.code, what, purchase.status.value, steps)
