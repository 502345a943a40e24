"""Locks on what no row stands for: PostgreSQL's advisory locks, held until the transaction ends.

SQLite needs none, its writing transactions come one after the other. On PostgreSQL each statement
sees what was committed before it began; so a statement after the lock sees all that its former
holders did. Whoever takes one takes it before any row, the freeze before a budget, so that nobody
waits in a circle.
"""

import hashlib
from enum import IntEnum

from sqlalchemy import Connection, text

_SHARED = text("SELECT pg_advisory_xact_lock_shared(:space, :key)")
_ALONE = text("SELECT pg_advisory_xact_lock(:space, :key)")


class Space(IntEnum):
    """Numbers that only Dialtone uses; the migrations' lock, of one number, is apart from these."""

    FREEZE = 0x46727A65  # "Frze"
    BUDGET = 0x42756467  # "Budg"


def lock(connection: Connection, space: Space, name: str = "", *, shared: bool = False) -> None:
    """Two names with the same hash wait for each other without need, and without harm."""
    if connection.dialect.name == "postgresql":
        digest = hashlib.sha256(name.encode("utf-8", "replace")).digest()
        key = int.from_bytes(digest[:4], signed=True)
        connection.execute(_SHARED if shared else _ALONE, {"space": int(space), "key": key})
