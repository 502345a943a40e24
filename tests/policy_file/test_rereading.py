"""The file is taken anew, whatever the database does."""

import asyncio
from pathlib import Path

import pytest

from bot.policy_file import FilePolicy, rereading
from bot.policy_file.rereading import reread
from tests.desk import desk_at

RULE = '[[rule]]\nname = "{}"\napprovers = "U0MORGAN01"\n'


async def test_a_database_that_is_away_does_not_keep_the_old_policy(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(RULE.format("old"))
    source = FilePolicy(file)
    file.write_text(RULE.format("new"))
    async with desk_at(tmp_path) as desk:
        await desk.store.close()
        await reread(source, desk.ports)
    assert "policy.not_in_logbook" in caplog.messages
    assert [rule.name for rule in source.current.rules] == ["new"]


async def test_without_a_file_there_is_nothing_to_read(tmp_path: Path) -> None:
    asked = asyncio.Event()
    asked.set()
    async with desk_at(tmp_path) as desk, rereading(desk.ports, asked):
        assert desk.ports.policy.current.rules == ()
