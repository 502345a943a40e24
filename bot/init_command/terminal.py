"""Asking a person at a terminal, or whatever is at the other end of a pipe."""

import getpass
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_WIDTH = 96


def as_typed(verb: str) -> str:
    """How a verb is run from here: the Python in use may be on nobody's PATH."""
    python = Path(sys.executable)
    here = Path.cwd()
    shown = str(python.relative_to(here)) if python.is_relative_to(here) else "python"
    return f"{shown} -m bot {verb}"


class Terminal:
    """Lines in and out. At a pipe nothing is hidden, so that it can be scripted."""

    def __init__(self, lines: TextIO, out: TextIO) -> None:
        self._lines = lines
        self._out = out

    def say(self, text: str = "", indent: str = "") -> None:
        """A paragraph."""
        wrapped = textwrap.fill(
            "".join(each for each in text if each.isprintable()),  # also what others are called
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        self._out.write(f"{wrapped}\n")
        self._out.flush()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Somebody is asked who may take seconds: that is shown as long as it lasts."""
        if not self._lines.isatty():
            yield
            return
        self._out.write("  checking…")
        self._out.flush()
        try:
            yield
        finally:
            self._out.write("\r\x1b[K")

    def ask(self, prompt: str) -> str:
        """What is typed, without spaces around it. Raises EOFError at the end of the input."""
        self._out.write(prompt)
        self._out.flush()
        line = self._lines.readline()
        if not self._lines.isatty():
            self._out.write("\n")  # nobody pressed Enter
        if not line:
            raise EOFError
        return line.strip()

    def ask_hidden(self, prompt: str) -> str:
        """The same; at a terminal, what is typed is not shown."""
        if not self._lines.isatty():
            return self.ask(prompt)
        return getpass.getpass(prompt, self._out).strip()
