"""`python -m bot sandbox`: what can be asked for, and running until somebody has seen enough."""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from bot.sandbox.bot_process import BotCannotStart
from bot.sandbox.kept import KeptUnreadable
from bot.sandbox.lives import OpenAudit
from bot.sandbox.manifest import ManifestMissing
from bot.sandbox.run import NotHere, Options, Sandbox, running, say

HIGHEST_PORT = 65_535
USAGE = 2  # exit status: what you gave me is wrong
PATIENCE = 10.0
"""Seconds until people are told where to look when the bot does not become ready."""


def main(argv: list[str], audit: OpenAudit) -> int:
    """Run the sandbox until Ctrl-C or SIGTERM. Returns the exit status."""
    options = _options(argv)
    try:
        return asyncio.run(_until_stopped(options, audit))
    except (BotCannotStart, KeptUnreadable, ManifestMissing, NotHere) as end:
        say(str(end))
    except OSError as error:
        say(f"The sandbox does not start: {error.strerror or error}.")
    except KeyboardInterrupt:  # a second Ctrl-C, while stopping
        return 130
    return 1


def _options(argv: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m bot sandbox",
        description="Try Dialtone in the browser, without Slack and without spending money.",
    )
    parser.add_argument(
        "--port", default="0", metavar="N", help="the page's port (default: a free one)"
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--http", action="store_true", help="Slack posts to the bot (default)")
    way.add_argument("--socket", action="store_true", help="the bot uses Socket Mode")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="keep everything in DIR and go on with what is there: the bot's database and log, "
        "messages, charges and settings of the panel (faults that are armed are not kept)",
    )
    parser.add_argument("--policy", type=Path, metavar="FILE", help="an approval policy to try")
    given = parser.parse_args(argv)
    if not given.port.isdecimal() or int(given.port) > HIGHEST_PORT:
        known = f"give a number from 0 to {HIGHEST_PORT}"
        parser.exit(USAGE, f"--port {given.port} is no port: {known}.\n")
    if given.policy and not given.policy.is_file():
        parser.exit(USAGE, f"There is no policy file {given.policy}.\n")
    return Options(
        port=int(given.port),
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
            say(f"The bot is not ready yet. What it says is in {sandbox.bot.log}")
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            _welcome(sandbox, has_policy=options.policy is not None)
        await asyncio.wait({stopping, supervision}, return_when=asyncio.FIRST_COMPLETED)
        for task in (ready, stopping):
            task.cancel()
        if supervision.done():
            await supervision  # raises what ended it
        for ending in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(ending, supervision.cancel)  # twice means: now
    say("Stopped. Nothing is left running.")
    return 0


def _welcome(sandbox: Sandbox, *, has_policy: bool) -> None:
    rules = "     The policy decides who must approve, and how many: act as each of them.\n"
    say(
        f"\nOpen {sandbox.page_url}\n"
        "  The tour there shows everything in six steps. Without it:\n"
        "  1. As Riley, in #phones, type:  /line buy new desk in Denver\n"
        "  2. Choose Morgan under “Act as”, press Approve, then “Approve and buy”; the number\n"
        "     appears in #phones.\n"
        f"{rules if has_policy else ''}"
        "Nothing here is real and nothing is charged. Ctrl-C ends it.\n"
    )
