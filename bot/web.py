"""HTTP: what Slack posts to /slack/events, and what an operator's probes ask.

What is malformed, unsigned, stale or oversized gets 400, 401 or 413 here; Bolt alone would answer
some of it with 500. See https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

log = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024  # Slack's largest payloads are a few hundred kilobytes

LONGEST_INSTANT = 12  # digits; more overflow where the signature's age is computed

# Why the process is not ready, in a word or two; None when it is.
Readiness = Callable[[], Awaitable[str | None]]
# Everything that is measured, in Prometheus's text format.
Measured = Callable[[], Awaitable[bytes]]
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def build(app: AsyncApp | None, ready: Readiness, measured: Measured) -> web.Application:
    """The web application; without an `app` (Socket Mode) it serves the probes alone."""
    site = web.Application(client_max_size=MAX_BODY)
    site.router.add_get("/healthz", _alive)

    async def readyz(_: web.Request) -> web.Response:
        problem = await ready()
        if problem is None:
            return web.json_response({"status": "ready"})
        return web.json_response({"status": "not ready", "because": problem}, status=503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=await measured(), headers={"Content-Type": _PROMETHEUS})

    site.router.add_get("/readyz", readyz)
    site.router.add_get("/metrics", metrics)
    if app is not None:
        site.router.add_post("/slack/events", _slack(app))
    return site


async def _alive(_: web.Request) -> web.Response:
    return web.json_response({"status": "alive"})


def _slack(app: AsyncApp) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def receive(request: web.Request) -> web.StreamResponse:
        if not is_signed(request.headers):
            return web.Response(status=401, text="not signed by Slack")
        raw = await request.read()  # raises 413 by itself
        try:
            body = raw.decode()
        except UnicodeDecodeError:
            return web.Response(status=400, text="not UTF-8")
        try:
            asked = AsyncBoltRequest(
                body=body,
                query=request.query_string,
                headers={name: [value] for name, value in request.headers.items()},
            )
        except Exception:  # noqa: BLE001 it reads deep into a body that nobody has verified yet
            return web.Response(status=400, text="not a Slack payload")
        content: object = asked.body  # a dict, as Bolt promises; but it takes what JSON gives it
        if not isinstance(content, dict):
            return web.Response(status=400, text="not a Slack payload")
        answer = await app.async_dispatch(asked)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # Every listener is guarded: Bolt stumbled over a payload in no shape of Slack's while
            # it looked for one, and has logged it.
            return web.Response(status=400, text="not a Slack payload")
        return await to_aiohttp_response(answer)

    return receive


def is_signed(headers: Mapping[str, str]) -> bool:
    """Whether a signature is there to be checked by Bolt, which stumbles over odd ones."""
    timestamp = headers.get("X-Slack-Request-Timestamp", "")
    signature = headers.get("X-Slack-Signature", "")
    is_instant = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_INSTANT
    return is_instant and bool(signature) and signature.isascii()
