"""The database: SQLite by default, PostgreSQL by `DATABASE_URL`."""

from bot.storage.errors import NotMigrated, StorageError, StorageUnavailable
from bot.storage.opening import check_schema, open_store, upgrade
from bot.storage.store import SqlStore

__all__ = [
    "NotMigrated",
    "SqlStore",
    "StorageError",
    "StorageUnavailable",
    "check_schema",
    "open_store",
    "upgrade",
]
