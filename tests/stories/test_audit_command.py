"""`python -m bot audit`, beside the running bot and over a database that somebody has changed."""

import asyncio
import csv
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.audit_command import COLUMNS, write_csv, write_jsonl
from bot.sandbox.slack.people import MORGAN, RILEY
from bot.storage.audit_export import Exported
from tests.stories.bot_process import BotProcess
from tests.stories.office import Office


@asynccontextmanager
async def audit(
    office: Office, *words: str, **changed: str
) -> AsyncIterator[tuple[int, list[str]]]:
    process = BotProcess(office.environment(**changed), office.folder, verb=("audit", *words))
    await process.start()
    try:
        yield await process.ended(), process.said
    finally:
        await process.close()


def change(office: Office, statement: str) -> None:
    """Somebody with the file, who knows how to get round the triggers."""
    with closing(sqlite3.connect(office.folder / "dialtone.db")) as database, database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute(statement)


async def test_the_audit_is_written_out_beside_the_running_bot(office: Office) -> None:
    async with office.open():
        await office.bought()
        await office.quiet()
        code = (await office.purchase()).code
        async with audit(office, "export", "--since", "2020-01-01", "--format", "jsonl") as told:
            status, said = told
        rows = [json.loads(line) for line in said]
        assert status == 0
        assert [row["action"] for row in rows][:3] == ["request", "preview", "approve"]
        assert {row["subject"] for row in rows} == {code}
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        assert rows[0]["actor_id"] == RILEY
        assert rows[0]["from_status"] is None
        assert rows[0]["detail"]["reason"] == "new desk in Denver"
        assert rows[2]["actor_id"] == MORGAN
        assert rows[2]["at"].endswith("Z")
        assert tuple(rows[2]) == COLUMNS


async def test_a_file_gets_comma_separated_values(office: Office) -> None:
    async with office.open():
        await office.bought()
    now = datetime.now(UTC)
    file = office.folder / "audit.csv"
    words = ("export", "--since", f"{now.year}-01-01", "--format", "csv", "--output", str(file))
    async with audit(office, *words) as (status, said):
        assert (status, said) == (0, [])
    first, *rows = csv.reader(file.read_text("utf-8").splitlines())
    assert tuple(first) == COLUMNS
    assert len(rows) > 3
    assert json.loads(rows[0][COLUMNS.index("detail")])["provider"] == "sendblue"
    async with audit(office, *words, "--until", f"{now.year}-01-01") as (status, said):
        assert (status, said) == (0, [])
    assert len(file.read_text("utf-8").splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--since", "yesterday"), "--since 'yesterday' is no date: write 2026-11-01 or"),
        (("--since", "2026-02-30"), "--since '2026-02-30' is no date"),
        (
            ("--since", "2026-11-01T12:00+02:00", "--until", "2026-11-01T10:00Z"),
            "--until must be later than --since.",
        ),
    ],
)
async def test_a_date_that_is_none_gets_one_sentence(
    office: Office, words: tuple[str, ...], sentence: str
) -> None:
    async with audit(office, "export", "--format", "csv", *words) as (status, said):
        assert status == 2
        assert len(said) == 1
        assert said[0].startswith(sentence)


async def test_a_file_that_cannot_be_written_is_named(office: Office) -> None:
    async with office.open():
        pass
    words = ("export", "--since", "2026-11-01", "--format", "csv", "--output", "nowhere/audit.csv")
    async with audit(office, *words) as (status, said):
        assert (status, len(said)) == (1, 1)
        assert said[0] == "nowhere/audit.csv cannot be written: No such file or directory."


async def test_an_audit_that_is_whole_verifies(office: Office) -> None:
    async with office.open():
        await office.bought()
        async with audit(office, "verify") as (status, said):
            assert status == 0
            assert said == ["Every row of the audit is as it was written, and none is missing."]


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE audit SET actor_id = 'UEVIL' WHERE seq = 3", "Row 3 of the audit of purchase"),
        ("DELETE FROM audit WHERE seq = 2", "lacks row 2"),
        ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", "should end with row"),
    ],
)
async def test_a_row_that_was_changed_or_is_missing_is_found(
    office: Office, statement: str, sentence: str
) -> None:
    async with office.open():
        await office.bought()
    await asyncio.to_thread(change, office, statement)
    async with audit(office, "verify") as (status, said):
        assert (status, len(said)) == (1, 1)
        assert sentence in said[0]


async def test_there_is_no_audit_without_a_database(office: Office) -> None:
    (office.folder / "dialtone.db").unlink()
    async with audit(office, "verify") as (status, said):
        assert (status, len(said)) == (1, 1)


async def one(**changes: object) -> AsyncIterator[Exported]:
    known = {
        "subject": "K7Q2",
        "at": datetime(2026, 11, 1, 14, 30, tzinfo=UTC),
        "seq": 1,
        "actor_id": "URILEY",
        "action": "request",
        "from_status": None,
        "to_status": "requested",
        "outcome": "done",
        "detail": {},
        "hash": "0f",
    }
    yield Exported(**(known | changes))  # type: ignore[arg-type]  # each test names real fields


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
async def test_no_cell_is_a_formula(tmp_path: Path, start: str) -> None:
    file = tmp_path / "audit.csv"
    with file.open("w", newline="") as out:
        await write_csv(one(actor_id=f"{start}1+1", detail={"=": 'a, "b"\n'}), out)
    with file.open(newline="") as back:
        [_, row] = csv.reader(back)
    assert row[COLUMNS.index("actor_id")] == f"'{start}1+1"
    assert row[COLUMNS.index("at")] == "2026-11-01T14:30:00.000000Z"
    assert json.loads(row[COLUMNS.index("detail")]) == {"=": 'a, "b"\n'}
    assert row[COLUMNS.index("from_status")] == ""


async def test_what_utf_8_has_no_place_for_is_escaped_as_json_has_it(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    with file.open("w", encoding="utf-8", errors="backslashreplace") as out:
        await write_jsonl(one(detail={"note": "🙂 \0 \ud800"}), out)
    assert json.loads(file.read_text("utf-8"))["detail"] == {"note": "🙂 \0 \ud800"}
