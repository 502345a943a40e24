"""`python -m bot sandbox` as a person starts it: the real bot, the whole main job, and the end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox.page_server import HEADER
from bot.sandbox.slack.people import MORGAN, PHONES, RILEY

SECONDS = 30


@asynccontextmanager
async def sandbox(
    *arguments: str, directory: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The command in a process of its own, in a directory with somebody's `.env`."""
    (directory / ".env").write_text("APPROVERS=\nNONSENSE=1\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "APPROVERS": ""}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "sandbox", *arguments),
        cwd=directory,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(SECONDS):
            yield process, await line_with(process, "Open ")
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


async def line_with(process: asyncio.subprocess.Process, words: str) -> str:
    assert process.stdout is not None
    said = b""
    async for line in process.stdout:
        said += line
        if words.encode() in line:
            return line.decode().strip()
    raise AssertionError(said.decode())


class Person:
    """Somebody at the page."""

    def __init__(self, session: aiohttp.ClientSession, user: str) -> None:
        self._session = session
        self._user = user

    async def do(self, path: str, **args: Any) -> Any:
        headers = {HEADER: "page"}
        args["user"] = self._user
        async with self._session.post(path, json=args, headers=headers) as answer:
            assert answer.status == 200
            return await answer.json()

    async def sees(self) -> dict[str, Any]:
        async with self._session.get("/state", params={"as": self._user}) as answer:
            state: dict[str, Any] = await answer.json()
            return state

    async def sees_message(self, words: str) -> dict[str, Any]:
        async with self._session.get("/events") as events:
            while True:
                await events.content.readuntil(b"\n\n")
                for message in (await self.sees())["messages"][PHONES]:
                    if words in str(message):
                        found: dict[str, Any] = message
                        return found


@pytest.mark.parametrize("way", ["--http", "--socket"])
async def test_a_line_is_bought_through_the_page(tmp_path: Path, way: str) -> None:
    async with sandbox(way, directory=tmp_path) as (process, opened):
        async with aiohttp.ClientSession(opened.removeprefix("Open ")) as session:
            riley, morgan = Person(session, RILEY), Person(session, MORGAN)
            await riley.do("/act/say", channel=PHONES, text="/line buy new desk in Denver")
            card = await morgan.sees_message("'Approve'")
            [buttons] = [b for b in card["blocks"] if b["type"] == "actions"]
            where = {"channel": PHONES, "ts": card["ts"], "block_id": buttons["block_id"]}

            answer = await morgan.do(
                "/act/click", **where, action_id=buttons["elements"][0]["action_id"]
            )

            assert answer == {"status": 200, "failed": None}
            await riley.sees_message("+1 ")
            assert len((await riley.sees())["panel"]["charges"]) == 1
            pid = (await riley.sees())["panel"]["bot"]["pid"]

        process.send_signal(signal.SIGINT)
        await line_with(process, "Nothing is left running")
        assert await process.wait() == 0
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_killed_bot_comes_back_and_keeps_its_database(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    async with (
        sandbox("--keep", str(kept), directory=tmp_path) as (process, opened),
        aiohttp.ClientSession(opened.removeprefix("Open ")) as session,
    ):
        riley = Person(session, RILEY)
        await riley.do("/act/say", channel=PHONES, text="/line buy x")
        await riley.sees_message("'Approve'")

        await riley.do("/panel/kill")
        await line_with(process, "running again")
        await riley.do("/act/say", channel=PHONES, text="/line pending")

        await riley.sees_message("'is_ephemeral': True")
    assert (kept / "dialtone.db").exists()


async def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "sandbox", "--port", str(port)),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    server.close()

    assert process.returncode == 1
    assert said.decode().startswith("The sandbox does not start: ")
