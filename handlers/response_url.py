"""Answering by `response_url`, which works where the bot is no member: 5 posts in 30 minutes.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import json
import logging
import time
from urllib.parse import urlsplit

import aiohttp

from bot.ports import TryLater
from handlers.drawing import Drawing
from handlers.timed_client import OnCall
from handlers.web_api import retry_after

log = logging.getLogger(__name__)

SLACK = "https://hooks.slack.com/"
_OK = 200
_REFUSED = 400  # what was sent; 404 and 410: the address is used up or too old
_THROTTLED = 429
_SERVER_ERROR = 500


class ResponseUrls:
    """Posts to addresses at `home` and nowhere else: they come in from outside."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        home: str = SLACK,
        on_call: OnCall | None = None,
    ) -> None:
        self._session = session
        self._on_call = on_call
        self._home = _place(home)

    async def post(self, url: str, drawing: Drawing) -> bool:
        """Show it to the person alone. False when this address does not serve (any more).

        Raises TryLater.
        """
        if _place(url) != self._home:
            log.warning("slack.response_url_elsewhere")
            return False
        for attempt in drawing.attempts():
            status, error = await self._timed(url, attempt)
            if status == _OK and not error:
                return True
            log.info("slack.response_url_refused", extra={"status": status, "error": error})
            if status != _REFUSED:
                break
        return False

    async def _timed(self, url: str, drawing: Drawing) -> tuple[int, str]:
        began = time.monotonic()
        outcome = "no_answer"
        try:
            status, error = await self._post(url, drawing)
            outcome = "ok" if status == _OK and not error else "refused"
        finally:
            if self._on_call is not None:
                self._on_call("response_url", outcome, time.monotonic() - began)
        return status, error

    async def _post(self, url: str, drawing: Drawing) -> tuple[int, str]:
        body = {"response_type": "ephemeral", "replace_original": False, "text": drawing.text}
        if drawing.blocks:
            body["blocks"] = drawing.blocks
        try:
            async with self._session.post(url, json=body, allow_redirects=False) as answer:
                if answer.status == _THROTTLED or answer.status >= _SERVER_ERROR:
                    raise TryLater(f"response_url: {answer.status}", retry_after(answer.headers))
                return answer.status, _error(await answer.text())
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # Not `from error`: aiohttp's errors name the address, which is a secret.
            raise TryLater(f"response_url: {type(error).__name__}") from None


def _error(said: str) -> str:
    """Slack's code in the answer; "" for its "ok"."""
    try:
        body = json.loads(said)
    except ValueError:
        return "" if said.strip() in {"", "ok"} else "unreadable"
    return "" if isinstance(body, dict) and body.get("ok") else str(body)[:100]


def _place(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc
