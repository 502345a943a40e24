"""Is Slack's side set up as the bot needs it? Asks Slack, writes nothing there."""

from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.approval import Rules
from bot.domain.finding import Finding, Level
from bot.domain.policy import Policy
from bot.ports import Clock, TryLater, Undeliverable
from handlers import checkup_blocks, checkup_people, checkup_policy, web_api
from handlers.directory import SlackDirectory
from handlers.identity import REFUSED, app_token_problem
from handlers.scopes import FOR_CHECKS, NEEDED

SLACK = "Slack"  # the subject of a finding that is about Slack itself, not about a setting
_REINSTALL = "add it under OAuth & Permissions and reinstall the app"


async def examine(
    client: AsyncWebClient,
    clock: Clock,
    rules: Rules,
    policy: Policy,
    *,
    alert_channel: str | None,
    app_token: str | None,
) -> AsyncIterator[Finding]:
    """What is right and wrong with tokens, scopes, people, channels and blocks, as it is found."""
    mine, granted = await bot_token(client)
    if mine.level is not Level.OK:
        said = f"{mine.said}; nothing else in Slack could be checked"
        yield Finding(mine.level, mine.subject, said)
        return
    yield mine
    for finding in scopes(granted):
        yield finding
    yield await _way_in(client, app_token)
    directory = SlackDirectory(client, clock)
    async for finding in checkup_people.examine(directory, rules):
        yield finding
    async for finding in checkup_policy.examine(directory, policy, rules):
        yield finding
    channels = {"APPROVAL_CHANNEL": rules.approval_channel, "ALERT_CHANNEL": alert_channel}
    for setting, channel_id in channels.items():
        if channel_id is not None:
            yield await channel(client, setting, channel_id, granted)
    async for finding in checkup_blocks.examine(client):
        yield finding


async def bot_token(client: AsyncWebClient) -> tuple[Finding, frozenset[str] | None]:
    """Whose the bot token is, and its scopes where Slack tells them. Where Slack does not answer,
    the finding's subject is SLACK."""
    headers: dict[str, str] = {}
    try:
        me = await web_api.call(_noting(client.auth_test(), headers))
    except (TryLater, Undeliverable) as error:
        return _refused(_why(error)), None
    team = f"{me.get('team', '?')} ({me.get('team_id', '?')})"
    said = f"of @{me.get('user', '?')} in the workspace {team}"
    given = headers.get("x-oauth-scopes")
    granted = None if given is None else frozenset(scope.strip() for scope in given.split(","))
    return Finding(Level.OK, "SLACK_BOT_TOKEN", said), granted


async def _noting(
    asked: Awaitable[AsyncSlackResponse], headers: dict[str, str]
) -> AsyncSlackResponse:
    answer = await asked
    headers.update({name.lower(): value for name, value in answer.headers.items()})
    return answer


def _why(error: TryLater | Undeliverable) -> str:
    return error.why if isinstance(error, TryLater) else error.error


def _refused(why: str) -> Finding:
    if why in REFUSED:
        said = f"refused by Slack ({why}): copy the Bot User OAuth Token of the installed app again"
        return Finding(Level.WRONG, "SLACK_BOT_TOKEN", said)
    said = f"no usable answer ({why}): look at the network, at SLACK_API_URL and at Slack's status"
    return Finding(Level.WRONG, SLACK, said)


def scopes(granted: frozenset[str] | None) -> list[Finding]:
    """Compare what was granted, as Slack's header `x-oauth-scopes` says, with what is needed."""
    if granted is None:
        return [Finding(Level.UNCHECKED, "scopes", "Slack does not say which the token has")]
    findings = [
        Finding(Level.WRONG, "scopes", f"{scope} is missing ({what}): {_REINSTALL}")
        for scope, what in NEEDED.items()
        if scope not in granted
    ]
    findings += [
        Finding(Level.WARNING, "scopes", f"{scope} is missing ({what}): {_REINSTALL}")
        for scope, what in FOR_CHECKS.items()
        if scope not in granted
    ]
    return findings or [Finding(Level.OK, "scopes", "all that manifest.yml asks for")]


async def _way_in(client: AsyncWebClient, app_token: str | None) -> Finding:
    """How commands and clicks come."""
    if app_token is None:
        said = (
            "Slack posts to /slack/events; whether it gets there, and whether the secret is right,"
            " shows at the first command"
        )
        return Finding(Level.UNCHECKED, "SLACK_SIGNING_SECRET", said)
    return socket_mode(await app_token_problem(client, app_token))


def socket_mode(problem: str | None) -> Finding:
    """What `app_token_problem` says, for people."""
    if problem is None:
        return Finding(Level.OK, "SLACK_APP_TOKEN", "Slack opens Socket Mode for it")
    if problem in REFUSED:
        said = (
            f"refused by Slack ({problem}): make an app-level token with the scope"
            " connections:write under Basic Information and copy it again"
        )
        return Finding(Level.WRONG, "SLACK_APP_TOKEN", said)
    if problem == "socket_mode_not_enabled":
        return Finding(Level.WRONG, "SLACK_APP_TOKEN", "Socket Mode is off: turn it on in the app")
    return Finding(Level.UNCHECKED, "SLACK_APP_TOKEN", f"Slack could not say ({problem})")


async def channel(
    client: AsyncWebClient, setting: str, channel_id: str, granted: frozenset[str] | None
) -> Finding:
    """Whether the bot can post in the channel that a setting names."""
    subject = f"{setting} {channel_id}"
    try:
        answer = await web_api.call(client.conversations_info(channel=channel_id))
    except (TryLater, Undeliverable) as error:
        return _unseen(subject, _why(error), granted)
    found = answer.get("channel")
    if not isinstance(found, Mapping):
        return Finding(Level.UNCHECKED, subject, "Slack's answer has no channel in it")
    level, said = _reach(found, granted)
    return Finding(level, subject, said)


def _reach(channel: Mapping[str, Any], granted: frozenset[str] | None) -> tuple[Level, str]:
    """Whether the bot can post in a channel that it sees."""
    name = f"#{channel['name']}" if channel.get("name") else "a direct message"
    invite = f"the bot is not in {name}: type /invite @Dialtone there"
    if channel.get("is_archived"):
        return Level.WRONG, f"{name} is archived: unarchive it, or name another channel"
    if channel.get("is_member") or channel.get("is_im"):
        return Level.OK, f"{name}, the bot is in it"
    if not channel.get("is_private") and granted is None:
        return Level.UNCHECKED, f"{invite}, unless the app has the scope chat:write.public"
    if not channel.get("is_private") and granted is not None and "chat:write.public" in granted:
        return Level.OK, f"{name}, public"
    return Level.WRONG, invite


def _unseen(subject: str, why: str, granted: frozenset[str] | None) -> Finding:
    if why == "missing_scope":
        said = "the token may not look at channels (channels:read, groups:read)"
        return Finding(Level.UNCHECKED, subject, said)
    if why != "channel_not_found":
        return Finding(Level.UNCHECKED, subject, f"Slack could not say ({why})")
    if granted is not None and "groups:read" not in granted:
        said = "not a public channel; private ones are seen only with the scope groups:read"
        return Finding(Level.UNCHECKED, subject, said)
    said = (
        "there is no such channel, or it is private and the bot is not in it: correct the id, or"
        " type /invite @Dialtone there"
    )
    return Finding(Level.WRONG, subject, said)
