"""What can go wrong with the database, as one sentence for whoever runs Dialtone.

No sentence carries a password, a statement or its parameters, so the driver's exceptions are
not chained: PostgreSQL's details quote whole rows, preview token included.
"""

from sqlalchemy.exc import SQLAlchemyError

from bot.ports import StoreUnavailable

_LONGEST = 300


class StorageError(Exception):
    """`str()` is one sentence that can be shown and logged."""


class BadDatabaseUrl(StorageError):
    """`DATABASE_URL` cannot be understood or names something that Dialtone does not support."""


class DatabaseInUse(StorageError):
    """Another process has the SQLite file."""


class CannotOpen(StorageError):
    """The database is missing, damaged, may not be written, or does not let Dialtone in."""


class DatabaseAway(CannotOpen):
    """… because PostgreSQL cannot be reached, or is starting or full: it may come back."""


class UnknownSchema(StorageError):
    """The tables are not those of this version of Dialtone."""


class NotMigrated(UnknownSchema):
    """… but empty or older, so that a migration helps."""


class StorageUnavailable(StorageError, StoreUnavailable):
    """The database could not do it now (full, locked, gone). Nothing was changed; a later call
    works when the cause has gone."""


class FileUnavailable(StorageUnavailable):
    """… for the sake of a SQLite file; its sentence names no folder, host or user."""


class ConnectionLost(StorageUnavailable):
    """… because the connection broke; if that was within the commit, it may have been done."""


class AuditBroken(StorageError):
    """Somebody changed, removed or reordered rows of the audit."""


def cause(error: SQLAlchemyError) -> str:
    """The database's own short message, without details."""
    original = getattr(error, "orig", None)
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    text = " ".join(str(primary or original or type(error).__name__).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
