"""Serves the sandbox's page, tells it what there is, and does what people press on it.

The page can act as anybody and kill the bot, so it listens to this machine's browser alone: the
Host must be loopback (a foreign name resolved to 127.0.0.1 is refused), and every POST needs a
header that no other site's page can send.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.manifest import Manifest
from bot.sandbox.page_acts import Acts, Refused
from bot.sandbox.panel import Panel
from bot.sandbox.slack import SlackSimulator
from bot.sandbox.slack.page_state import page_state

PAGE = Path(__file__).parent / "page" / "built"
HEADER = "X-Dialtone-Sandbox"
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
KEEP_ALIVE_SECONDS = 15
POLICY = "default-src 'self'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def page_app(slack: SlackSimulator, panel: Panel, manifest: Manifest) -> web.Application:
    """The application that serves the page. `manifest` says what the app can be asked for."""
    page = _Page(slack, panel, manifest)
    app = web.Application(middlewares=[_guard])
    app.add_routes(
        [
            web.get("/", page.index),
            web.get("/state", page.state),
            web.get("/events", page.events),
            web.post("/act/{action}", page.act),
            web.post("/panel/{action}", page.turn),
            web.static("/page", PAGE),
        ]
    )
    app.on_shutdown.append(page.stop)
    return app


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    host = request.headers.get("Host", "")
    if host.rpartition(":")[0] not in LOOPBACK and host not in LOOPBACK:
        raise web.HTTPForbidden(text="This page is for this machine only.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        raise web.HTTPForbidden(text="Another site's page may not do this.")
    is_ours = HEADER in request.headers and request.content_type == "application/json"
    if request.method == "POST" and not is_ours:
        raise web.HTTPForbidden(text="Only the sandbox's own page may do this.")
    response = await handler(request)
    if not response.prepared:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class _Page:
    def __init__(self, slack: SlackSimulator, panel: Panel, manifest: Manifest) -> None:
        self._slack = slack
        self._panel = panel
        self._manifest = manifest
        self._acts = Acts(slack, manifest)
        self._streams: set[asyncio.Task[Any]] = set()

    async def index(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE / "index.html")

    async def state(self, request: web.Request) -> web.Response:
        workspace = self._slack.workspace
        user = workspace.users.get(request.query.get("as", ""))
        if user is None or user.is_bot:
            raise web.HTTPNotFound(text="Nobody of that id works here.")
        panel = await self._panel.state()
        body = page_state(workspace, user) | {
            "now": panel["now"],
            "commands": self._manifest.commands,
            "shortcuts": self._manifest.shortcuts,
            "panel": panel,
        }
        return web.json_response(body)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Say, for as long as the page listens, that there is something new."""
        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await stream.prepare(request)
        task = asyncio.current_task()
        if task is not None:
            self._streams.add(task)
        workspace = self._slack.workspace
        told = -1
        try:
            async with self._panel.lives.listening():
                while True:
                    if workspace.version != told:
                        told = workspace.version
                        await stream.write(b"data: %d\n\n" % told)
                    try:
                        await workspace.until(
                            lambda seen=told: workspace.version != seen,  # type: ignore[misc]  # mypy does not infer defaults
                            KEEP_ALIVE_SECONDS,
                        )
                    except TimeoutError:
                        await stream.write(b": still here\n\n")
        except ConnectionError:
            return stream
        finally:
            if task is not None:
                self._streams.discard(task)

    async def stop(self, _app: web.Application) -> None:
        for stream in self._streams:
            stream.cancel()

    async def act(self, request: web.Request) -> web.Response:
        """What a person does in the workspace; answers once the app has answered Slack."""
        act = self._acts.by_name.get(request.match_info["action"])
        if act is None:
            raise web.HTTPNotFound
        try:
            answer = await act(await _arguments(request))
        except ValueError as refusal:
            return web.json_response({"error": str(refusal)}, status=409)
        if answer is None:
            return web.json_response({})
        return web.json_response({"status": answer.status, "failed": answer.error})

    async def turn(self, request: web.Request) -> web.Response:
        """What the director does beside it."""
        action = self._panel.actions.get(request.match_info["action"])
        if action is None:
            raise web.HTTPNotFound
        try:
            doing = action(await _arguments(request))
            said = {} if doing is None else await doing
        except ValueError as refusal:
            return web.json_response({"error": str(refusal)}, status=409)
        self._slack.workspace.changed()
        return web.json_response(said)


async def _arguments(request: web.Request) -> dict[str, Any]:
    try:
        args = json.loads(await request.text())
    except ValueError:
        raise Refused("The page sent something unreadable.") from None
    if not isinstance(args, dict):
        raise Refused("The page sent something unreadable.")
    return args
