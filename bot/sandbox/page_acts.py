"""What people do in the workspace from the page: type, press, fill in, look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox.manifest import Manifest
from bot.sandbox.slack import Answer, Message, SlackSimulator, View
from bot.sandbox.slack.page_state import sees
from bot.sandbox.slack.page_words import as_typed
from bot.sandbox.slack.people import Channel, User

Said = dict[str, Any]
Act = Callable[[Said], Awaitable[Answer | None]]


class Refused(ValueError):
    """What was asked cannot be done; the message is for the person at the page."""


class Acts:
    """By name, what the page can have done; each gives the app's answer, or None where the app was
    not asked. They raise Refused."""

    def __init__(self, slack: SlackSimulator, manifest: Manifest) -> None:
        self._slack = slack
        self._workspace = slack.workspace
        self._commands = manifest.command_names
        self._shortcuts = {each["callback_id"] for each in manifest.shortcuts}
        self.by_name: dict[str, Act] = {
            "say": self._say,
            "click": self._click,
            "click_view": self._click_view,
            "submit": self._submit,
            "close_view": self._close_view,
            "open_home": self._open_home,
            "shortcut": self._shortcut,
        }

    async def _say(self, args: Said) -> Answer | None:
        user, text = self._user(args), str(args.get("text", "")).strip()
        channel = self._channel(args, user)
        if not text:
            return None
        if not text.startswith("/"):
            thread_ts = self._thread(args, channel)
            words = as_typed(self._workspace, text)
            self._workspace.post(
                channel.id,
                user.id,
                words,
                thread_ts=thread_ts,
                is_broadcast=args.get("broadcast") is True,
            )
            return None
        command, _, rest = text.partition(" ")
        if command not in self._commands:
            known = " and ".join(self._commands)
            raise Refused(f"{command} is not a valid command. This workspace has {known}.")
        if args.get("thread_ts"):
            raise Refused(f"{command} cannot be used in a thread. Type it in the channel.")
        rest = as_typed(self._workspace, rest)
        return await self._slack.command(command, rest, user=user.id, channel=channel.id)

    async def _click(self, args: Said) -> Answer | None:
        user = self._user(args)
        message = self._message(args, self._channel(args, user))
        return await self._pressed(message, args, user)

    async def _click_view(self, args: Said) -> Answer | None:
        return await self._pressed(self._view(args), args, self._user(args))

    async def _pressed(self, on: Message | View, args: Said, user: User) -> Answer:
        element, block = str(args.get("action_id", "")), str(args.get("block_id", ""))
        try:
            return await self._slack.click(
                on, element, user=user.id, value=args.get("value"), block=block
            )
        except LookupError:
            raise Refused("This can no longer be pressed here.") from None

    async def _submit(self, args: Said) -> Answer | None:
        view, values = self._view(args), args.get("values")
        if not isinstance(values, dict):
            raise Refused("The page sent no values.")
        try:
            return await self._slack.submit(view, values)
        except LookupError:
            raise Refused("This form has changed; fill it in again.") from None

    async def _close_view(self, args: Said) -> Answer | None:
        return await self._slack.close_view(self._view(args))

    async def _open_home(self, args: Said) -> Answer | None:
        return await self._slack.open_home(self._user(args).id)

    async def _shortcut(self, args: Said) -> Answer | None:
        user, callback_id = self._user(args), str(args.get("callback_id"))
        if callback_id not in self._shortcuts:
            raise Refused("This app has no such shortcut.")
        is_elsewhere = args.get("channel") is None  # on the Home tab, say
        seen = None if is_elsewhere else self._channel(args, user).id
        return await self._slack.shortcut(callback_id, user=user.id, looking_at=seen)

    # What the page names

    def _user(self, args: Said) -> User:
        user = self._workspace.users.get(str(args.get("user")))
        if user is None or user.is_bot:
            raise Refused("Nobody of that id works here.")
        return user

    def _channel(self, args: Said, user: User) -> Channel:
        channel = self._workspace.channels.get(str(args.get("channel")))
        if channel is None or not sees(user, channel):
            raise Refused(f"{user.real_name} sees no such channel.")
        return channel

    def _message(self, args: Said, channel: Channel) -> Message:
        message = self._workspace.find(channel.id, str(args.get("ts")))
        if message is None:
            raise Refused("This message is gone.")
        return message

    def _thread(self, args: Said, channel: Channel) -> str | None:
        thread_ts = args.get("thread_ts")
        if thread_ts is None:
            return None
        if self._workspace.find(channel.id, str(thread_ts)) is None:
            raise Refused("This thread is gone.")
        return str(thread_ts)

    def _view(self, args: Said) -> View:
        view = self._workspace.views.get(str(args.get("view_id")))
        if view is None or not view.is_open:
            raise Refused("This form is no longer open.")
        return view
