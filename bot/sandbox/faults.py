"""What can go wrong between a client and a provider, queued ahead and acted out on real sockets."""

import asyncio
import json
import socket
import struct
from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Handler

When = Literal["before", "after"]
"""Before or after the provider has done its work (charged the card, say)."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong with one request.

    `status`, `body`: answered instead of doing the work; with `after`, the work is done first and
        then this is answered. A body alone goes out with 200, a status alone with an empty body.
        Bytes are sent as they are (HTML, broken JSON, megabytes); anything else as JSON.
    `delay`: seconds before anything else happens; with `after`, between the work and the answer.
    `cut`: the connection is closed without an answer, before or after the work. `reset` makes
        that a TCP reset instead of an orderly end.
    `announced_length`: the Content-Length to send. More than the body is a truncated answer: what
        there is arrives, then the connection ends.
    """

    status: int | None = None
    body: bytes | dict[str, Any] | list[Any] | None = None
    delay: float = 0
    cut: When | None = None
    after: bool = False
    reset: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    announced_length: int | None = None

    @property
    def does_the_work_first(self) -> bool:
        return self.after or self.cut == "after"

    @property
    def answers(self) -> bool:
        return self.status is not None or self.body is not None


class Hold:
    """A stop sign for one request: the world waits there until `release()`."""

    def __init__(self) -> None:
        self._reached = asyncio.Event()
        self._released = asyncio.Event()

    async def reached(self) -> None:
        """Return once a request stands at the stop sign."""
        await self._reached.wait()

    def release(self) -> None:
        self._released.set()

    async def wait(self) -> None:
        """Stand at the stop sign; called for the request."""
        self._reached.set()
        await self._released.wait()


class Faults:
    """The faults waiting for a simulator's endpoints, first come first served.

    An endpoint is a path below `base`, e.g. `/accounts/limits`. With `endpoints` given, a fault
    for any other path is a `ValueError`: it would never happen, and its test would prove nothing.
    Put `middleware` into the application, inside whatever counts the requests that arrive.
    """

    def __init__(self, endpoints: Collection[str] = (), base: str = "") -> None:
        self._endpoints = endpoints
        self._base = base
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._holds: defaultdict[tuple[str, When], deque[Hold]] = defaultdict(deque)

    def queue(self, endpoint: str, fault: Fault, times: int = 1) -> None:
        """Let `fault` happen to the next `times` requests, after those already queued."""
        self._check(endpoint)
        self._faults[endpoint].extend([fault] * times)

    def take(self, endpoint: str) -> Fault | None:
        """Return and use up the next fault for this endpoint."""
        waiting = self._faults[endpoint]
        return waiting.popleft() if waiting else None

    def hold(self, endpoint: str, when: When = "before") -> Hold:
        """Stop the next request at this point; one hold stops one request.

        A request is stopped before it takes its fault, so a fault queued meanwhile is its own.
        """
        self._check(endpoint)
        hold = Hold()
        self._holds[endpoint, when].append(hold)
        return hold

    def waiting(self) -> list[str]:
        """List, each once, the endpoints whose faults or holds no request has met yet."""
        faults = {endpoint for endpoint, queue in self._faults.items() if queue}
        holds = {endpoint for (endpoint, _), queue in self._holds.items() if queue}
        return sorted(faults | holds)

    def queued(self, endpoint: str) -> list[Fault]:
        """The faults that the next requests to this endpoint will meet, in their order."""
        return list(self._faults.get(endpoint, ()))

    def clear(self) -> None:
        """Forget what is waiting. Requests already stopped stay until their hold is released."""
        self._faults.clear()
        self._holds.clear()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        endpoint = request.path.removeprefix(self._base)
        await request.read()  # from here on the client cannot know that nothing was done
        await self._stop(endpoint, "before")
        fault = self.take(endpoint) or Fault()

        if not fault.does_the_work_first:
            instead = await _happen(request, fault)
            if instead is not None:
                return instead
        answer = await handler(request)
        await self._stop(endpoint, "after")
        if fault.does_the_work_first:
            return await _happen(request, fault) or answer
        return answer

    async def _stop(self, endpoint: str, when: When) -> None:
        waiting = self._holds[endpoint, when]
        if waiting:
            await waiting.popleft().wait()

    def _check(self, endpoint: str) -> None:
        if self._endpoints and endpoint not in self._endpoints:
            known = ", ".join(sorted(self._endpoints))
            raise ValueError(f"{endpoint} is no endpoint here; there are {known}")


async def _happen(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    await asyncio.sleep(fault.delay)
    if fault.cut is not None:
        return _cut(request, reset=fault.reset)
    if fault.answers:
        return await _answer(request, fault)
    return None


def _cut(request: web.Request, *, reset: bool) -> web.Response:
    if request.transport is not None:
        if reset:
            connection = request.transport.get_extra_info("socket")
            linger_for_no_time = struct.pack("ii", 1, 0)  # which makes the kernel send a reset
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_no_time)
        request.transport.abort()
    return web.Response()  # aiohttp wants one; nobody is there to read it


async def _answer(request: web.Request, fault: Fault) -> web.StreamResponse:
    body = fault.body
    content = b"" if body is None else body if isinstance(body, bytes) else _json(body)
    headers = {"Content-Type": fault.content_type, **fault.headers}
    status = 200 if fault.status is None else fault.status
    if fault.announced_length is None:
        return web.Response(status=status, body=content, headers=headers)

    answer = web.StreamResponse(status=status, headers=headers)
    answer.content_length = fault.announced_length
    await answer.prepare(request)
    await answer.write(content)
    if request.transport is not None:
        request.transport.close()  # sends what is written, then ends the connection
    return answer


def _json(body: object) -> bytes:
    return json.dumps(body).encode()
