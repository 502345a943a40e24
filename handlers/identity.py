"""Who the bot is in Slack, and whether Slack takes its tokens."""

import time

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import TryLater, Undeliverable
from handlers import web_api

GOOD_FOR_S = 30.0  # how long one auth.test answers /readyz
REFUSED = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "not_allowed_token_type",
        "missing_scope",
    }
)


class SlackIdentity:
    """The bot's own ids, from `auth.test`; asked again at most every 30 s."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._asked_at: float | None = None
        self._problem: str | None = None
        self._known = AuthorizeResult(enterprise_id=None, team_id=None, bot_token=client.token)

    async def problem(self) -> str | None:
        """None when Slack takes the token, else Slack's error code or the kind of trouble."""
        now = time.monotonic()
        if self._asked_at is None or self._problem or now - self._asked_at >= GOOD_FOR_S:
            self._problem = await self._ask()
            self._asked_at = now
        return self._problem

    async def _ask(self) -> str | None:
        try:
            me = await web_api.call(self._client.auth_test())
        except TryLater as error:
            return error.why
        except Undeliverable as error:
            return error.error
        self._known = AuthorizeResult(
            enterprise_id=me.get("enterprise_id"),
            team_id=me.get("team_id"),
            bot_user_id=me.get("user_id"),
            bot_id=me.get("bot_id"),
            bot_token=self._client.token,
        )
        return None

    async def authorize(self) -> AuthorizeResult:
        """Bolt's question, answered from memory: a command is stored even when Slack's Web API is
        down, and no request waits for `auth.test`."""
        return self._known


async def app_token_problem(client: AsyncWebClient, app_token: str) -> str | None:
    """None when Slack opens Socket Mode for this app-level token, else why not."""
    try:
        await web_api.call(client.apps_connections_open(app_token=app_token))
    except TryLater as error:
        return error.why
    except Undeliverable as error:
        return error.error
    return None
