"""Does Slack's own validator take everything that the bot draws?

https://docs.slack.dev/reference/methods/blocks.validate: needs no scope, posts nothing; its rate
is limited, how much is not said.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.finding import Finding, Level
from bot.ports import TryLater, Undeliverable
from handlers import web_api
from handlers.specimens import plainer, specimens

SUBJECT = "blocks"
PATIENCE_S = 60.0  # of waiting for Slack's rate limit, in all
_INVALID = frozenset({"invalid_blocks", "invalid_view", "invalid_message"})


async def examine(
    client: AsyncWebClient, *, patience_s: float = PATIENCE_S
) -> AsyncIterator[Finding]:
    """A line per drawing that Slack would refuse, and one for the others."""
    drawings = specimens()
    valid = 0
    for name, payload in drawings.items():
        try:
            patience_s = await _validate(client, payload, patience_s)
        except TryLater as error:
            yield _stopped(valid, len(drawings), error.why)
            return
        except Undeliverable as error:
            if error.error not in _INVALID:
                yield _stopped(valid, len(drawings), error.error)
                return
            if plainer(name) in drawings:
                said = f"Slack does not take {name} here yet: its plainer form is shown"
                yield Finding(Level.OK, SUBJECT, said)
                continue
            said = f"Slack refuses {name} ({_detail(error)}): report it, with this line"
            yield Finding(Level.WRONG, SUBJECT, said)
        else:
            valid += 1
    if valid:
        said = f"Slack takes {valid} of {len(drawings)} cards, answers and forms"
        yield Finding(Level.OK, SUBJECT, said)


async def _validate(client: AsyncWebClient, payload: Mapping[str, Any], patience_s: float) -> float:
    """Ask, waiting where Slack says so; the patience that is left. Raises as `web_api.call`."""
    while True:
        try:
            # As JSON: `blocks_validate` would write it all into the address.
            await web_api.call(client.api_call("blocks.validate", json=dict(payload)))
        except TryLater as error:
            if error.retry_after is None or error.retry_after > patience_s:
                raise
            pause = max(error.retry_after, 1.0)
            await asyncio.sleep(pause)
            patience_s -= pause
        else:
            return patience_s


def _stopped(valid: int, of: int, why: str) -> Finding:
    return Finding(Level.UNCHECKED, SUBJECT, f"Slack stopped validating at {valid} of {of} ({why})")


def _detail(error: Undeliverable) -> str:
    """The first of Slack's complaints."""
    cause = error.__cause__
    data = cause.response.data if isinstance(cause, SlackApiError) else None
    named = data.get("errors") if isinstance(data, Mapping) else None
    first = named[0] if isinstance(named, list) and named else None
    if not isinstance(first, Mapping):
        return error.error
    return f"{first.get('pointer', '?')}: {first.get('message', '?')}"
