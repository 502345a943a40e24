"""What the framework allows: an app that says hello and does nothing else.

    python -m tests.bench.hello SLACK_API_URL TOKEN SECRET [--process-before-response]

Written as Bolt's guides have it, served by Bolt's own aiohttp application.
"""

import asyncio
import sys
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

GREETING = "Hello"


async def _say_hello(ack: AsyncAck) -> None:
    await ack(GREETING)


async def _take_click(ack: AsyncAck) -> None:
    await ack()


def build(api_url: str, token: str, secret: str, **how: Any) -> web.Application:
    """The app's web application."""
    client = AsyncWebClient(token=token, base_url=api_url)
    app = AsyncApp(client=client, signing_secret=secret, **how)
    app.command("/line")(_say_hello)
    app.action("purchase.approve")(_take_click)
    return app.web_app(path="/slack/events")


async def _serve(site: web.Application) -> None:
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    _api_url, _token, _secret, *_more = sys.argv[1:]
    _how = {"process_before_response": True} if _more else {}
    asyncio.run(_serve(build(_api_url, _token, _secret, **_how)))
