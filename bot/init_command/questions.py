"""One question, asked until its answer can be taken."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from bot.domain.finding import Finding
from bot.init_command.checks import Check, Kind, Verdict
from bot.init_command.terminal import Terminal

NONE = "-"  # takes an optional value away
_KEEP, _OTHER = "keep", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for one setting. `where` says where its value is found, in a sentence."""

    title: str
    where: str
    name: str
    check: Check
    present: str = ""  # what Enter gives
    is_secret: bool = False
    is_optional: bool = False


def ask(terminal: Terminal, question: Question) -> Verdict:
    """The verdict on the answer that is taken, with "" for an optional one that is left out.
    Raises EOFError."""
    terminal.say()
    terminal.say(question.title)
    terminal.say(question.where, indent="  ")
    while True:
        text = _answered(terminal, question)
        if question.is_optional and text in {"", NONE}:
            return Verdict(Kind.TAKEN, "")
        if text:
            verdict = settled(terminal, question.name, partial(question.check, text))
            if verdict is not None:
                return verdict
        else:
            terminal.say(f"{question.name} is needed.", indent="  ")
        terminal.say(question.where, indent="  ")


def settled(terminal: Terminal, about: str, check: Callable[[], Verdict]) -> Verdict | None:
    """Check what was answered, as often as whoever answers wants it; None when another answer is
    to be given."""
    while True:
        with terminal.waiting():
            verdict = check()
        _tell(terminal, about, verdict.findings)
        if verdict.kind is Kind.TAKEN:
            return verdict
        if verdict.kind is Kind.REFUSED:
            return None
        wanted = terminal.ask(
            f"  Enter checks it again, {_KEEP} takes it as it is, {_OTHER} asks anew: "
        )
        if wanted.lower() == _KEEP:
            return verdict
        if wanted.lower() == _OTHER:
            return None


def choose(
    terminal: Terminal, title: str, means: str, choices: tuple[str, str], present: str
) -> str:
    """One of two words, which may be cut short. Raises EOFError."""
    terminal.say()
    terminal.say(title)
    terminal.say(means, indent="  ")
    while True:
        text = terminal.ask(f"  {' or '.join(choices)} [{present}]: ").lower() or present
        found = [choice for choice in choices if choice.startswith(text)]
        if len(found) == 1:
            return found[0]
        terminal.say(f"Type {choices[0]} or {choices[1]}.", indent="  ")


def _answered(terminal: Terminal, question: Question) -> str:
    hints = []
    if question.present:
        hints.append("Enter keeps the present one" if question.is_secret else question.present)
    elif question.is_optional:
        hints.append("Enter leaves it out")
    if question.present and question.is_optional:
        hints.append(f"{NONE} takes it away")
    hint = f" [{', '.join(hints)}]" if hints else ""
    listen = terminal.ask_hidden if question.is_secret else terminal.ask
    return listen(f"  {question.name}{hint}: ") or question.present


def _tell(terminal: Terminal, about: str, findings: Iterable[Finding]) -> None:
    for each in findings:
        # What is asked about stands right above: SLACK_BOT_TOKEN, APPROVAL_CHANNEL C012 …
        is_said = each.subject.startswith(about) or about.startswith(each.subject.upper())
        subject = "" if is_said else f"{each.subject}: "
        terminal.say(f"{each.level.value}: {subject}{each.said}", indent="  ")
