"""The workspace's memory: people, conversations, messages, open views, and what has happened.

Changes are made by plain synchronous calls and announced with `changed()`; whoever waits in `until`
is woken by the event loop, so nothing here polls.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from bot.sandbox.slack import elements, people
from bot.sandbox.slack.people import BOT_USER_ID, Channel, User, UserGroup

T = TypeVar("T")
SLACKBOT = "USLACKBOT"


@dataclass
class Message:
    """What stands in a conversation. `only_for` makes it ephemeral: visible to that user alone."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    is_broadcast: bool = False  # a reply that stands in the channel, too
    only_for: str | None = None
    edited_ts: str | None = None
    updates: int = 0
    deleted: bool = False
    metadata: dict[str, Any] | None = None

    @property
    def is_ephemeral(self) -> bool:
        return self.only_for is not None

    def as_json(self) -> dict[str, Any]:
        """Slack's own form of a message, as in answers and in the `message` of a click."""
        body: dict[str, Any] = {"type": "message", "user": self.user, "text": self.text}
        body |= {"ts": self.ts, "team": people.TEAM_ID}
        if self.user == BOT_USER_ID:
            body |= {"bot_id": people.BOT_ID, "app_id": people.APP_ID}
        if self.blocks:
            body["blocks"] = copy.deepcopy(self.blocks)
        if self.thread_ts:
            body["thread_ts"] = self.thread_ts
        if self.is_broadcast:
            body["subtype"] = "thread_broadcast"
        if self.edited_ts:
            body["edited"] = {"user": self.user, "ts": self.edited_ts}
        if self.metadata:
            body["metadata"] = copy.deepcopy(self.metadata)
        return body


@dataclass
class View:
    """A modal one user has before them, or one user's App Home (`kind`)."""

    id: str
    kind: Literal["modal", "home"]
    user: str
    body: dict[str, Any]
    hash: str
    root_id: str
    previous_id: str | None = None
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    is_open: bool = True
    looking_at: str | None = None
    """The conversation that the user was in when the modal was opened."""

    def as_json(self) -> dict[str, Any]:
        return {
            **copy.deepcopy(self.body),
            "id": self.id,
            "team_id": people.TEAM_ID,
            "state": {"values": copy.deepcopy(self.state)},
            "hash": self.hash,
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": people.APP_ID,
            "bot_id": people.BOT_ID,
            "app_installed_team_id": people.TEAM_ID,
        }


@dataclass(frozen=True)
class ApiCall:
    """One Web API request as it was understood, and what was answered. Tokens are not kept."""

    method: str
    args: dict[str, Any]
    status: int
    answer: dict[str, Any]
    at: datetime

    @property
    def ok(self) -> bool:
        return bool(self.answer.get("ok"))


class Workspace:
    """Everything the simulated workspace knows. `now` gives aware UTC instants."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.users: dict[str, User] = {user.id: user for user in people.default_users()}
        self.channels: dict[str, Channel] = {c.id: c for c in people.default_channels()}
        self.groups: dict[str, UserGroup] = {g.id: g for g in people.default_groups()}
        self.posts: list[Message] = []
        self.views: dict[str, View] = {}
        self.homes: dict[str, str] = {}
        self.calls: list[ApiCall] = []
        self.version = 0
        self._last_ts: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._woken = asyncio.Event()

    def next_number(self) -> int:
        return next(self._numbers)

    def number_after(self, used: int) -> None:
        """Give numbers above one that was used before this workspace was."""
        self._numbers = itertools.count(max(used + 1, self.next_number()))

    def changed(self) -> None:
        self.version += 1
        woken, self._woken = self._woken, asyncio.Event()
        woken.set()

    async def until(self, predicate: Callable[[], T | None], limit: float | None = 5.0) -> T:
        """Wait until `predicate()` is true and return its value; TimeoutError after `limit` s."""
        try:
            async with asyncio.timeout(limit):
                while not (found := predicate()):
                    await self._woken.wait()
                return found
        except TimeoutError:
            raise TimeoutError(f"not within {limit} s. {self.summary()}") from None

    def summary(self) -> str:
        """What has happened lately, for the message of a test that waited in vain."""
        posts = [f"{m.channel}{'*' if m.only_for else ''}: {m.text!r}" for m in self.posts[-6:]]
        calls = [f"{c.method} → {c.answer.get('error', 'ok')}" for c in self.calls[-6:]]
        return "Last messages: " + "; ".join(posts) + " · last calls: " + "; ".join(calls)

    # Conversations

    def im_of(self, user: str) -> Channel:
        """The direct message between this user and the bot, opened when it is first needed."""
        found = next((c for c in self.channels.values() if c.user_id == user), None)
        if found is None:
            found = Channel(f"D{user[1:]}", "directmessage", user_id=user)
            found.members = {user, BOT_USER_ID}
            self.channels[found.id] = found
        return found

    def next_ts(self, channel: str) -> str:
        """Unique and rising within the channel, at the clock's instant or just after it."""
        micros = int(self.now().timestamp() * 1_000_000)
        micros = max(micros, self._last_ts.get(channel, 0) + 1)
        self._last_ts[channel] = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def post(
        self,
        channel: str,
        user: str,
        text: str,
        blocks: list[dict[str, Any]] | None = None,
        *,
        only_for: str | None = None,
        thread_ts: str | None = None,
        is_broadcast: bool = False,
        metadata: dict[str, Any] | None = None,
    ) -> Message:
        message = Message(channel, self.next_ts(channel), user, text, self.with_ids(blocks or []))
        message.only_for, message.thread_ts, message.metadata = only_for, thread_ts, metadata
        message.is_broadcast = is_broadcast and thread_ts is not None
        self.posts.append(message)
        self.changed()
        return message

    def with_ids(self, blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """A copy in which every block and interactive element has an id, as Slack fills them in."""
        blocks = copy.deepcopy(blocks)
        for block in blocks:
            block.setdefault("block_id", f"b{self.next_number():04d}")
            parts = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
            for part in parts:
                if isinstance(part, dict) and part.get("type") not in {None, *NOT_INTERACTIVE}:
                    part.setdefault("action_id", f"a{self.next_number():04d}")
        return blocks

    def find(self, channel: str, ts: str) -> Message | None:
        """The message as it stands now, ephemeral ones included; None when deleted."""
        for message in reversed(self.posts):
            if (message.channel, message.ts) == (channel, ts) and not message.deleted:
                return message
        return None

    def messages(self, channel: str, user: str | None = None) -> list[Message]:
        """Copies of what stands in the channel: for everybody, or also what `user` alone sees."""
        return [
            copy.deepcopy(m)
            for m in self.posts
            if m.channel == channel and not m.deleted and m.only_for in {None, user}
        ]

    def ephemerals(self, user: str) -> list[Message]:
        return [copy.deepcopy(m) for m in self.posts if m.only_for == user and not m.deleted]

    # Views

    def add_view(self, kind: Literal["modal", "home"], user: str, body: dict[str, Any]) -> View:
        view_id = f"V{self.next_number():09d}"
        view = View(view_id, kind, user, {}, "", root_id=view_id)
        self.views[view_id] = view
        self.change_view(view, body)
        return view

    def change_view(self, view: View, body: dict[str, Any]) -> None:
        view.body = {"callback_id": "", "private_metadata": "", **body}
        view.body["blocks"] = self.with_ids(body.get("blocks", []))
        state = elements.initial_state(view.body["blocks"])
        for block_id, actions in state.items():  # what was typed stays where the ids stay
            typed = view.state.get(block_id, {})
            actions.update({name: typed[name] for name in actions if name in typed})
        view.state = state
        view.hash = f"{int(self.now().timestamp())}.{self.next_number():06x}"
        view.errors, view.trouble = {}, ""
        self.choose_current(view)
        self.changed()

    def choose_current(self, view: View) -> None:
        """Menus of conversations start at the current one where they say so, unless they name
        another or it does not pass their filter."""
        channel = self.channels.get(view.looking_at or "")
        if channel is None:
            return
        kind = "im" if channel.is_im else "private" if channel.is_private else "public"
        for block_id, element in elements.elements(view.body["blocks"]):
            allowed = (element.get("filter") or {}).get("include", [kind])
            if element.get("default_to_current_conversation") and kind in allowed:
                chosen = view.state[block_id][element["action_id"]]
                if chosen.get("selected_conversation") is None:
                    chosen["selected_conversation"] = channel.id

    def modals(self, user: str) -> list[View]:
        """The user's open modals, lowest first."""
        return [
            v for v in self.views.values() if v.is_open and v.kind == "modal" and v.user == user
        ]

    def home(self, user: str) -> View | None:
        return self.views.get(self.homes.get(user, ""))


NOT_INTERACTIVE = frozenset({"mrkdwn", "plain_text", "image", "rich_text_section"}) | {
    "rich_text_list",
    "rich_text_preformatted",
    "rich_text_quote",
}
