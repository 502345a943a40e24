"""python -m bot audit [export | verify]: the whole audit, written out or checked. Changes nothing,
and works beside a running bot."""

import argparse
import asyncio
import csv
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

from bot.settings import Settings
from bot.storage import SqlStore, open_store
from bot.storage.audit_export import Exported

USAGE = 2  # exit status: what you gave me is wrong
FAILED = 1  # exit status: the audit is not as it was written, or the world is not
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take for the start of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What to write out: rows from `since` to before `until`, into a file or, without one, to
    standard output."""

    since: datetime
    until: datetime | None
    form: str  # a key of FORMATS
    output: Path | None


def parse(argv: Sequence[str]) -> Callable[[Settings], int]:
    """What was asked for, to be carried out. Exits with a sentence where it makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m bot audit", description="The audit")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("verify", help="is every row as it was written?")
    export = verbs.add_parser("export", help="write the rows out, oldest first")
    instant = "YYYY-MM-DD, or an ISO instant; without an offset it is UTC"
    export.add_argument("--since", required=True, metavar="WHEN", help=instant)
    export.add_argument("--until", metavar="WHEN", help="up to that instant, or that day's end")
    export.add_argument("--format", choices=sorted(FORMATS), required=True)
    export.add_argument("--output", metavar="FILE", type=Path, help="else to standard output")
    asked = parser.parse_args(argv)
    if asked.verb == "verify":
        return lambda settings: asyncio.run(_verify(settings))
    try:
        wanted = _wanted(asked)
    except ValueError as error:
        parser.exit(USAGE, f"{error}\n")
    return lambda settings: _export(settings, wanted)


def _wanted(asked: argparse.Namespace) -> Export:
    since = _instant("--since", asked.since, timedelta())
    until = asked.until and _instant("--until", asked.until, timedelta(days=1))
    if until is not None and until <= since:
        raise ValueError("--until must be later than --since.")
    return Export(since=since, until=until, form=asked.format, output=asked.output)


def _instant(option: str, text: str, after_a_day: timedelta) -> datetime:
    """An instant, or so long after a day's beginning (UTC). Raises ValueError: a sentence."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) + after_a_day
    except (ValueError, OverflowError):
        pass
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{option} {text[:40]!r} is no date: write 2026-11-01 or 2026-11-01T14:30Z."
        ) from None


# ── Carrying it out ──────────────────────────────────────────────────────────────────────────────
async def _verify(settings: Settings) -> int:
    store = await _open(settings)
    try:
        broken = await store.verify_all()
    finally:
        await store.close()
    for sentence in broken:
        sys.stdout.write(f"{sentence}\n")
    if not broken:
        sys.stdout.write("Every row of the audit is as it was written, and none is missing.\n")
    return FAILED if broken else 0


def _export(settings: Settings, wanted: Export) -> int:
    try:
        asyncio.run(_write(settings, wanted))
    except BrokenPipeError:  # whoever read it has seen enough
        return FAILED
    except OSError as error:
        where = wanted.output or "standard output"
        sys.stderr.write(f"{where} cannot be written: {error.strerror or error}.\n")
        return FAILED
    return 0


def _opened(output: Path | None) -> TextIO:
    """UTF-8, whatever the terminal's is; what cannot be written so is escaped, as in JSON."""
    return open(
        output or sys.stdout.fileno(),
        "w",
        encoding="utf-8",
        errors="backslashreplace",
        newline="",
        closefd=output is not None,
    )


async def _write(settings: Settings, wanted: Export) -> None:
    store = await _open(settings)  # first: a file of before is not emptied for nothing
    try:
        with _opened(wanted.output) as out:
            await FORMATS[wanted.form](_rows(store, wanted), out)
    finally:
        await store.close()


async def _open(settings: Settings) -> SqlStore:
    return await open_store(settings.database_url.get_secret_value(), read_only=True)


async def _rows(store: SqlStore, wanted: Export) -> AsyncIterator[Exported]:
    async for row in store.export_audit(wanted.since):
        if wanted.until is not None and row.at >= wanted.until:
            return
        yield row


# ── Formats ──────────────────────────────────────────────────────────────────────────────────────
COLUMNS = (
    "at",
    "subject",
    "seq",
    "actor_id",
    "action",
    "from_status",
    "to_status",
    "outcome",
    "detail",
    "hash",
)


def _values(row: Exported) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in COLUMNS}
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return found | {"at": at.replace("+00:00", "Z"), "detail": dict(row.detail)}


async def write_csv(rows: AsyncIterator[Exported], out: TextIO) -> None:
    """A heading and a line per row; `detail` is JSON. No cell is a formula to a spreadsheet."""
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    async for row in rows:
        found = _values(row)
        found["detail"] = _json(found["detail"])
        writer.writerow([_inert(found[name]) for name in COLUMNS])


async def write_jsonl(rows: AsyncIterator[Exported], out: TextIO) -> None:
    """An object per line, with the same names as the columns."""
    async for row in rows:
        out.write(f"{_json(_values(row))}\n")


FORMATS: Mapping[str, Callable[[AsyncIterator[Exported], TextIO], Awaitable[None]]] = (
    MappingProxyType({"csv": write_csv, "jsonl": write_jsonl})
)


def _inert(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
