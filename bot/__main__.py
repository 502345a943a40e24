"""python -m bot [run | init | manifest | migrate | doctor | policy | audit | sandbox]"""

import argparse
import asyncio
import importlib
import logging
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot import logs

if TYPE_CHECKING:  # the verbs that read no settings start without them
    from bot.settings import Settings

USAGE = 2  # exit status: what you gave me is wrong
MIGRATE_WAITS_S = 60  # for a PostgreSQL that is away; `run` waits until it is told to stop
FAILED = 1  # exit status: the world is
INTERRUPTED = 130  # exit status: by Ctrl-C, as shells have it


# Verbs that read their own arguments: the module whose `main` does, loaded when it is asked for.
OWN_ARGUMENTS = {
    "policy": "bot.policy_command",
    "init": "bot.init_command",
    "manifest": "bot.manifest_command",
    "sandbox": "bot.sandbox_command",
}


def main(argv: Sequence[str]) -> int:
    """Run one verb; the exit status."""
    if argv[:1] == ["sandbox-bot"]:  # the sandbox starts it; nobody types it
        return _with_settings(partial(_run_by, Path(argv[1])))
    parser = argparse.ArgumentParser(prog="python -m bot", description="Dialtone")
    verbs = parser.add_subparsers(dest="verb")
    verbs.add_parser("run", help="run the bot (also without a verb)")
    verbs.add_parser("migrate", help="bring the database to this version's schema")
    verbs.add_parser("doctor", help="check the set-up, changing nothing")
    verbs.add_parser("policy", help="check or explain the rules of approval", add_help=False)
    verbs.add_parser("audit", help="write the audit out, or verify it", add_help=False)
    verbs.add_parser("init", help="ask for the settings, and write .env", add_help=False)
    verbs.add_parser("manifest", help="print the Slack app's manifest", add_help=False)
    verbs.add_parser("sandbox", help="try it in the browser, without Slack", add_help=False)
    known, rest = parser.parse_known_args(argv)
    if known.verb in OWN_ARGUMENTS:
        return int(importlib.import_module(OWN_ARGUMENTS[known.verb]).main(rest))
    if known.verb == "audit":
        from bot import audit_command  # noqa: PLC0415 nothing else needs it

        return _with_settings(audit_command.parse(rest))
    if rest:
        parser.error(f"I do not understand {' '.join(rest)}")
    if known.verb == "doctor":
        from bot.doctor import main as doctor  # noqa: PLC0415 the same

        return doctor()
    return _with_settings(_migrate if known.verb == "migrate" else _run)


def _with_settings(verb: Callable[["Settings"], int | None]) -> int:
    from bot.settings import BadSettings, load  # noqa: PLC0415 the same
    from bot.storage import StorageError  # noqa: PLC0415 a bad setting is told without waiting

    try:
        settings = load()
        logs.configure(settings.log_level, settings.log_format, settings.secret_values())
        return verb(settings) or 0
    except BadSettings as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    except StorageError as error:
        sys.stderr.write(f"{logs.redact(str(error))}\n")
        return FAILED
    except Exception:  # Python's own traceback would not be redacted
        logging.getLogger("bot").exception("crashed")
        return FAILED


def _run(settings: "Settings") -> None:
    from bot.bootstrap import run  # noqa: PLC0415 the same

    asyncio.run(run(settings))


def _run_by(skipped: Path, settings: "Settings") -> None:
    from bot.bootstrap import run  # noqa: PLC0415 the same
    from bot.sandbox.clock import SkippedClock  # noqa: PLC0415 the same
    from bot.sandbox.leash import end_with_parent  # noqa: PLC0415 the same

    end_with_parent()
    asyncio.run(run(settings, SkippedClock(skipped)))


def _migrate(settings: "Settings") -> None:
    from bot.storage import upgrade  # noqa: PLC0415 the same

    upgrade(settings.database_url.get_secret_value(), away_s=MIGRATE_WAITS_S)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:  # before anything was there that could be stopped in order
        sys.exit(INTERRUPTED)
