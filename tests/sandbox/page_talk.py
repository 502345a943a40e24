"""Asking the page's server over HTTP, as the page does."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.sandbox.page_server import HEADER
from bot.sandbox.slack.people import RILEY


async def get(url: str, path: str, **headers: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}{path}", headers=headers) as answer,
    ):
        return answer.status, await _body(answer)


async def post(url: str, path: str, args: Any = None, **headers: str) -> tuple[int, Any]:
    headers = {HEADER: "page", **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}{path}", json=args or {}, headers=headers) as answer,
    ):
        return answer.status, await _body(answer)


async def state(url: str, user: str = RILEY) -> Any:
    status, body = await get(url, f"/state?as={user}")
    assert status == 200
    return body


async def panel(url: str) -> Any:
    return (await state(url))["panel"]


async def _body(answer: aiohttp.ClientResponse) -> Any:
    is_json = answer.content_type == "application/json"
    return await (answer.json() if is_json else answer.text())
