"""Slack, both providers and the bot on this machine, and a page to try it.

One process holds the simulators and the page; the bot runs beside it as it would anywhere else,
configured by its environment alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.sandbox.bot_process import BotProcess
from bot.sandbox.clock import SkippedClock
from bot.sandbox.kept import Kept
from bot.sandbox.lives import Lives, NoAudit, OpenAudit
from bot.sandbox.magpipe import BASE, Magpipe
from bot.sandbox.manifest import read_manifest
from bot.sandbox.page_server import page_app
from bot.sandbox.panel import Panel, announcing
from bot.sandbox.sendblue import Sendblue
from bot.sandbox.serve import Served, serve
from bot.sandbox.slack import SlackSimulator
from bot.sandbox.slack.people import MORGAN, PHONE_MANAGERS, PHONES

REPOSITORY = Path(__file__).resolve().parents[2]
INHERITED = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "TMPDIR", "TZ", "VIRTUAL_ENV")
"""All the bot gets of this machine's environment: no Dialtone settings, no proxies."""

BOT_VERB = "sandbox-bot"
"""Of `python -m bot`: the ordinary bot, by the clock of the file that is named after it."""
SKIPPED = "skipped-seconds"
LOCK = "sandbox.lock"
"""In a kept folder; holds the page's address while a sandbox runs."""


class NotHere(Exception):
    """The folder or the port cannot be used; the message is a sentence."""


@dataclass(frozen=True)
class Options:
    """`port` is the page's, 0 for a free one. `keep` is where everything stays afterwards, to go on
    with another time; `policy` the bot's approval policy."""

    port: int = 0
    is_socket_mode: bool = False
    keep: Path | None = None
    policy: Path | None = None


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox, for the terminal and for tests."""

    slack: SlackSimulator
    sendblue: Sendblue
    magpipe: Magpipe
    bot: BotProcess
    clock: SkippedClock
    page_url: str


@asynccontextmanager
async def running(
    options: Options, audit: OpenAudit | None = None
) -> AsyncIterator[tuple[Sandbox, asyncio.Task[None]]]:
    """A sandbox and the task that supervises its bot; both have ended on return. Without `audit`
    the page shows no lives of purchases."""
    manifest = read_manifest()
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(_folder(options.keep))
        clock = _clock(directory / SKIPPED)
        slack = await stack.enter_async_context(SlackSimulator(clock.now))
        slack.state.may_write_in_public_channels = True  # as manifest.yml asks for
        sendblue, magpipe = Sendblue(clock.now), Magpipe(clock.now)
        if options.keep:
            kept = Kept(directory / "simulators.json", slack, sendblue, magpipe)
            await stack.enter_async_context(kept.going_on())
        changed = slack.workspace.changed
        sendblue_served = await _served(stack, serve(announcing(sendblue.app(), changed)))
        magpipe_served = await _served(stack, serve(announcing(magpipe.app(), changed)))

        providers = {
            "SENDBLUE_API_KEY_ID": sendblue.api_key_id,
            "SENDBLUE_API_SECRET_KEY": sendblue.api_secret_key,
            "SENDBLUE_API_URL": sendblue_served.url,
            "MAGPIPE_API_TOKEN": magpipe.api_token,
            "MAGPIPE_API_URL": f"{magpipe_served.url}{BASE}",
        }

        port = _free_port()
        bot_url = f"http://127.0.0.1:{port}"
        if not options.is_socket_mode:
            slack.deliver_to(f"{bot_url}/slack/events")
        environment = _environment(options, slack, directory, port) | providers
        bot = BotProcess(
            [sys.executable, "-m", "bot", BOT_VERB, str(directory / SKIPPED)],
            environment=environment,
            directory=directory,
            ready_url=f"{bot_url}/readyz",
            log=directory / "bot.log",
            say=say,
            changed=changed,
        )
        reader = audit(environment["DATABASE_URL"]) if audit else NoAudit()
        stack.push_async_callback(reader.close)
        panel = Panel(
            slack=slack,
            sendblue=sendblue,
            magpipe=magpipe,
            bot=bot,
            clock=clock,
            lives=Lives(reader, changed),
        )
        page = page_app(slack, panel, manifest)
        page_served = await _served(stack, _on_port(page, options.port))
        if options.keep:
            (directory / LOCK).write_text(page_served.url)

        supervision = asyncio.create_task(bot.supervise())
        try:
            yield Sandbox(slack, sendblue, magpipe, bot, clock, page_served.url), supervision
        finally:
            supervision.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await supervision


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Where everything is: kept, and nobody else's meanwhile, or temporary. Raises NotHere."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="dialtone-") as temporary:
            yield Path(temporary)
        return
    with ExitStack() as stack:
        try:
            keep.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context((keep / LOCK).open("a+"))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            running_at = lock.read() or "another terminal"
            raise NotHere(
                f"Another sandbox is running with --keep {keep}: {running_at}. Use that one, "
                "end it with Ctrl-C in its terminal, or give --keep another folder."
            ) from None
        except OSError as error:
            raise NotHere(
                f"Nothing can be kept in {keep}: {error.strerror or error}. Give --keep a folder "
                "that you can write in."
            ) from None
        lock.truncate(0)  # the address of the sandbox before this one
        yield keep


def _clock(file: Path) -> SkippedClock:
    clock = SkippedClock(file)
    try:
        clock.now()
    except ValueError:
        raise NotHere(f"{file} holds no number of seconds: delete it.") from None
    return clock


async def _on_port(page: web.Application, port: int) -> Served:
    try:
        return await serve(page, port=port)
    except OSError as error:
        taken = "is taken" if error.errno == errno.EADDRINUSE else "cannot be used"
        raise NotHere(
            f"The sandbox does not start: port {port} {taken}. Give another with --port, or none "
            "for a free one."
        ) from None


async def _served(stack: AsyncExitStack, serving: Awaitable[Served]) -> Served:
    served = await serving
    stack.push_async_callback(served.close)
    return served


def _environment(
    options: Options, slack: SlackSimulator, directory: Path, port: int
) -> dict[str, str]:
    settings = {
        "SLACK_BOT_TOKEN": slack.state.bot_token,
        "SLACK_SIGNING_SECRET": slack.state.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{directory / 'dialtone.db'}",
        "APPROVERS": f"{PHONE_MANAGERS},{MORGAN}",
        "ALERT_CHANNEL": PHONES,
        "LOG_FORMAT": "text",
    }
    if options.policy:
        settings["POLICY_FILE"] = str(options.policy)
    if options.is_socket_mode:
        settings["SLACK_APP_TOKEN"] = slack.state.app_token
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    # The working directory is not the repository, so that nobody's .env is read.
    return {**inherited, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1", **settings}


def _free_port() -> int:
    """A port that was free a moment ago; the bot takes it now and after every restart."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
