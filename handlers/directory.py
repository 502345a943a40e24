"""`bot.ports.Directory` over Slack's Web API: who people are, and who is in a user
group or a channel.

Answers are kept for 60 s; one request at a time per id, and whoever asks meanwhile waits for it.
Failures are not kept.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.people import Person, Standing
from bot.ports import Clock, Undeliverable
from handlers import web_api

KEPT = timedelta(seconds=60)
PAGE = 1000  # members of a channel at once, which is Slack's most
PAGES = 10

T = TypeVar("T")


class SlackDirectory:
    """Asks `users.info`, `usergroups.users.list`, `conversations.members`, and once `auth.test` for
    the own workspace."""

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        self._client = client
        self._people = _Kept(clock, self._ask_person)
        self._groups = _Kept(clock, self._ask_members)
        self._channels = _Kept(clock, self._ask_in_channel)
        self._own_team_id: str | None = None

    async def person(self, user_id: str) -> Person:
        return await self._people.get(user_id)

    async def members(self, group_id: str) -> frozenset[str]:
        return await self._groups.get(group_id)

    async def in_channel(self, channel_id: str) -> frozenset[str]:
        return await self._channels.get(channel_id)

    async def _ask_person(self, user_id: str) -> Person:
        team_id = await self._team_id()
        answer = await web_api.call(self._client.users_info(user=user_id))
        user = answer.get("user")
        if not isinstance(user, Mapping):
            raise Undeliverable("unreadable_user")
        tz = user.get("tz")
        return Person(user_id, standing(user, team_id), tz if isinstance(tz, str) and tz else None)

    async def _team_id(self) -> str:
        if self._own_team_id is None:
            answer = await web_api.call(self._client.auth_test())
            if not answer.get("team_id"):
                raise Undeliverable("unreadable_team")
            self._own_team_id = str(answer["team_id"])
        return self._own_team_id

    async def _ask_members(self, group_id: str) -> frozenset[str]:
        answer = await web_api.call(self._client.usergroups_users_list(usergroup=group_id))
        users = answer.get("users")
        if not isinstance(users, list):
            raise Undeliverable("unreadable_group")
        return frozenset(str(user_id) for user_id in users)

    async def _ask_in_channel(self, channel_id: str) -> frozenset[str]:
        found: set[str] = set()
        cursor = ""
        for _ in range(PAGES):
            answer = await web_api.call(
                self._client.conversations_members(
                    channel=channel_id, limit=PAGE, cursor=cursor or None
                )
            )
            page = answer.get("members")
            if not isinstance(page, list):
                raise Undeliverable("unreadable_channel")
            found.update(str(user_id) for user_id in page)
            more = answer.get("response_metadata")
            cursor = str(more.get("next_cursor") or "") if isinstance(more, Mapping) else ""
            if not cursor:
                break
        return frozenset(found)


def standing(user: Mapping[str, Any], team_id: str) -> Standing:
    """Sort a user object of Slack's; whoever is in doubt is a stranger. `team_id` is our own.

    https://docs.slack.dev/reference/objects/user-object
    """
    if user.get("deleted"):
        return Standing.DEACTIVATED
    if user.get("is_bot") or user.get("id") == "USLACKBOT":
        return Standing.BOT
    if user.get("is_stranger") or not _is_in(user, team_id):
        return Standing.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.MEMBER


def _is_in(user: Mapping[str, Any], team_id: str) -> bool:
    """On Enterprise Grid `team_id` is only one of the workspaces that somebody belongs to."""
    enterprise = user.get("enterprise_user")
    teams = enterprise.get("teams") if isinstance(enterprise, Mapping) else None
    return user.get("team_id") == team_id or (isinstance(teams, list) and team_id in teams)


class _Kept(Generic[T]):
    """Answers by id, each kept for a while."""

    def __init__(self, clock: Clock, ask: Callable[[str], Awaitable[T]]) -> None:
        self._clock = clock
        self._ask = ask
        self._answers: dict[str, tuple[datetime, T]] = {}
        self._asking: dict[str, asyncio.Task[T]] = {}

    async def get(self, some_id: str) -> T:
        now = self._clock.now()
        self._answers = {k: kept for k, kept in self._answers.items() if now - kept[0] < KEPT}
        if some_id in self._answers:
            return self._answers[some_id][1]
        if some_id not in self._asking:
            task = asyncio.create_task(self._fetch(some_id, now))
            self._asking[some_id] = task
            task.add_done_callback(lambda done: self._asked(some_id, done))
        # Shielded: one who gives up waiting must not take the answer from the others.
        return await asyncio.shield(self._asking[some_id])

    async def _fetch(self, some_id: str, asked_at: datetime) -> T:
        answer = await self._ask(some_id)
        self._answers[some_id] = (asked_at, answer)
        return answer

    def _asked(self, some_id: str, task: asyncio.Task[T]) -> None:
        del self._asking[some_id]
        if not task.cancelled():
            task.exception()  # looked at, for everybody may have given up waiting for it
