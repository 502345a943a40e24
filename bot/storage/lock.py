"""One Dialtone per SQLite file: SQLite would serialise the writes of two, but not their work."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.storage.errors import CannotOpen, DatabaseInUse

_LOOK_EVERY_S = 0.05


@contextmanager
def acquire(path: Path, wait_s: float) -> Iterator[None]:
    """Hold `<path>.lock`, waiting up to `wait_s` seconds; a process that dies lets go of it.

    The file itself stays: removing it would let a third process lock a new one of that name.
    Raises DatabaseInUse, and CannotOpen where no file can be made.
    """
    name = path.with_name(f"{path.name}.lock")
    try:
        handle = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotOpen(f"The file {name} cannot be written: {error.strerror}.") from None
    try:
        deadline = time.monotonic() + wait_s
        while not _try(handle):
            if time.monotonic() >= deadline:
                raise DatabaseInUse(
                    f"Another Dialtone is using {path.name}: stop it first, or give this one"
                    " a file of its own (DATABASE_URL)."
                )
            time.sleep(_LOOK_EVERY_S)
        yield
    finally:
        os.close(handle)


def _try(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
