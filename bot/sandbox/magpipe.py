"""Magpipe's phone numbers as its documentation and its published server code describe them.

Written from the provider's page "provision-phone-number" and from what is known of the rest;
where no source says what happens, the choice made here is marked as assumed. No carrier is asked
and nobody is charged.
"""

import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.faults import Faults
from bot.sandbox.instants import utc_now
from bot.sandbox.magpipe_answers import (
    ErrorStyle,
    ProvisionShape,
    Refused,
    number_as_listed,
    page_of,
    provisioned_as_code,
)
from bot.sandbox.magpipe_records import AGENTS, STOCK, Agent, Charge, Number, Offer
from bot.sandbox.magpipe_search import SearchShape, search_answer
from bot.sandbox.serve import Received
from bot.sandbox.throttle import Throttle

BASE = "/functions/v1"
SEARCH = "/search-phone-numbers"
PROVISION = "/provision-phone-number"
LIST = "/list-phone-numbers"
AGENTS_LIST = "/list-agents"
ASSIGN = "/assign-phone-number"
RELEASE = "/release-phone-number"
CREDITS = "/get-credits-info"

_CARRIER_KEEPS = timedelta(days=30)


class Magpipe:
    """One Magpipe account. Its public attributes may be changed at any time, by tests or people.

    `taken` are numbers that search still offers and the carrier no longer sells. `save_fails`
    buys the number and does not put it into the account. `us_purchase_fails` leaves a Canadian
    number without the US one that is bought along with it. `is_carrier_configured` false refuses
    every purchase. `number_limit` is refused with `number_limit_status` (402 or 403).
    `credits_balance`, in US dollars, falls with every purchase, below zero if need be (assumed).
    `ledger`, `numbers` (oldest first), `stock`, `requests`, `provisions_received` (by phone
    number) and `provisions_by_name` (by the name asked for) are there to be read, and so is
    `kept_by_carrier`: released within 30 days of the purchase. A search reserves nothing.
    """

    def __init__(
        self,
        now: Callable[[], datetime] = utc_now,
        *,
        api_token: str = "sandbox-token",  # noqa: S107  opens nothing but this simulator
        stock: Iterable[Offer] = STOCK,
        agents: Iterable[Agent] = AGENTS,
        number_limit: int | None = None,
        monthly_cost: float = 2.00,
        search_shape: SearchShape = "documented",
        provision_shape: ProvisionShape = "documented",
        error_style: ErrorStyle = "published",
    ) -> None:
        self.now = now
        self.api_token = api_token
        self.stock = list(stock)
        self.agents = list(agents)
        self.number_limit = number_limit
        self.number_limit_status = 403
        self.monthly_cost = monthly_cost
        self.search_shape: SearchShape = search_shape
        self.provision_shape: ProvisionShape = provision_shape
        self.error_style: ErrorStyle = error_style
        self.taken: set[str] = set()
        self.save_fails = False
        self.us_purchase_fails = False
        self.is_carrier_configured = True
        self.credits_balance = 100.00
        self.has_payment_method = True
        self.auto_recharge_enabled = False

        endpoints = (SEARCH, PROVISION, LIST, AGENTS_LIST, ASSIGN, RELEASE, CREDITS)
        self.faults = Faults(endpoints, base=BASE)
        self.throttle = Throttle(now)
        self.ledger: list[Charge] = []
        self.numbers: list[Number] = []
        self.requests: list[Received] = []
        self.kept_by_carrier: list[str] = []
        self.provisions_received: Counter[str] = Counter()
        self.provisions_by_name: Counter[str] = Counter()

    def app(self) -> web.Application:
        app = web.Application(
            middlewares=[self._record, self.faults.middleware, self._refuse, self._admit]
        )
        app.on_response_prepare.append(self._headers)
        app.router.add_post(BASE + SEARCH, self._search)
        app.router.add_post(BASE + PROVISION, self._provision)
        app.router.add_post(BASE + LIST, self._list_numbers)
        app.router.add_post(BASE + AGENTS_LIST, self._list_agents)
        app.router.add_post(BASE + ASSIGN, self._assign)
        app.router.add_post(BASE + RELEASE, self._release)
        app.router.add_get(BASE + CREDITS, self._credits)
        return app

    # Every request passes these, in this order; the faults come second.

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await request.read()
        self.requests.append(Received(request.path, self.now()))
        if request.path == BASE + PROVISION:
            asked = _json_object(body)
            self.provisions_received[str(asked.get("phone_number", ""))] += 1
            self.provisions_by_name[str(asked.get("friendly_name", ""))] += 1
        return await handler(request)

    @web.middleware
    async def _refuse(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            style = self.error_style
            if style == "published":
                speaks_text = request.path in {BASE + SEARCH, BASE + PROVISION}
                style = "text" if speaks_text else "object"
            return web.json_response(refused.body(style), status=refused.status)

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self.throttle.admit():
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "Rate limit exceeded", "rate_limited")
        if request.headers.get("Authorization") != f"Bearer {self.api_token}":
            raise Refused(HTTPStatus.UNAUTHORIZED, "Unauthorized")
        return await handler(request)

    async def _headers(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(self.now().astimezone(UTC), usegmt=True)
        for name, value in self.throttle.headers().items():
            response.headers.setdefault(name, value)

    # Search and purchase.

    async def _search(self, request: web.Request) -> web.Response:
        asked = _json_object(await request.read())
        answer = search_answer(self.search_shape, asked, self.stock, self.monthly_cost)
        return web.json_response(answer)

    async def _provision(self, request: web.Request) -> web.Response:
        asked = _json_object(await request.read())
        phone_number = asked.get("phone_number")
        if not isinstance(phone_number, str) or not phone_number:
            raise Refused(HTTPStatus.BAD_REQUEST, "Phone number is required")
        if not self.is_carrier_configured:
            raise Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "SignalWire configuration missing")
        self._check_number_limit()
        offer = self._buyable(phone_number)
        if offer is None:
            raise Refused(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                "Failed to purchase phone number",
                details=f"{phone_number} is not available",
            )
        # A wrong agent is noticed only when the number, already bought, is saved (assumed).
        agent_id = asked.get("agent_id")
        is_saved = not self.save_fails and (agent_id is None or self._agent(agent_id) is not None)
        self._buy(offer, is_saved=is_saved)
        if not is_saved:
            error = "Failed to save service number to database"
            raise Refused(HTTPStatus.INTERNAL_SERVER_ERROR, error)
        number = self._save(phone_number, asked.get("friendly_name"), agent_id)
        us_number = self._buy_us_number_for(offer) if offer.country == "CA" else None
        if self.provision_shape == "documented":
            return web.json_response(number_as_listed(number))
        return web.json_response(provisioned_as_code(number, us_number))

    def _check_number_limit(self) -> None:
        limit, current = self.number_limit, len(self.numbers)
        if limit is not None and current >= limit:
            raise Refused(
                HTTPStatus(self.number_limit_status),
                "number_limit_reached",
                "number_limit_reached",
                message=f"Your plan allows {limit} phone numbers",
                current=current,
                limit=limit,
            )

    def _buyable(self, phone_number: str) -> Offer | None:
        offers = (offer for offer in self.stock if offer.phone_number == phone_number)
        return next((offer for offer in offers if offer.phone_number not in self.taken), None)

    def _buy(self, offer: Offer, *, is_saved: bool, bought_for: str | None = None) -> None:
        self.stock.remove(offer)
        self.credits_balance -= self.monthly_cost
        charge = Charge(self.now(), offer.phone_number, self.monthly_cost, is_saved, bought_for)
        self.ledger.append(charge)

    def _save(self, phone_number: str, friendly_name: str | None, agent_id: str | None) -> Number:
        number = Number(str(uuid.uuid4()), phone_number, friendly_name, agent_id, self.now())
        self.numbers.append(number)
        return number

    def _buy_us_number_for(self, canadian: Offer) -> str | None:
        candidates = (o for o in self.stock if o.country == "US" and not o.is_toll_free)
        offer = next((o for o in candidates if o.phone_number not in self.taken), None)
        if self.us_purchase_fails or offer is None:
            return None
        self._buy(offer, is_saved=True, bought_for=canadian.phone_number)
        self._save(offer.phone_number, None, None)
        return offer.phone_number

    # What is in the account.

    async def _list_numbers(self, request: web.Request) -> web.Response:
        asked = _json_object(await request.read())
        wanted = [
            number
            for number in reversed(self.numbers)
            if asked.get("agent_id") in (None, number.agent_id)
            and asked.get("is_active") in (None, number.is_active)
        ]
        page = page_of(asked, wanted)
        shown = [{**number_as_listed(n), "agent_name": self._agent_name(n)} for n in page]
        return web.json_response({"numbers": shown, "total": len(wanted)})

    async def _list_agents(self, request: web.Request) -> web.Response:
        asked = _json_object(await request.read())
        page = page_of(asked, self.agents)
        shown = [
            {
                "id": agent.agent_id,
                "name": agent.name,
                "agent_type": agent.agent_type,
                "is_active": agent.is_active,
            }
            for agent in page
        ]
        has_more = bool(page) and page[-1] is not self.agents[-1]
        return web.json_response({"agents": shown, "total": len(self.agents), "has_more": has_more})

    async def _assign(self, request: web.Request) -> web.Response:
        asked = _json_object(await request.read())
        phone_number, agent_id = asked.get("phone_number"), asked.get("agent_id")
        number = next((n for n in self.numbers if n.phone_number == phone_number), None)
        if number is None:
            raise Refused(HTTPStatus.NOT_FOUND, "Phone number not found")
        if self._agent(agent_id) is None:
            raise Refused(HTTPStatus.NOT_FOUND, "Agent not found")
        number.agent_id = agent_id
        body = {"success": True, "phone_number": phone_number, "agent_id": agent_id}
        return web.json_response(body)

    async def _release(self, request: web.Request) -> web.Response:
        asked = _json_object(await request.read())
        number = next((n for n in self.numbers if n.number_id == asked.get("number_id")), None)
        if number is None:
            raise Refused(HTTPStatus.NOT_FOUND, "Phone number not found")
        self.numbers.remove(number)
        if self.now() - number.created_at < _CARRIER_KEEPS:
            self.kept_by_carrier.append(number.phone_number)
        return web.json_response({"success": True, "phone_number": number.phone_number})

    async def _credits(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "credits_balance": round(self.credits_balance, 2),
                "has_payment_method": self.has_payment_method,
                "auto_recharge_enabled": self.auto_recharge_enabled,
            }
        )

    def _agent(self, agent_id: object) -> Agent | None:
        return next((agent for agent in self.agents if agent.agent_id == agent_id), None)

    def _agent_name(self, number: Number) -> str | None:
        agent = self._agent(number.agent_id)
        return None if agent is None else agent.name


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        content: Any = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
