"""`python -m bot sandbox`: Slack, both providers and the bot on this machine, and a page to try it.

One process holds the simulators and the page; the bot runs beside it as it would anywhere else,
configured by its environment alone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.bot_process import BotCannotStart, BotProcess
from bot.sandbox.clock import SkippedClock
from bot.sandbox.lives import Lives, NoAudit, OpenAudit
from bot.sandbox.magpipe import BASE, Magpipe
from bot.sandbox.manifest import ManifestMissing, read_manifest
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
PATIENCE = 10.0
"""Seconds until people are told where to look when the bot does not become ready."""


@dataclass(frozen=True)
class Options:
    """`port` is the page's, 0 for a free one. `keep` is where the database stays afterwards,
    `policy` the bot's approval policy."""

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


def main(argv: list[str], audit: OpenAudit) -> int:
    """Run the sandbox until Ctrl-C or SIGTERM. Returns the exit status."""
    options = _options(argv)
    try:
        return asyncio.run(_until_stopped(options, audit))
    except (BotCannotStart, ManifestMissing) as end:
        _say(str(end))
    except OSError as error:
        _say(f"The sandbox does not start: {error.strerror or error}.")
    except KeyboardInterrupt:  # a second Ctrl-C, while stopping
        return 130
    return 1


def _options(argv: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m bot sandbox",
        description="Try Dialtone in the browser, without Slack and without spending money.",
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="the page's port (default: a free one)"
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--http", action="store_true", help="Slack posts to the bot (default)")
    way.add_argument("--socket", action="store_true", help="the bot uses Socket Mode")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep database and log in DIR afterwards"
    )
    parser.add_argument("--policy", type=Path, metavar="FILE", help="an approval policy to try")
    given = parser.parse_args(argv)
    if given.policy and not given.policy.is_file():
        parser.error(f"there is no policy file {given.policy}")
    return Options(
        port=given.port,
        is_socket_mode=given.socket,
        keep=given.keep and given.keep.resolve(),
        policy=given.policy and given.policy.resolve(),
    )


async def _until_stopped(options: Options, audit: OpenAudit) -> int:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(ending, stopped.set)
    async with running(options, audit) as (sandbox, supervision):
        stopping = asyncio.create_task(stopped.wait())
        ready = asyncio.create_task(sandbox.bot.ready())
        first = {ready, stopping, supervision}
        await asyncio.wait(first, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not any(task.done() for task in first):
            _say(f"The bot is not ready yet. What it says is in {sandbox.bot.log}")
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            _welcome(sandbox)
        await asyncio.wait({stopping, supervision}, return_when=asyncio.FIRST_COMPLETED)
        for task in (ready, stopping):
            task.cancel()
        if supervision.done():
            await supervision  # raises what ended it
        for ending in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(ending, supervision.cancel)  # twice means: now
    _say("Stopped. Nothing is left running.")
    return 0


@asynccontextmanager
async def running(
    options: Options, audit: OpenAudit | None = None
) -> AsyncIterator[tuple[Sandbox, asyncio.Task[None]]]:
    """A sandbox and the task that supervises its bot; both have ended on return. Without `audit`
    the page shows no lives of purchases."""
    manifest = read_manifest()
    async with AsyncExitStack() as stack:
        if options.keep is None:
            temporary = tempfile.TemporaryDirectory(prefix="dialtone-")
            directory = Path(stack.enter_context(temporary))
        else:
            directory = options.keep
            directory.mkdir(parents=True, exist_ok=True)
        clock = SkippedClock(directory / SKIPPED)
        slack = await stack.enter_async_context(SlackSimulator(clock.now))
        slack.state.may_write_in_public_channels = True  # as manifest.yml asks for
        sendblue, magpipe = Sendblue(clock.now), Magpipe(clock.now)
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
            say=_say,
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
        page_served = await _served(stack, serve(page, port=options.port))

        supervision = asyncio.create_task(bot.supervise())
        try:
            yield Sandbox(slack, sendblue, magpipe, bot, clock, page_served.url), supervision
        finally:
            supervision.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await supervision


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


def _welcome(sandbox: Sandbox) -> None:
    _say(
        f"\nOpen {sandbox.page_url}\n"
        "  1. As Riley, in #phones, type:  /line buy new desk in Denver\n"
        "  2. Choose Morgan under “Act as” and press Approve; the number appears in #phones.\n"
        "  3. Type /number search 604, request one, and see both prices on its card.\n"
        "  4. Buy again with “cut the connection after the charge”, or kill -9 the bot midway.\n"
        "Nothing here is real and nothing is charged. Ctrl-C ends it.\n"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
