"""What the sandbox shows of the bot's database: read beside the bot, only when there is news."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox_command import AuditOfFile
from bot.storage import open_store
from tests.storage.values import RILEY, START, a_purchase, new_id


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[AuditOfFile]:
    made = AuditOfFile(f"sqlite:///{tmp_path / 'dialtone.db'}")
    yield made
    await made.close()


async def test_a_database_that_is_not_there_has_no_lives(
    reader: AuditOfFile, tmp_path: Path
) -> None:
    assert not await reader.lives(20)
    (tmp_path / "dialtone.db").touch()  # and that has no tables yet
    assert not await reader.lives(20)

    store = await open_store(f"sqlite:///{tmp_path / 'dialtone.db'}")
    await store.add_request(a_purchase(), new_id("trigger"))
    assert len(await reader.lives(20)) == 1
    await store.close()


async def test_purchases_come_with_their_rows_and_what_is_new_is_added(
    reader: AuditOfFile, tmp_path: Path
) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'dialtone.db'}")
    first = await store.add_request(a_purchase(reason="desk"), new_id("trigger"))
    [life] = await reader.lives(20)
    assert (life.code, life.what, life.status) == (first.code, "a line", "requested")
    [step] = life.steps
    assert (step.seq, step.at, step.actor_id, step.after) == (1, START, RILEY, "requested")
    assert step.detail["reason"] == "desk"

    second = await store.add_request(a_purchase(), new_id("trigger"))
    codes = {each.code for each in await reader.lives(20)}
    assert codes == {first.code, second.code}
    assert len(await reader.lives(1)) == 1
    await store.close()


async def test_a_file_that_has_not_changed_is_not_read(
    reader: AuditOfFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'dialtone.db'}")
    await store.add_request(a_purchase(), new_id("trigger"))
    for name in ("dialtone.db", "dialtone.db-wal"):
        os.utime(tmp_path / name, (0, 0))  # long ago
    before = await reader.lives(20)

    async def read(*_: object) -> None:
        pytest.fail("it was read")

    monkeypatch.setattr(reader, "_read", read)
    assert await reader.lives(20) is before
    await store.close()
