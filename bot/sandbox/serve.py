"""Serves a simulator over real HTTP on this machine."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

# Closing a simulator is pulling its plug: requests still held or delayed are cut, not awaited.
# (aiohttp takes 0 for "no limit".)
_PLUG_PULLED_AFTER = 0.01


@dataclass(frozen=True)
class Received:
    """A request that reached a simulator, whatever became of it then."""

    path: str
    at: datetime


@dataclass(frozen=True)
class Served:
    """A simulator that answers at `url` (`http://127.0.0.1:PORT`, no slash at the end)."""

    url: str
    _runner: web.AppRunner

    async def close(self) -> None:
        """Stop listening and cut every open connection; requests in flight get no answer."""
        await self._runner.cleanup()


async def serve(app: web.Application, host: str = "127.0.0.1", port: int = 0) -> Served:
    """Listen on `host`; port 0 lets the system choose a free one.

    A port can be listened on again right after `close()`: a provider that goes away and comes
    back. Raises `OSError` when the port is taken.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_PLUG_PULLED_AFTER)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except BaseException:
        await runner.cleanup()
        raise
    bound_port = runner.addresses[0][1]
    return Served(f"http://{host}:{bound_port}", runner)
