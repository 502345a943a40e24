"""Slack's Web API without calls that Slack has said it would refuse.

A 429 names how long to wait, but not for what: posting is limited per channel
(https://docs.slack.dev/apis/web-api/rate-limits), everything else per method and workspace. So a
refused post holds back its own channel; once two channels are held back, all posting is.
"""

from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.ports import Clock, TryLater
from handlers import web_api
from handlers.timed_client import OnCall, TimedClient

_PER_CHANNEL = frozenset({"chat.postMessage", "chat.postEphemeral"})
_MANY = 2  # channels; then it is not the channel


class Pauses:
    """Which calls are held back, and until when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # By method and channel ("": all of them): until when, and how long that was in all.
        self._pauses: dict[tuple[str, str], tuple[datetime, float]] = {}

    def add(self, method: str, channel_id: str, seconds: float) -> None:
        """Slack refused this call for so long."""
        now = self._clock.now()
        kept = {key: pause for key, pause in self._pauses.items() if pause[0] > now}
        kept[method, channel_id if method in _PER_CHANNEL else ""] = (
            now + timedelta(seconds=seconds),
            seconds,
        )
        of_method = [pause for key, pause in kept.items() if key[0] == method]
        if len(of_method) >= _MANY:
            kept[method, ""] = max(of_method)
        self._pauses = kept

    def left(self, method: str, channel_id: str) -> float:
        """Seconds for which this call is held back; 0: it may go out."""
        now = self._clock.now()
        left = 0.0
        for key in ((method, ""), (method, channel_id)):
            until, longest = self._pauses.get(key, (now, 0.0))
            # No longer than Slack said, also where the clock was set back.
            left = max(left, min((until - now).total_seconds(), longest))
        return left


class PacedClient(TimedClient):
    """Raises TryLater instead of making a call that is held back."""

    def __init__(self, clock: Clock, on_call: OnCall | None = None, **options: Any) -> None:
        super().__init__(on_call, **options)
        self._pauses = Pauses(clock)

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:
        channel_id = _channel(options)
        left = self._pauses.left(api_method, channel_id)
        if left > 0:
            raise TryLater(f"{api_method} is held back", left)
        try:
            return await super().api_call(api_method, **options)
        except SlackApiError as error:
            seconds = web_api.throttled_for(error)
            if seconds:
                self._pauses.add(api_method, channel_id, seconds)
            raise


def _channel(options: dict[str, Any]) -> str:
    """Where slack_sdk puts the arguments depends on the method."""
    given = options.get("json") or options.get("params") or options.get("data") or {}
    return str(given.get("channel", "")) if isinstance(given, dict) else ""
