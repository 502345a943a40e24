"""A PostgreSQL that is away at the start: waited for, and said once."""

import logging
import time
from contextlib import AbstractContextManager
from types import TracebackType

from sqlalchemy.exc import DBAPIError, OperationalError

from bot.storage.errors import DatabaseAway, cause

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0

# While it cannot be reached there is no SQLSTATE, so libpq's words are all there is. What is not
# among them (a wrong password, no such database) does not mend by waiting.
_SAYS_AWAY = (
    "connection refused",
    "connection reset",
    "timeout",
    "no route to host",
    "network is unreachable",
    "resolve host",
    "name or service not known",
    "no such file or directory",
    "server closed the connection",
    "starting up",
    "shutting down",
    "recovery mode",
    "too many clients",
    "connection slots",
    "not currently accepting connections",
)


def is_away(error: DBAPIError) -> bool:
    """Whether that was for want of a server that answers and has room."""
    said = cause(error).lower()
    return isinstance(error, OperationalError) and any(each in said for each in _SAYS_AWAY)


class Patience(AbstractContextManager["Patience"]):
    """Swallows DatabaseAway for so many seconds from now on; says the first one in the log, and
    that it is over."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._is_told = False

    def __exit__(
        self, _k: type[BaseException] | None, error: BaseException | None, _t: TracebackType | None
    ) -> bool:
        if not isinstance(error, DatabaseAway):
            if error is None and self._is_told:
                log.info("database.back")
            return False
        if time.monotonic() >= self._deadline:
            return False
        if not self._is_told:
            log.warning("database.away", extra={"why": str(error)})
        self._is_told = True
        return True
