"""Clients that know the providers' documented calls and nothing else, and a clock to set."""

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from bot.sandbox.magpipe import BASE, LIST, PROVISION
from bot.sandbox.sendblue import CONFIRM, PREVIEW

NOON = datetime(2026, 5, 18, 12, 0, tzinfo=UTC)
SENDBLUE_CREDENTIALS = {
    "sb-api-key-id": "sandbox-key-id",
    "sb-api-secret-key": "sandbox-secret-key",
}
MAGPIPE_TOKEN = {"Authorization": "Bearer sandbox-token"}


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **how_long: float) -> None:
        self.at += timedelta(**how_long)


class SendblueAccount:
    """Sendblue's calls, with the simulator's usual credentials unless others are given."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def call(
        self, method: str, path: str, json: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        headers = SENDBLUE_CREDENTIALS if headers is None else headers
        async with self._session.request(method, path, json=json, headers=headers) as answer:
            return answer.status, await answer.json()

    async def preview(self) -> tuple[int, Any]:
        return await self.call("POST", PREVIEW)

    async def token(self) -> str:
        status, body = await self.preview()
        assert status == 200, body
        return str(body["preview_token"])

    async def confirm(self, token: str) -> tuple[int, Any]:
        return await self.call("POST", CONFIRM, {"preview_token": token})

    async def buy(self) -> str:
        status, body = await self.confirm(await self.token())
        assert status == 200, body
        return str(body["phone_number"])

    async def get(self, path: str) -> tuple[int, Any]:
        return await self.call("GET", path)


class MagpipeAccount:
    """Magpipe's calls, on a session that carries the token."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        async with self.session.post(BASE + path, json=body) as answer:
            return answer.status, await answer.json()

    async def provision(self, phone_number: str, **more: str) -> tuple[int, Any]:
        return await self.post(PROVISION, phone_number=phone_number, **more)

    async def listed(self) -> list[str]:
        _, body = await self.post(LIST)
        return [number["phone_number"] for number in body["numbers"]]
