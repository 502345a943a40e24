"""The bot as a child process, and how it kills itself at a chosen point of its work.

A point is before or after a commit that changed something, or before or after a request that goes
out. Everything here happens in the child; importing this module changes nothing.
"""

import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from typing import Any

import aiohttp
import httpx
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from yarl import URL

from bot.__main__ import main


@dataclass(frozen=True)
class Death:
    """SIGKILL at the `number`th point, counted from the first whose name contains `since`, and
    only those called `named` if that is given; or SIGSTOP, for a process that stalls there until
    somebody sends SIGCONT. Every point since is said as it is passed; `number` 0 says them only.
    """

    number: int
    since: str = ""
    by: signal.Signals = signal.SIGKILL
    named: str = ""


def run(
    verb: Sequence[str],
    environment: Mapping[str, str],
    folder: str,
    output: Pipe,
    death: Death | None,
) -> None:
    """`python -m bot VERB` with this environment; what it says goes to `output`."""
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    output.close()
    os.chdir(folder)  # where no .env is
    os.environ.clear()
    os.environ.update(environment)
    if death is not None:
        points = _Points(death)
        _watch_commits(points)
        _watch_requests(points)
    sys.exit(main(verb))


class _Points:
    """Counts the points that are passed."""

    def __init__(self, death: Death) -> None:
        self._death = death
        self._has_begun = False
        self._passed = 0
        self._lock = threading.Lock()

    def reached(self, name: str) -> None:
        with self._lock:
            self._has_begun = self._has_begun or self._death.since in name
            if not self._has_begun:
                return
            _say("passed", name)
            if self._death.named not in {"", name}:
                return
            self._passed += 1
            if self._passed == self._death.number:
                _say("killed", name)
                os.kill(os.getpid(), self._death.by)


def _say(event: str, name: str) -> None:
    os.write(2, f'{{"event": "{event}", "at": "{name}"}}\n'.encode())


def _watch_commits(points: _Points) -> None:
    commit: Any = DefaultDialect.do_commit

    @event.listens_for(Engine, "after_cursor_execute")
    def _executed(connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        if cursor.rowcount > 0 and statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            connection.info["rows"] = connection.info.get("rows", 0) + cursor.rowcount

    @event.listens_for(Engine, "rollback")
    def _rolled_back(connection: Connection) -> None:
        connection.info["settled"] = _changes(connection.connection)

    def watched(self: DefaultDialect, connection: Any) -> None:
        changes = _changes(connection)
        if changes == connection.info.get("settled", 0):  # it only read
            commit(self, connection)
            return
        connection.info["settled"] = changes
        points.reached("before a commit")
        commit(self, connection)
        points.reached("after a commit")

    DefaultDialect.do_commit = watched  # type: ignore[method-assign]  # there is no event for after


def _changes(connection: Any) -> int:
    """How many rows this connection has changed. SQLite knows; of its cursors, one that returns
    rows has not counted them when it has executed."""
    raw = connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection):
        return raw.total_changes
    return int(connection.info.get("rows", 0))


def _watch_requests(points: _Points) -> None:
    to_confirm, to_ask = (
        httpx.AsyncHTTPTransport.handle_async_request,
        aiohttp.ClientSession._request,
    )

    async def confirmed(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        points.reached(f"before {request.url.path}")
        answer = await to_confirm(self, request)
        points.reached(f"after {request.url.path}")
        return answer

    async def asked(
        self: aiohttp.ClientSession, method: str, url: Any, **kwargs: Any
    ) -> aiohttp.ClientResponse:
        # Providers are asked by an address that is a URL, Slack by one that is text.
        path = url.path if isinstance(url, URL) else url.partition("?")[0].rpartition("/")[2]
        points.reached(f"before {path}")
        answer = await to_ask(self, method, url, **kwargs)
        points.reached(f"after {path}")
        return answer

    httpx.AsyncHTTPTransport.handle_async_request = confirmed  # type: ignore[method-assign]  # as above
    aiohttp.ClientSession._request = asked  # type: ignore[assignment, method-assign]  # the same
