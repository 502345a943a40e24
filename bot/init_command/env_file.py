"""`.env`: what is in it, and how it is written: like .env.example, with the values filled in."""

import os
import tempfile
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr

from bot.settings import Settings

BACKUP = ".bak"  # after the name of the file that is replaced
_HEAD = """\
# Written by python -m bot init; may be edited. A blank value counts as unset; the process
# environment comes first.
"""


def read(file: Path) -> dict[str, str]:
    """The values by the names in capitals, blank ones left out; {} where there is no file. Raises
    OSError and UnicodeDecodeError."""
    if not file.exists():
        return {}
    found = dotenv_values(stream=StringIO(file.read_text(encoding="utf-8")))
    values = {name.upper(): (value or "").strip() for name, value in found.items()}
    return {name: value for name, value in values.items() if value}


def default(name: str) -> str:
    """What a setting is without being set, as it would be written; "" where it has no default."""
    field = Settings.model_fields[name.lower()]
    return "" if field.is_required() or field.default is None else _written(field.default)


def _written(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ",".join(map(_written, value))
    return str(value)


def render(values: Mapping[str, str]) -> str:
    """The whole file: every setting with its meaning, and its value or default."""
    parts = [_HEAD]
    for name, field in Settings.model_fields.items():
        value = values.get(name.upper(), default(name))
        parts.append(f"# {field.description}\n{name.upper()}={_quoted(value)}\n")
    return "\n".join(parts)


def can_hold(value: str) -> bool:
    """Whether the value is the same once it is read back: `${…}` never is."""
    return _stands_for(_quoted(value), value)


def _stands_for(written: str, value: str) -> bool:
    return dotenv_values(stream=StringIO(f"A={written}\n")) == {"A": value}


def _quoted(value: str) -> str:
    if _stands_for(value, value):  # `docker run --env-file` would take quotes for a part of it
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def write(file: Path, text: str) -> Path | None:
    """Put the text there, whole or not at all, for its owner alone; what was there before is kept
    beside it. Where that is; None where there was nothing. Raises OSError."""
    file = file.resolve()  # a link stays a link
    kept = None
    if file.exists() and (before := file.read_bytes()) != text.encode():
        kept = file.with_name(file.name + BACKUP)
        _replace(kept, before)
    _replace(file, text.encode())
    return kept


def _replace(file: Path, content: bytes) -> None:
    # Made with mode 0600; .gitignore knows the name.
    number, name = tempfile.mkstemp(dir=file.parent, prefix=".env.")
    try:
        with os.fdopen(number, "wb") as new:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
