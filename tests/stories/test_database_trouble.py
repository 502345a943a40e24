"""The database fails while the bot runs: people are told, nothing is lost, and when the cause has
gone the bot goes on without a restart."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.purchase import Status
from bot.sandbox.slack.people import MORGAN
from bot.storage import SqlStore
from bot.use_cases import loop
from bot.use_cases.loop import STORE_AWAY_S
from tests.stories.office import Office

SAID = "Dialtone's database does not answer right now, so nothing was stored and nothing was bought"


def _pragma(office: Office, text: str) -> None:
    store = office.bot.ports.store
    assert isinstance(store, SqlStore)
    with store._reading.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA {text}")


def _assert_calm(caplog: pytest.LogCaptureFixture) -> None:
    """One sentence each time, no traceback, no secret."""
    assert not [each for each in caplog.records if each.exc_info]
    assert "lpv_" not in caplog.text


async def _bought_once(office: Office) -> None:
    bought = [p for p in await office.purchases() if p.status is Status.PROVISIONED]
    assert len(bought) == len(office.sendblue.ledger) == 1
    assert office.sendblue.confirms_received.total() == 1
    await office.verify()


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("query_only = ON", "query_only = OFF"),  # as when a disk has become read-only
        ("max_page_count = 1", "max_page_count = 1000000"),  # as when it is full
    ],
)
async def test_a_disk_that_takes_nothing_any_more_is_got_over(
    office: Office, broken: str, mended: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        _pragma(office, broken)
        refused = 0
        for _ in range(5):  # a full disk has room on its last page
            answer = await office.buy("buy " + "x" * 480)
            assert answer.ok
            refused += SAID in str(answer.body)
        assert refused
        await office.press(card, "Approve")
        await asyncio.sleep(0)
        _pragma(office, mended)
        assert (await office.press(card, "Approve")).ok
        await office.now_shows(card, "Bought:")
        await _bought_once(office)
    _assert_calm(caplog)


# ── The SQLite file itself ───────────────────────────────────────────────────────────────────────
def _file(office: Office) -> Path:
    return office.folder / "dialtone.db"


def _read(file: Path) -> bytes:
    """Everything, once the write-ahead log is in it."""
    with closing(sqlite3.connect(file)) as beside:
        assert beside.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    return file.read_bytes()


def _overwrite(file: Path, content: bytes) -> None:
    """In place, as a failing disk would."""
    with file.open("r+b") as opened:
        opened.write(content)


async def _refused(office: Office, caplog: pytest.LogCaptureFixture, because: str) -> None:
    """The bot has a card to approve and its database is of no use: neither command nor click nor
    clock makes it buy, and everybody is told why."""
    card = await office.card()
    assert SAID in str((await office.buy()).body)
    assert (await office.press(card, "Approve")).ok
    await office.told(MORGAN, SAID)
    status, said = await office.probe()
    assert status == 503
    assert said.startswith("database: ")
    assert because in said
    assert said.endswith(".")
    assert (await office.probe("/healthz"))[0] == 200
    assert caplog.records
    assert all(because in each.__dict__["why"] for each in caplog.records)
    caplog.clear()
    await asyncio.sleep(STORE_AWAY_S)
    assert len(caplog.records) <= 2  # once each time the loop has waited
    assert office.sendblue.confirms_received.total() == 0


async def _goes_on(office: Office) -> None:
    card = await office.card()
    assert await office.probe() == (200, "")
    assert (await office.purchase()).status is Status.PENDING
    assert (await office.press(card, "Approve")).ok
    await office.now_shows(card, "Bought:")
    await _bought_once(office)


def _pages(content: bytes) -> bytes:
    return content[:4096] + b"\xff" * (len(content) - 4096)


def _header(content: bytes) -> bytes:
    return bytes(100) + content[100:]


def _all(content: bytes) -> bytes:
    return b"\xff" * len(content)


@pytest.mark.parametrize(
    ("damage", "because"),
    [
        (_pages, "database disk image is malformed"),
        (_header, "file is not a database"),
        (_all, "file is not a database"),
    ],
)
async def test_a_file_damaged_while_the_bot_runs_is_got_over_when_it_is_mended(
    office: Office,
    damage: Callable[[bytes], bytes],
    because: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with office.open():
        await office.buy()
        await office.card()
        await office.quiet()
        whole = _read(_file(office))
        _overwrite(_file(office), damage(whole))
        await _refused(office, caplog, because)
        _overwrite(_file(office), whole)
        await _goes_on(office)
    _assert_calm(caplog)


GONE = "was deleted, moved or replaced while Dialtone runs"


async def test_a_file_that_was_moved_away_is_noticed_and_used_again_when_it_is_back(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    async with office.open():
        await office.buy()
        await office.card()
        await office.quiet()
        aside = _file(office).rename(office.folder / "aside.db")
        await _refused(office, caplog, f"dialtone.db {GONE}")
        assert not _file(office).exists()  # no new one is begun
        aside.rename(_file(office))
        await _goes_on(office)
    _assert_calm(caplog)


async def test_a_file_that_was_replaced_is_used_whole_after_a_restart(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "FAREWELL_S", 0.1)
    copy = office.folder / "copy.db"
    async with office.open():
        await office.buy()
        await office.card()
        await office.quiet()
        copy.write_bytes(_read(_file(office)))
        await office.number("list")  # what was written since is not in the copy
        await office.quiet()
        copy.replace(_file(office))
        await _refused(office, caplog, f"dialtone.db {GONE}")
        # Nor is it written over the copy at the next start, however this process ends.
        assert (office.folder / "dialtone.db-wal").stat().st_size == 0
    async with office.open():
        await _goes_on(office)
    _assert_calm(caplog)


async def test_nothing_is_lost_when_the_write_ahead_log_is_deleted(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "FAREWELL_S", 0.1)
    async with office.open():
        await office.buy()
        await office.card()
        await office.quiet()
        (office.folder / "dialtone.db-wal").unlink()
        await _refused(office, caplog, f"dialtone.db-wal {GONE}")
        alone = office.folder / "alone.db"  # what is there if this process is killed now
        alone.write_bytes(_file(office).read_bytes())
        with closing(sqlite3.connect(alone)) as left:
            assert left.execute("SELECT status FROM purchases").fetchall() == [("pending",)]
    async with office.open():
        await _goes_on(office)
    _assert_calm(caplog)
