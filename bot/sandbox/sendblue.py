"""Sendblue's line provisioning as its documentation describes it, charging nobody.

Written from the provider's page "Line Provisioning" and from what others observed; where neither
says what happens, the choice made here is marked as assumed.
"""

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.faults import Faults
from bot.sandbox.instants import iso, utc_now
from bot.sandbox.sendblue_limits import DAY, MONTH, LimitsShape, Window, limits_answer
from bot.sandbox.sendblue_records import STOCK, Charge, Line, Preview
from bot.sandbox.serve import Received

PREVIEW = "/accounts/lines/provision-preview"
CONFIRM = "/accounts/lines/provision-confirm"
LIMITS = "/accounts/limits"
LINES = "/api/lines"
LINES_STATE = "/api/v2/lines/state"


class _Refused(Exception):
    def __init__(self, status: HTTPStatus, body: dict[str, str]) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


class Sendblue:
    """One Sendblue account. Its public attributes may be changed at any time, by tests or people.

    `account_id` owns the previews made from then on: changing it makes earlier tokens another
    account's. `provisioning_fails` charges the card and creates no line. `errors_as_200` sends
    every refusal with status 200. `lines_state_status` other than 200 is an account without that
    endpoint (403 or 404). `ledger`, `lines`, `stock`, `requests` and `confirms_received` (by
    token) are there to be read; a preview reserves no line (assumed).
    """

    def __init__(
        self,
        now: Callable[[], datetime] = utc_now,
        *,
        api_key_id: str = "sandbox-key-id",
        api_secret_key: str = "sandbox-secret-key",  # noqa: S107  opens nothing but this simulator
        preview_seconds: float = 600,
        daily_limit: int = 3,
        monthly_limit: int = 10,
        stock: Iterable[str] = STOCK,
        card_on_file: bool = True,
        plan: str = "inbound_only",
        limits_shape: LimitsShape = "objects",
        errors_as_200: bool = False,
    ) -> None:
        self.now = now
        self.api_key_id = api_key_id
        self.api_secret_key = api_secret_key
        self.preview_seconds = preview_seconds
        self.daily_limit = daily_limit
        self.monthly_limit = monthly_limit
        self.stock = list(stock)
        self.card_on_file = card_on_file
        self.plan = plan
        self.limits_shape: LimitsShape = limits_shape
        self.errors_as_200 = errors_as_200
        self.provisioning_fails = False
        self.account_id = "sandbox-account"
        self.lines_state_status = 200

        self.faults = Faults((PREVIEW, CONFIRM, LIMITS, LINES, LINES_STATE))
        self.ledger: list[Charge] = []
        self.lines: list[Line] = []
        self.requests: list[Received] = []
        self.confirms_received: Counter[str] = Counter()
        self.previews: dict[str, Preview] = {}

    def app(self) -> web.Application:
        app = web.Application(
            middlewares=[self._record, self.faults.middleware, self._refuse, self._authenticate]
        )
        app.on_response_prepare.append(self._date)
        app.router.add_post(PREVIEW, self._provision_preview)
        app.router.add_post(CONFIRM, self._provision_confirm)
        app.router.add_get(LIMITS, self._limits)
        app.router.add_get(LINES, self._list_lines)
        app.router.add_get(LINES_STATE, self._lines_state)
        return app

    def daily(self) -> Window:
        """Count the charges of the last 24 hours, with or without a line."""
        return Window.of((c.at for c in self.ledger), self.daily_limit, DAY, self.now())

    def monthly(self) -> Window:
        """Count the charges of the last 30 days, with or without a line."""
        return Window.of((c.at for c in self.ledger), self.monthly_limit, MONTH, self.now())

    # Every request passes these, in this order; the faults come second.

    @web.middleware
    async def _record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await request.read()
        self.requests.append(Received(request.path, self.now()))
        if request.path == CONFIRM:
            self.confirms_received[_preview_token(body) or ""] += 1
        return await handler(request)

    @web.middleware
    async def _refuse(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except _Refused as refused:
            as_200 = self.errors_as_200 and "status" in refused.body
            return web.json_response(refused.body, status=200 if as_200 else refused.status)

    @web.middleware
    async def _authenticate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("sb-api-key-id"), request.headers.get("sb-api-secret-key")
        if not all(given):
            message = "Did not get inputs for authorization"
            raise _Refused(HTTPStatus.FORBIDDEN, {"message": message})
        if given != (self.api_key_id, self.api_secret_key):
            raise _refusal(HTTPStatus.UNAUTHORIZED, "Invalid Credentials")
        return await handler(request)

    async def _date(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(self.now().astimezone(UTC), usegmt=True)

    # The endpoints.

    async def _provision_preview(self, _: web.Request) -> web.Response:
        self._check_account()
        token = "lpv_" + secrets.token_urlsafe(24)
        expires_at = self.now() + timedelta(seconds=self.preview_seconds)
        self.previews[token] = Preview(self.account_id, expires_at)
        return web.json_response(
            {
                "status": "OK",
                "preview_token": token,
                "expires_at": iso(expires_at),
                "message": "Call the confirm endpoint with this token within "
                f"{self.preview_seconds / 60:g} minutes to complete the purchase.",
            }
        )

    async def _provision_confirm(self, request: web.Request) -> web.Response:
        token = _preview_token(await request.read())
        if token is None:
            raise _refusal(HTTPStatus.BAD_REQUEST, "preview_token is required")
        preview = self.previews.get(token)
        if preview is not None and preview.account_id != self.account_id:
            raise _refusal(HTTPStatus.FORBIDDEN, "Preview token belongs to another account")
        # A token never issued is answered like one that is gone (assumed).
        if preview is None or preview.is_used or self.now() >= preview.expires_at:
            message = "Preview token has expired or was already used"
            raise _refusal(HTTPStatus.GONE, message, "token_expired")
        preview.is_used = True  # from here on every failure costs the token
        self._check_account()
        line = self._charge(token)
        return web.json_response(
            {
                "status": "OK",
                "phone_number": line.phone_number,
                "worker_id": line.worker_id,
                "subscription_id": self.ledger[-1].subscription_id,
            }
        )

    async def _limits(self, _: web.Request) -> web.Response:
        return limits_answer(self.limits_shape, self.daily(), self.monthly())

    async def _list_lines(self, _: web.Request) -> web.Response:
        numbers = [line.phone_number for line in self.lines if line.phone_number is not None]
        return web.json_response({"numbers": numbers})

    async def _lines_state(self, _: web.Request) -> web.Response:
        if self.lines_state_status != HTTPStatus.OK:
            raise _refusal(HTTPStatus(self.lines_state_status), "Not available for this account")
        data = [
            {
                "assignment": line.assignment,
                "sendblue_number": line.phone_number,
                "status": line.status,
                "worker_id": line.worker_id,
            }
            for line in self.lines
        ]
        return web.json_response({"status": "OK", "snapshot_at": iso(self.now()), "data": data})

    # What preview and confirm share.

    def _check_account(self) -> None:
        if self.plan not in {"inbound_only", "agent"}:
            message = "Line provisioning requires the inbound_only / Agent plan"
            raise _refusal(HTTPStatus.FORBIDDEN, message)
        if not self.card_on_file:
            message = "No card is available for the account"
            raise _refusal(HTTPStatus.PAYMENT_REQUIRED, message, "no_card_on_file")
        for window, name, span in (
            (self.daily(), "daily", "day"),
            (self.monthly(), "monthly", "month"),
        ):
            if window.remaining == 0:
                message = f"Maximum {window.limit} lines can be added per {span} via API"
                raise _refusal(HTTPStatus.TOO_MANY_REQUESTS, message, f"{name}_limit_reached")
        if not self.stock:
            message = "No lines are currently available"
            raise _refusal(HTTPStatus.SERVICE_UNAVAILABLE, message, "no_lines_available")

    def _charge(self, token: str) -> Line:
        subscription_id = "sub_" + secrets.token_hex(8)
        suffix = token[-4:]
        if self.provisioning_fails:
            self.ledger.append(Charge(self.now(), None, None, subscription_id, suffix))
            message = "Subscription was created, but line provisioning failed"
            raise _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, message, "provisioning_failed")
        number, worker_id = self.stock.pop(0), "worker_" + secrets.token_hex(8)
        self.ledger.append(Charge(self.now(), number, worker_id, subscription_id, suffix))
        line = Line(number, worker_id)
        self.lines.append(line)
        return line


def _refusal(status: HTTPStatus, message: str, code: str | None = None) -> _Refused:
    error = {} if code is None else {"error": code}
    return _Refused(status, {"status": "ERROR", **error, "message": message})


def _preview_token(body: bytes) -> str | None:
    try:
        content: Any = json.loads(body)
    except ValueError:
        return None
    token = content.get("preview_token") if isinstance(content, dict) else None
    return token if isinstance(token, str) and token else None
