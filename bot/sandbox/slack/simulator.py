"""A Slack workspace on this machine: what people do in it, and what it then shows them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.serve import Received, Served, serve
from bot.sandbox.slack import acks, elements, response_urls, web_api
from bot.sandbox.slack.delivery import Answer, Delivery, HttpLink, Kind, Link, Retry
from bot.sandbox.slack.elements import Value
from bot.sandbox.slack.payloads import Payloads
from bot.sandbox.slack.people import Channel, User
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.state import State
from bot.sandbox.slack.tickets import Tickets
from bot.sandbox.slack.workspace import ApiCall, Message, View, Workspace

T = TypeVar("T")
ACK_SECONDS = 3.0


def slack_error(code: str, **extra: Any) -> Fault:
    """A Web API answer with `ok: false`, to be queued in `faults`."""
    return Fault(body={"ok": False, "error": code, **extra})


def rate_limited(retry_after: int = 1) -> Fault:
    """Slack's 429. `retry_after` in whole seconds."""
    body = {"ok": False, "error": "ratelimited"}
    return Fault(status=429, body=body, headers={"Retry-After": str(retry_after)})


class SlackSimulator:
    """The workspace, its Web API, and delivery to one app.

    `now` gives aware UTC instants; it dates messages and ends trigger ids and response URLs. The
    signature's timestamp and the app's three seconds are wall-clock time.

    `faults` names endpoints by method (`chat.postMessage`) or as `/response_url`. `state` holds
    keys and switches; `workspace` everything that can be looked at.
    """

    def __init__(self, now: Callable[[], datetime], *, ack_seconds: float = ACK_SECONDS) -> None:
        self.workspace = Workspace(now)
        self.state = State(self.workspace, Tickets(now))
        self.state.signing_secret = secrets.token_hex(16)
        self.faults = Faults(base="/api/")
        self.socket = SocketMode(self.state)
        self.received: list[Received] = []
        self.deliveries: list[Delivery] = []
        self.ack_seconds = ack_seconds
        self._payloads = Payloads(self.state)
        self._link: Link = self.socket
        self._served: Served | None = None

    # Running it

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._count, self.faults.middleware])
        app.add_routes(web_api.routes(self.state))
        app.add_routes(response_urls.routes(self.state))
        app.add_routes(self.socket.routes())
        return app

    async def start(self, port: int = 0) -> None:
        self._served = await serve(self.app(), port=port)
        self.state.tickets.base_url = self.socket.base_url = self._served.url
        self.state.socket_url = self.socket.issue_url

    async def close(self) -> None:
        if self._served is not None:
            await self.socket.close()
            await self._served.close()
            self._served = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def api_url(self) -> str:
        """What the app's SLACK_API_URL is to be."""
        if self._served is None:
            raise RuntimeError("the simulator is not running")
        return f"{self._served.url}/api/"

    def deliver_to(self, url: str) -> None:
        """Send everything from now on as signed POSTs to `url` (`http://…/slack/events`)."""
        self._link = HttpLink(url, self.state.signing_secret)

    def deliver_by_socket(self) -> None:
        """Send everything from now on over Socket Mode (the default)."""
        self._link = self.socket

    @web.middleware
    async def _count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.received.append(Received(request.path, self.workspace.now()))
        self.workspace.changed()
        return await handler(request)

    # What people do

    async def command(self, command: str, text: str = "", *, user: str, channel: str) -> Answer:
        """Type `/command text`; `command` may hold both (`"/line buy x"`)."""
        name, _, rest = f"{command} {text}".strip().partition(" ")
        person, place = self._user(user), self._channel(channel)
        payload = self._payloads.command(person, place, name, rest.strip())
        return await self._deliver("command", payload)

    async def click(
        self, on: Message | View, element: str, *, user: str, value: Value = None, block: str = ""
    ) -> Answer:
        """Press a button, or choose `value` in a menu, found by label or (start of) action_id.

        `on` is taken as it was when it was read: an old card's buttons can still be pressed.
        """
        block_id, found = elements.find(
            on.blocks if isinstance(on, Message) else on.body["blocks"], element, block
        )
        person = self._user(user)
        if isinstance(on, Message):
            payload = self._payloads.click_on_message(person, on, block_id, found, value)
        else:
            if found["type"] in elements.STATEFUL:
                on.state[block_id][found["action_id"]] = elements.used(found, value)
            payload = self._payloads.click_in_view(person, on, block_id, found, value)
        return await self._deliver("interaction", payload)

    async def submit(self, view: View, values: dict[str, Value] | None = None) -> Answer:
        """Fill in `values` (by action_id or block_id) and press the modal's submit button."""
        for name, value in (values or {}).items():
            blocks = [b for b in view.body["blocks"] if b["block_id"] == name]
            wanted = next(elements.elements(blocks))[1]["action_id"] if blocks else name
            block_id, found = elements.find(blocks or view.body["blocks"], wanted)
            view.state[block_id][found["action_id"]] = elements.used(found, value)
        payload = self._payloads.submission(self._user(view.user), view)
        return await self._deliver("interaction", payload)

    async def close_view(self, view: View, *, whole_stack: bool = False) -> Answer | None:
        """Close a modal; the app hears of it only where it asked with `notify_on_close`."""
        for each in self.workspace.modals(view.user) if whole_stack else [view]:
            each.is_open = False
        self.workspace.changed()
        if not view.body.get("notify_on_close"):
            return None
        user = self._user(view.user)
        payload = self._payloads.closed(user, view, cleared=whole_stack)
        return await self._deliver("interaction", payload)

    async def open_home(self, user: str) -> Answer:
        return await self._deliver("event", self._payloads.home_opened(self._user(user)))

    async def shortcut(
        self,
        callback_id: str,
        *,
        user: str,
        on: Message | None = None,
        looking_at: str | None = None,
    ) -> Answer:
        """A global shortcut, used while looking at a channel; or one of a message's menu."""
        payload = self._payloads.shortcut(self._user(user), callback_id, on, looking_at)
        return await self._deliver("interaction", payload)

    async def event(self, event: dict[str, Any]) -> Answer:
        """Send an Events API event; `event` is its inner part (`type` and so on)."""
        return await self._deliver("event", self._payloads.event(event))

    async def redeliver(self, delivery: Delivery, retry: Retry | None = None) -> Answer:
        """Send the very same payload again (same trigger_id, event_id, action_ts)."""
        answer = await self._link.send(delivery, retry, self.ack_seconds)
        delivery.answers.append(answer)
        self._show(delivery, answer)
        self.workspace.changed()
        return answer

    # What can be seen

    def messages(self, channel: str, user: str | None = None) -> list[Message]:
        return self.workspace.messages(channel, user)

    def ephemerals(self, user: str) -> list[Message]:
        return self.workspace.ephemerals(user)

    def calls(self, method: str | None = None) -> list[ApiCall]:
        """The Web API calls in order, also refused ones; `response_url` posts among them."""
        return [c for c in self.workspace.calls if method is None or c.method == method]

    def requests(self, endpoint: str) -> int:
        """How many requests reached the endpoint, those that were cut or held included."""
        wanted = endpoint if endpoint.startswith("/") else f"/api/{endpoint}"
        return sum(received.path == wanted for received in self.received)

    async def wait_for(self, predicate: Callable[[], T | None], timeout: float = 5.0) -> T:  # noqa: ASYNC109  it also says what was there instead
        """Wait for something to become true of the workspace, and return it."""
        return await self.workspace.until(predicate, timeout)

    # Inside

    async def _deliver(self, kind: Kind, payload: dict[str, Any]) -> Answer:
        delivery = Delivery(kind, payload, self.workspace.now())
        self.deliveries.append(delivery)
        return await self.redeliver(delivery)

    def _show(self, delivery: Delivery, answer: Answer) -> None:
        payload = delivery.payload
        if delivery.kind == "command":
            acks.command_answered(self.state, payload, answer)
        elif delivery.type == "block_actions":
            channel = payload.get("channel", {}).get("id")
            acks.click_answered(self.state, payload["user"]["id"], channel, answer)
        elif delivery.type == "view_submission":
            view = self.workspace.views[payload["view"]["id"]]
            acks.submission_answered(self.state, view, answer)

    def _user(self, user_id: str) -> User:
        return self.workspace.users[user_id]

    def _channel(self, channel_id: str) -> Channel:
        return self.workspace.channels[channel_id]
