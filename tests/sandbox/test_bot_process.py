"""The bot is started, watched, started again, and never left behind."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.sandbox.bot_process import BotCannotStart, BotProcess
from tests.sandbox.page_world import supervised, web_server


class Bell:
    """Rings at every change, so that a test can wait for one."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    async def until(self, process: BotProcess, state: str, starts: int) -> None:
        async with asyncio.timeout(10):
            while (process.state, process.starts) != (state, starts):
                await self._rung.wait()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_killed_bot_is_started_again_and_people_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.bot_process.RESTART_AFTER_SECONDS", 0)
    bell, said = Bell(), list[str]()
    process = web_server(tmp_path, changed=bell.ring, said=said)
    async with supervised(process):
        await bell.until(process, "ready", 1)
        first = process.pid

        assert process.kill()
        await bell.until(process, "ready", 2)

        assert process.pid != first
        assert "The bot ended (kill -9); it is started again in a second." in said


async def test_no_process_is_left_behind(tmp_path: Path) -> None:
    bell = Bell()
    process = web_server(tmp_path, changed=bell.ring, said=[])
    async with supervised(process):
        await bell.until(process, "ready", 1)
        pid = process.pid
        assert pid is not None

    assert not is_alive(pid)
    assert not process.kill()


@pytest.mark.parametrize("status", [1, 2])
async def test_a_bot_that_cannot_start_is_quoted_and_given_up(
    tmp_path: Path, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.bot_process.RESTART_AFTER_SECONDS", 0)
    process = BotProcess(
        [sys.executable, "-c", f"print('APPROVERS is empty.'); raise SystemExit({status})"],
        environment={},
        directory=tmp_path,
        ready_url="http://127.0.0.1:1/readyz",
        log=tmp_path / "bot.log",
        say=lambda _: None,
        changed=lambda: None,
    )
    with pytest.raises(BotCannotStart, match=r"APPROVERS is empty\."):
        await process.supervise()
    assert process.starts == {1: 3, 2: 1}[status]
