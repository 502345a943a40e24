"""Whose story is being told: the code of the purchase that the present task works on.

`logs` adds it to every line, so that also a provider's and Slack's side say whom they concern. A
step of the loop is a task of its own, and what is set in one task is not seen in another.
"""

from contextvars import ContextVar

_code: ContextVar[str | None] = ContextVar("purchase", default=None)


def tell_of(code: str) -> None:
    """From here on this task's log lines carry the code."""
    _code.set(code)


def code() -> str | None:
    """The purchase that the present task works on, if it is any one purchase."""
    return _code.get()
