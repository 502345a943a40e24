"""Keeps the bot running as a process of its own: starts it, watches it, starts it again."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import aiohttp

State = Literal["starting", "ready", "restarting", "stopping", "stopped"]

RESTART_AFTER_SECONDS = 1.0
READY_POLL_SECONDS = 0.1
STOP_WITHIN_SECONDS = 30.0
"""The bot waits up to 20 s for a confirm that is on its way; then it is killed."""
GIVE_UP_AFTER = 3
"""So many starts in a row that never became ready."""
SETTINGS_ARE_BAD = 2


SPOKEN_WITHIN_SECONDS = 5.0
SPOKEN_POLL_SECONDS = 0.05
_UNSPOKEN = re.compile(r'^dialtone_owed_due{queue="(?:owed|cards)"} (?!0\.0)', re.MULTILINE)


class BotCannotStart(Exception):
    """The bot does not start; the message holds its own last words."""


class BotProcess:
    """The bot as a supervised subprocess.

    `ready_url` answers 200 once it can work. Its output goes to the file `log`. `say` gets a
    sentence for people at every change; `changed` is called then, too.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        directory: Path,
        ready_url: str,
        log: Path,
        say: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        self._command = command
        self._environment = dict(environment)
        self._directory = directory
        self.ready_url = ready_url
        self.log = log
        self._say = say
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._was_ready = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None  # asked to stop, to be started again
        self.state: State = "stopped"
        self.starts = 0
        self.news = ""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def kill(self) -> bool:
        """Send SIGKILL, as `kill -9` does. False when nothing is running."""
        if self._process is None or self._process.returncode is not None:
            return False
        self._process.kill()
        return True

    def restart(self) -> bool:
        """Send SIGTERM, as a new version's deployment does, and start it again once it has ended.
        False when nothing is running."""
        if self._process is None or self._process.returncode is not None:
            return False
        if self._ending is None:
            self._report("restarting", "The bot finishes what it has in hand, then it starts anew.")
            self._ending = asyncio.create_task(_end(self._process))
        return True

    async def ready(self) -> None:
        """Return when the bot was ready for the first time."""
        await self._was_ready.wait()

    async def has_spoken(self) -> None:
        """Return when it owes nobody a message (as its metrics tell), or after five seconds."""
        metrics_url = self.ready_url.removesuffix("/readyz") + "/metrics"
        with contextlib.suppress(TimeoutError, aiohttp.ClientError):
            async with asyncio.timeout(SPOKEN_WITHIN_SECONDS), aiohttp.ClientSession() as session:
                while _UNSPOKEN.search(await _text(session, metrics_url)):  # noqa: ASYNC110  the same as below
                    await asyncio.sleep(SPOKEN_POLL_SECONDS)

    async def supervise(self) -> None:
        """Run until cancelled, then stop the bot and return. Raises BotCannotStart."""
        failures = 0
        try:
            while True:
                code, was_ready = await self._run_once()
                if self._ending is not None:
                    await self._ending
                    self._ending = None
                    continue
                failures = 0 if was_ready else failures + 1
                if code == SETTINGS_ARE_BAD or failures >= GIVE_UP_AFTER:
                    raise BotCannotStart(self._last_words(code))
                self._report(
                    "restarting", f"The bot ended ({_how(code)}); it is started again in a second."
                )
                await asyncio.sleep(RESTART_AFTER_SECONDS)
        finally:
            if self._ending is not None:
                await self._ending
            self._process = None
            self.state = "stopped"

    async def _run_once(self) -> tuple[int, bool]:
        """Start the bot and return its exit status and whether it had become ready."""
        self.starts += 1
        self._report("starting", "The bot is starting.")
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._environment,
                cwd=self._directory,
                stdin=asyncio.subprocess.PIPE,  # which ends with us, however we end
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the sandbox, which then asks the bot
            )
        waiting = asyncio.create_task(self._wait_until_ready(self._process.pid))
        try:
            code = await self._process.wait()
            return code, waiting.done()
        finally:
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting
            await self._stop()

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._report(
            "stopping", "The bot is finishing what it has in hand. Ctrl-C again ends it at once."
        )
        await _end(process)

    async def _wait_until_ready(self, pid: int) -> None:
        async with aiohttp.ClientSession() as session:
            while not await _answers(session, self.ready_url):  # noqa: ASYNC110  another process: nothing tells us
                await asyncio.sleep(READY_POLL_SECONDS)
        if self._ending is not None:
            return
        again = "again, " if self.starts > 1 else ""
        self._report("ready", f"The bot is running {again}as process {pid}.")
        self._was_ready.set()

    def _report(self, state: State, news: str) -> None:
        self.state, self.news = state, news
        self._say(news)
        self._changed()

    def _last_words(self, code: int) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return "\n".join([f"The bot does not start ({_how(code)}). It said:", *lines[-12:]])


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the bot to end, and make it end; cancelled (Ctrl-C again), it ends at once."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_WITHIN_SECONDS):
            await process.wait()
    except (TimeoutError, asyncio.CancelledError):
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.ok
    except aiohttp.ClientError:
        return False


async def _text(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as response:
        return await response.text()


def _how(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    return "kill -9" if code == -signal.SIGKILL else signal.Signals(-code).name
