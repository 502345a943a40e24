"""The command: what is there, what was answered, what is written, and what comes next."""

import argparse
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from bot import logs
from bot.init_command import env_file
from bot.init_command.checks import Draft
from bot.init_command.conversation import converse
from bot.init_command.terminal import Terminal, as_typed
from bot.settings import BadSettings, Settings, load

log = logging.getLogger(__name__)

DONE, FAILED, USAGE = 0, 1, 2  # exit status
_NOTHING = "Nothing was written."


def main(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str] = os.environ,
    file: Path = Path(".env"),
    lines: TextIO | None = None,
    out: TextIO | None = None,
) -> int:
    """Ask, and write the file; the exit status. `lines` and `out`: else standard input and
    output."""
    argparse.ArgumentParser(
        prog="python -m bot init",
        description="Asks for what .env needs, checks each answer, and writes the file. What is"
        " in .env is offered again; an old one is kept as .env.bak.",
    ).parse_args(argv)
    terminal = Terminal(lines or sys.stdin, out or sys.stdout)
    logs.configure("CRITICAL", "text", ())  # what is wrong is said here, in sentences
    try:
        present = _present(file)
        draft = Draft(environ, present)
    except BadSettings as error:
        terminal.say(f"{error} {_NOTHING}")
        return USAGE
    try:
        converse(terminal, draft, present)
        return _finish(terminal, draft, present, environ, file)
    except (KeyboardInterrupt, EOFError) as ended:
        terminal.say()
        why = "Stopped." if isinstance(ended, KeyboardInterrupt) else "The input has ended."
        terminal.say(f"{why} {_NOTHING}")
    except Exception:  # Python's own traceback would not be redacted
        logs.configure("CRITICAL", "text", draft.secrets())
        log.critical("crashed", exc_info=True)
    return FAILED


def _present(file: Path) -> dict[str, str]:
    """What is in the file. Raises BadSettings where asking would be in vain."""
    folder = file.resolve().parent
    if not os.access(folder, os.W_OK):
        raise BadSettings(f"{folder} may not be written by this user.")
    try:
        return env_file.read(file)
    except (OSError, UnicodeDecodeError):
        raise BadSettings(f"{file} cannot be read as a text file in UTF-8.") from None


def _finish(
    terminal: Terminal,
    draft: Draft,
    present: Mapping[str, str],
    environ: Mapping[str, str],
    file: Path,
) -> int:
    values = {**present, **draft.answers}
    try:
        kept = env_file.write(file, env_file.render(values))
    except OSError as error:
        terminal.say()
        terminal.say(f"{file} cannot be written ({error.strerror}): it is as it was.")
        return FAILED
    terminal.say()
    terminal.say(f"{file} is written; nobody but you may read it." + _was(kept))
    for note in _notes(values, draft, environ, file):
        terminal.say(f"Note: {note}")
    terminal.say()
    terminal.say("Next:")
    for place, step in enumerate(_steps(draft), 1):
        terminal.say(f"{place}. {step}", indent="  ")
    return DONE


def _was(kept: Path | None) -> str:
    return f" What was in it before is in {kept.name}." if kept else ""


def _notes(
    values: Mapping[str, str], draft: Draft, environ: Mapping[str, str], file: Path
) -> list[str]:
    """What is not as whoever answered would expect it."""
    notes = [
        f"{name} is not a setting of Dialtone and was left out."
        for name in values
        if name.lower() not in Settings.model_fields
    ]
    notes += [
        f"{name} is also set in the environment, which comes before {file}."
        for name, value in draft.answers.items()
        if environ.get(name, "").strip() not in {"", value}
    ]
    try:
        load({}, file)
    except BadSettings as error:
        notes.append(f"the bot would not start: {error}")
    return notes


def _steps(draft: Draft) -> list[str]:
    steps = []
    if not draft.answers["SLACK_APP_TOKEN"]:
        steps.append(
            f"Let Slack know your address: {as_typed('manifest --url https://…')} prints the"
            " manifest for it."
        )
    if draft.answers["DATABASE_URL"].startswith("postgres"):
        steps.append(f"{as_typed('migrate')} makes the tables.")
    return [
        *steps,
        "make doctor checks everything together.",
        "make run starts the bot.",
        "In private channels, invite it: /invite @Dialtone. Then type /line help.",
    ]
