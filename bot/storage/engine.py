"""Connections: one to a SQLite file, a small pool to PostgreSQL."""

import json
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from bot.storage.errors import BadDatabaseUrl, CannotOpen, FileUnavailable

POSTGRESQL_CONNECTIONS = 5
# A process that stalls within a transaction holds its rows; PostgreSQL ends the transaction before
# the leases lapse, or nobody could take over.
STALLED_AFTER_MS = 5000
BUSY_TIMEOUT_MS = 5000  # somebody has the file open in a shell; other Dialtones are kept out
_OLDEST_SQLITE = (3, 35)  # RETURNING
# A server that vanished without a word is noticed after this many seconds, not after hours.
_CONNECT_TIMEOUT_S = 5
_VANISHED_AFTER = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}

_HAS_FAILED = "has_failed"  # of a connection: since its last transaction began

# ASCII only and no NaN: what both databases take, whatever people typed.
to_json = partial(json.dumps, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def parse_url(text: str) -> URL:
    """Read `DATABASE_URL`. Raises BadDatabaseUrl, without quoting it: it may hold a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise BadDatabaseUrl(
            "DATABASE_URL cannot be understood: write sqlite:///dialtone.db or"
            " postgresql://user:password@host/name."
        ) from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername != "sqlite":
        raise BadDatabaseUrl(
            f"DATABASE_URL names {url.get_backend_name()}, but Dialtone works with sqlite and"
            " postgresql only."
        )
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise BadDatabaseUrl("DATABASE_URL must name a file, such as sqlite:///dialtone.db.")
    return url


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def sqlite_file(url: URL) -> Path:
    """The file, links resolved: two names of one file are one file."""
    return Path(url.database or "").resolve()


def shown(url: URL) -> str:
    """The database as it may be named in messages."""
    if is_sqlite(url):
        return url.database or ""
    return f"PostgreSQL at {url.host or url.query.get('host', 'localhost')}"


def build_engine(url: URL, *, read_only: bool = False) -> Engine:
    """An engine; nothing is opened yet, except that a SQLite file's folder must be there."""
    return _sqlite(url, read_only) if is_sqlite(url) else _postgresql(url, read_only)


def for_reading(engine: Engine) -> Engine:
    """The same connections, for transactions that only read: they take no write lock."""
    return engine.execution_options(dialtone_reads=True)


def only_reads(connects: Engine | Connection) -> bool:
    """Whether transactions of this engine or connection only read."""
    return bool(connects.get_execution_options().get("dialtone_reads"))


def _sqlite(url: URL, read_only: bool) -> Engine:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise CannotOpen(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed.")
    path = sqlite_file(url)
    if not path.parent.is_dir():
        raise CannotOpen(f"There is no folder {path.parent} to keep the database in.")
    if read_only and not path.exists():
        raise CannotOpen(f"There is no database {url.database} yet: start Dialtone once.")
    # One connection, handed from thread to thread but never used by two at once.
    engine = create_engine(
        "sqlite://",
        creator=partial(_connect_sqlite, path, read_only),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
        json_serializer=to_json,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.info.pop(_HAS_FAILED, False):
            # SQLite keeps what it read of a damaged file, and would go on to see the damage
            # when the file has been mended.
            connection.exec_driver_sql("PRAGMA shrink_memory")
        if not read_only:
            _check_files(connection, path)
        # A transaction that first reads and then writes would fail if it began without the
        # write lock and somebody wrote in between.
        reads = read_only or only_reads(connection)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    @event.listens_for(engine, "handle_error")
    def _failed(context: ExceptionContext) -> None:
        if context.connection is not None:
            context.connection.info[_HAS_FAILED] = True

    return engine


def _check_files(connection: Connection, path: Path) -> None:
    """Raises FileUnavailable where the names no longer stand for the files that are open: SQLite
    would go on writing into files that nobody finds after a restart."""
    opened = connection.info
    for file in (path, path.with_name(f"{path.name}-wal")):
        found = _identity(file)
        if opened.get(file, found) != found:
            # What the write-ahead log holds goes into the file it belongs to. Left lying, it
            # would be written over whatever file is there at the next start.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            raise FileUnavailable(
                f"{file.name} was deleted, moved or replaced while Dialtone runs: nothing is stored"
                " until that very file is back, or Dialtone is started anew with what is there."
            )
        if found is not None:  # the log is made by the first transaction
            opened[file] = found


def _identity(file: Path) -> tuple[int, int] | None:
    """Which file stands under that name."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connect_sqlite(path: Path, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,  # transactions begin where the engine says
        check_same_thread=False,
    )
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
            connection.execute("PRAGMA secure_delete = FAST")  # a wiped token is gone from the page
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _postgresql(url: URL, read_only: bool) -> Engine:
    arguments: dict[str, Any] = {"connect_timeout": _CONNECT_TIMEOUT_S, **_VANISHED_AFTER}
    options = {"postgresql_readonly": True} if read_only else {}
    engine = create_engine(
        url,
        # What the URL says counts. Without prepared statements, poolers in between are fine and
        # every query is planned with its values, so that partial indexes are seen.
        connect_args={k: v for k, v in arguments.items() if k not in url.query}
        | {"prepare_threshold": None},
        pool_size=POSTGRESQL_CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        execution_options=options,
        hide_parameters=True,
        json_serializer=to_json,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # For this transaction only: poolers share connections out.
        if not (read_only or only_reads(connection)):
            connection.exec_driver_sql(
                f"SET LOCAL idle_in_transaction_session_timeout = {STALLED_AFTER_MS}"
            )

    return engine
