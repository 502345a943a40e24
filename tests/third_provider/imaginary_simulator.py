"""Imaginary Telephone as its own documentation would describe it, charging nobody.

Written from the interface alone, without a look at the client: what both misread the same way, no
test would find.
"""

import json
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.faults import Faults

QUOTES, ORDERS, NUMBERS = "/v1/quotes", "/v1/orders", "/v1/numbers"


@dataclass(frozen=True)
class Sold:
    """A line on the account, and what is charged for it from now on."""

    order: str
    number: str


class ImaginarySimulator:
    """One account. `stock` and `has_funds` may be changed at any time; `ledger` is what was charged
    and `orders_received` (by quote) what arrived, whatever became of it."""

    def __init__(self, now: Callable[[], datetime], api_token: str = "sandbox-token") -> None:
        self.now = now
        self.api_token = api_token
        self.monthly = {"amount": "7.50", "currency": "GBP"}
        self.quote_seconds = 300
        # Ofcom keeps these for stories: nobody answers them.
        self.stock = ["+442079460101", "+442079460102", "+442079460103"]
        self.has_funds = True
        self.ledger: list[Sold] = []
        self.orders_received: Counter[str] = Counter()
        self.faults = Faults((QUOTES, ORDERS, NUMBERS))
        self._quotes: dict[str, datetime] = {}

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._count, self.faults.middleware, self._authenticate])
        app.router.add_post(QUOTES, self._quote)
        app.router.add_post(ORDERS, self._order)
        app.router.add_get(NUMBERS, self._numbers)
        return app

    @web.middleware
    async def _count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await request.read()
        if request.path == ORDERS:
            self.orders_received[str(json.loads(body)["quote"])] += 1
        return await handler(request)

    @web.middleware
    async def _authenticate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self.api_token}":
            return _problem(401, "unknown_token", "This token is not one of ours.")
        return await handler(request)

    async def _quote(self, _: web.Request) -> web.Response:
        if not self.stock:
            return _problem(409, "sold_out", "There is no line to sell.")
        quote = "imq_" + secrets.token_urlsafe(18)
        self._quotes[quote] = self.now() + timedelta(seconds=self.quote_seconds)
        content = {
            "quote": quote,
            "monthly": self.monthly,
            "good_until": self._quotes[quote].isoformat(),
        }
        return web.json_response(content, status=201)

    async def _order(self, request: web.Request) -> web.Response:
        good_until = self._quotes.get((await request.json())["quote"])
        if good_until is None or self.now() >= good_until:
            return _problem(410, "quote_over", "That quote is used or too old.")
        if not self.has_funds:
            return _problem(402, "no_funds", "Nobody pays for this account.")
        if not self.stock:
            return _problem(409, "sold_out", "There is no line to sell.")
        del self._quotes[(await request.json())["quote"]]
        sold = Sold(f"ord_{len(self.ledger) + 1}", self.stock.pop(0))
        self.ledger.append(sold)
        return web.json_response({"order": sold.order, "number": sold.number}, status=201)

    async def _numbers(self, _: web.Request) -> web.Response:
        rows = [{"order": each.order, "number": each.number} for each in self.ledger]
        return web.json_response({"numbers": rows})


def _problem(status: int, problem: str, message: str) -> web.Response:
    return web.json_response({"problem": problem, "message": message}, status=status)
