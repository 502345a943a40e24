"""`python -m bot init` at a real terminal."""

import asyncio
import os
import pty
import sys
from pathlib import Path
from typing import Self

from bot.init_command.command import FAILED
from bot.sandbox.slack.people import PHONE_MANAGERS
from tests.init_command.newcomer import Newcomer

ROOT = Path(__file__).parents[2]


class Screen:
    """A terminal with `python -m bot init` in it, in a process of its own."""

    def __init__(self, newcomer: Newcomer) -> None:
        self._newcomer = newcomer
        self._heard = asyncio.Event()
        self.shown = ""

    async def __aenter__(self) -> Self:
        self._ours, theirs = pty.openpty()
        # Opened by the leader of a session, it becomes the terminal that Ctrl-C comes from.
        start = (
            "import os, runpy, sys; os.close(os.open(os.ttyname(0), os.O_RDWR));"
            " sys.argv[1:] = ['init']; runpy.run_module('bot', run_name='__main__')"
        )
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", start),
            cwd=self._newcomer.office.folder,
            env={**os.environ, **self._newcomer.environ, "PYTHONPATH": str(ROOT)},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        asyncio.get_running_loop().add_reader(self._ours, self._read)
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    def _read(self) -> None:
        try:
            self.shown += os.read(self._ours, 65536).decode(errors="replace")
        except OSError:  # EIO: nobody is at the other end any more
            asyncio.get_running_loop().remove_reader(self._ours)
        self._heard.set()

    async def types(self, what: str, *, at: str) -> None:
        """Wait for the prompt, then type."""
        async with asyncio.timeout(20):
            while not self.shown.endswith(f"{at}: "):
                self._heard.clear()
                await self._heard.wait()
        os.write(self._ours, what.encode())

    async def ends(self) -> int:
        async with asyncio.timeout(20):
            return await self._process.wait()


async def test_at_a_terminal_what_is_secret_is_not_shown_and_ctrl_c_stops(
    newcomer: Newcomer,
) -> None:
    way, bot_token, app_token = newcomer.tokens
    async with Screen(newcomer) as screen:
        await screen.types(f"{way}\n", at="[socket]")
        await screen.types(f"{bot_token}\n", at="SLACK_BOT_TOKEN")
        await screen.types(f"{app_token}\n", at="SLACK_APP_TOKEN")
        await screen.types(f"{PHONE_MANAGERS}\n", at="APPROVERS")
        await screen.types("\x03", at="APPROVAL_CHANNEL [Enter leaves it out]")

        assert await screen.ends() == FAILED
        assert PHONE_MANAGERS in screen.shown
        assert bot_token not in screen.shown
        assert app_token not in screen.shown
        assert screen.shown.split("\n")[-2].strip() == "Stopped. Nothing was written."
        assert "Traceback" not in screen.shown
    assert not newcomer.file.exists()
