"""A database file that is ready at once: migrating one anew takes longer than most tests."""

import tempfile
from functools import cache
from pathlib import Path

from bot.storage import upgrade


def migrated(file: Path) -> str:
    """Put an empty database of this version there, unless there is one; its DATABASE_URL."""
    if not file.exists():
        file.write_bytes(_empty())
    return f"sqlite:///{file}"


@cache
def _empty() -> bytes:
    """Made by the real migrations, once in each process."""
    with tempfile.TemporaryDirectory(prefix="dialtone-") as folder:
        file = Path(folder) / "dialtone.db"
        upgrade(f"sqlite:///{file}")
        return file.read_bytes()
