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

from bot.sandbox.command_line import main
from bot.sandbox.lives import NoAudit
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


async def sandbox_that_fails(directory: Path, *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "sandbox", *arguments),
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    failed = await sandbox_that_fails(tmp_path, "--port", str(port))
    server.close()

    what = f"The sandbox does not start: port {port} is taken."
    assert failed == (1, f"{what} Give another with --port, or none for a free one.\n")


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "1.5", "²"])
async def test_what_is_no_port_is_said_in_a_sentence(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--port", port], lambda _: NoAudit())
    assert end.value.code == 2
    assert capsys.readouterr().err == f"--port {port} is no port: give a number from 0 to 65535.\n"


async def test_nothing_is_kept_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    code, said = await sandbox_that_fails(tmp_path, "--keep", "taken")
    assert code == 1
    assert said.startswith(f"Nothing can be kept in {tmp_path / 'taken'}: ")
    assert said.count("\n") == 1


async def test_a_bot_whose_sandbox_was_killed_ends_by_itself(tmp_path: Path) -> None:
    async with sandbox("--keep", str(tmp_path / "kept"), directory=tmp_path) as (process, opened):
        async with aiohttp.ClientSession(opened.removeprefix("Open ")) as session:
            pid = (await Person(session, RILEY).sees())["panel"]["bot"]["pid"]
        process.kill()
        await process.wait()
        while is_running(pid):  # noqa: ASYNC110  it is nobody's child any more
            await asyncio.sleep(0.05)


def is_running(pid: int) -> bool:
    """Whether it runs; one that has ended may still be waiting for somebody to ask how."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("signals", [1, 2])
async def test_ctrl_c_during_the_start_leaves_nothing_behind(tmp_path: Path, signals: int) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "sandbox"),
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "TMPDIR": str(folder),
        },
        stdout=asyncio.subprocess.PIPE,
    )
    await line_with(process, "The bot is starting.")
    [temporary] = folder.iterdir()
    for _ in range(signals):
        process.send_signal(signal.SIGINT)
    async with asyncio.timeout(SECONDS):
        await process.communicate()

    assert not temporary.exists()
