"""Slack's answers to Web API calls, sorted by what is to be done about them.

The codes: https://docs.slack.dev/reference/methods, each method's "Errors".
"""

import logging
from collections.abc import Awaitable, Mapping
from typing import Any, NoReturn

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.ports import TryLater, Undeliverable

log = logging.getLogger(__name__)

_THROTTLES = frozenset({"ratelimited", "rate_limited"})
_BUSY = _THROTTLES | frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
    | {"team_added_to_org"}
)
# Only whoever runs Dialtone can mend these, and then everything owed is still to be sent.
_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"}
)
_TOKEN_RETRY_S = 60.0
_SERVER_ERROR = 500
_THROTTLED = 429


async def call(asked: Awaitable[AsyncSlackResponse]) -> Mapping[str, Any]:
    """Give the answer of a call. Raises TryLater or Undeliverable."""
    try:
        answer = await asked
    except SlackApiError as error:
        _sort(error)
    # AttributeError: slack_sdk's, at an answer that is JSON but no object.
    except (aiohttp.ClientError, OSError, ValueError, AttributeError) as error:
        raise TryLater(f"no answer from Slack: {type(error).__name__}") from error
    return answer.data if isinstance(answer.data, dict) else {}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that Slack asks to wait, if it says so readably."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def outcome(error: SlackApiError) -> str:
    """A refused call in one word, for the metrics."""
    status, data = _read(error)
    said = data.get("error")
    if status == _THROTTLED or said in _THROTTLES:
        return "limited"
    if said in _TOKEN:
        return "unauthorized"
    is_refused = isinstance(said, str) and said not in _BUSY and status < _SERVER_ERROR
    return "refused" if is_refused else "broken"


def throttled_for(error: SlackApiError) -> float | None:
    """Seconds for which Slack refuses calls like this one; None where it is refused for something
    else, or Slack names no time."""
    status, data = _read(error)
    if status == _THROTTLED or data.get("error") in _THROTTLES:
        return retry_after(error.response.headers)
    return None


def _read(error: SlackApiError) -> tuple[int, Mapping[str, Any]]:
    """HTTP status and body; slack_sdk puts aiohttp's response here when the body was no JSON,
    else its own."""
    response = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    data = getattr(response, "data", None)
    return status if isinstance(status, int) else 0, data if isinstance(data, dict) else {}


def _sort(error: SlackApiError) -> NoReturn:
    status, data = _read(error)
    said = data.get("error")
    if status == _THROTTLED or said in _BUSY:
        raise TryLater(str(said or status), retry_after(error.response.headers)) from error
    if said in _TOKEN:
        log.error("slack.token_refused", extra={"error": said})
        raise TryLater(str(said), _TOKEN_RETRY_S) from error
    if not isinstance(said, str) or status >= _SERVER_ERROR:
        raise TryLater(f"Slack answered {status}") from error
    if said == "missing_scope":
        log.error("slack.missing_scope", extra={"needed": str(data.get("needed"))})
    raise Undeliverable(said) from error
