"""Opening the database: whatever is wrong with it is said in one sentence, before the start."""

import asyncio
import time
from contextlib import ExitStack

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from bot.storage import lock, work
from bot.storage.away import LOOK_EVERY_S, Patience, is_away
from bot.storage.engine import (
    POSTGRESQL_CONNECTIONS,
    build_engine,
    is_sqlite,
    parse_url,
    shown,
    sqlite_file,
)
from bot.storage.errors import CannotOpen, DatabaseAway, cause
from bot.storage.migrate import check_connection, upgrade_connection
from bot.storage.store import SqlStore

_WAIT_S = 30.0


async def open_store(
    url: str, *, read_only: bool = False, wait_s: float = _WAIT_S, away_s: float = 0
) -> SqlStore:
    """Open the database, waiting up to `wait_s` seconds for another Dialtone to let go of the file,
    or up to `away_s` for a PostgreSQL that is away.

    A SQLite file is made if it is missing, brought up to date, and kept to this process, unless
    it is opened `read_only`, which works beside a running Dialtone. PostgreSQL must have been
    migrated. Raises a StorageError, which never shows a password.
    """
    patience = Patience(away_s)
    while True:
        with patience:
            return await asyncio.to_thread(_open, url, read_only, wait_s)
        await asyncio.sleep(LOOK_EVERY_S)


def _open(url: str, read_only: bool, wait_s: float) -> SqlStore:
    parsed = parse_url(url)
    with ExitStack() as resources:
        alone = is_sqlite(parsed) and not read_only
        engine = build_engine(parsed, read_only=read_only)
        if alone:
            resources.enter_context(lock.acquire(sqlite_file(parsed), wait_s))
        resources.callback(engine.dispose)
        try:
            with engine.begin() as connection:
                if alone:
                    upgrade_connection(connection)
                    work.end_leases(connection)
                else:
                    check_connection(connection)
        except DBAPIError as error:
            raise _cannot_open(parsed, error) from None
        threads = 1 if is_sqlite(parsed) else POSTGRESQL_CONNECTIONS
        return SqlStore(engine, threads, resources.pop_all())


def upgrade(url: str, *, wait_s: float = _WAIT_S, away_s: float = 0) -> None:
    """Bring the tables up to date, or make them; two at once do it once. It waits as `open_store`
    does. Raises a StorageError."""
    patience = Patience(away_s)
    while True:
        with patience:
            return _upgrade(url, wait_s)
        time.sleep(LOOK_EVERY_S)


def _upgrade(url: str, wait_s: float) -> None:
    parsed = parse_url(url)
    with ExitStack() as resources:
        engine = build_engine(parsed)
        if is_sqlite(parsed):
            resources.enter_context(lock.acquire(sqlite_file(parsed), wait_s))
        resources.callback(engine.dispose)
        try:
            with engine.begin() as connection:
                upgrade_connection(connection)
        except DBAPIError as error:
            raise _cannot_open(parsed, error) from None


def check_schema(url: str) -> None:
    """Raises UnknownSchema when the tables are not this version's; changes nothing."""
    parsed = parse_url(url)
    engine = build_engine(parsed, read_only=True)
    try:
        with engine.begin() as connection:
            check_connection(connection)
    except DBAPIError as error:
        raise _cannot_open(parsed, error) from None
    finally:
        engine.dispose()


def _cannot_open(url: URL, error: DBAPIError) -> CannotOpen:
    said = cause(error)
    if url.password:
        said = said.replace(str(url.password), "***")
    kind = DatabaseAway if not is_sqlite(url) and is_away(error) else CannotOpen
    return kind(f"The database {shown(url)} cannot be opened: {said}.")
