"""Slack's Web API, each call timed and its outcome told."""

import time
from collections.abc import Callable
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from handlers import web_api

OnCall = Callable[[str, str, float], None]  # method, outcome, seconds


class TimedClient(AsyncWebClient):
    """All of slack_sdk's methods go through `api_call`."""

    def __init__(self, on_call: OnCall | None, **options: Any) -> None:
        super().__init__(**options)
        self._on_call = on_call

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:
        began = time.monotonic()
        outcome = "no_answer"  # also when whoever asked stops waiting
        try:
            answer = await super().api_call(api_method, **options)
            outcome = "ok"
        except SlackApiError as error:
            outcome = web_api.outcome(error)
            raise
        finally:
            if self._on_call is not None:
                self._on_call(api_method, outcome, time.monotonic() - began)
        return answer
