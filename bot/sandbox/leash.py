"""The bot of a sandbox that is gone ends, too: nobody is there any more to stop it."""

import os
import signal
import sys
import threading


def end_with_parent() -> None:
    """Ask this process to end, as SIGTERM does, once its standard input is at its end: a pipe whose
    other end the parent holds open until it ends, also by kill -9."""
    threading.Thread(target=_wait, name="leash", daemon=True).start()


def _wait() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass  # nobody writes; only the end counts
    os.kill(os.getpid(), signal.SIGTERM)
