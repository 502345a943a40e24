"""Checking one answer: by the rules of the settings, then by asking whoever it is for. Spends,
posts and changes nothing."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot import bootstrap
from bot.account_check import check_account
from bot.domain.approval import Roster, Rules
from bot.domain.finding import Finding, Level
from bot.init_command import env_file
from bot.init_command.terminal import as_typed
from bot.ports import TryLater, Undeliverable
from bot.settings import BadSettings, Settings, load
from bot.storage import NotMigrated, StorageError, check_schema
from bot.storage.engine import parse_url, sqlite_file
from bot.storage.errors import DatabaseAway
from handlers import checkup, checkup_people, names
from handlers.directory import SlackDirectory
from handlers.identity import REFUSED, app_token_problem

T = TypeVar("T")
Check = Callable[[str], "Verdict"]

ADDRESSES = ("SLACK_API_URL", "SENDBLUE_API_URL", "MAGPIPE_API_URL")
# Settings are read as a whole: these stand in for what has not been asked yet.
_NOT_YET = {"SLACK_BOT_TOKEN": "xoxb-0", "SLACK_SIGNING_SECRET": "0", "APPROVERS": "U00"}
# Set only together.
_BESIDE = MappingProxyType(
    {
        "SENDBLUE_API_KEY_ID": "SENDBLUE_API_SECRET_KEY",
        "SENDBLUE_API_SECRET_KEY": "SENDBLUE_API_KEY_ID",
    }
)
_ID = re.compile(r"[UWS][A-Z0-9]{2,}")
_CHANNEL_LINK = re.compile(r"https://[^/\s]+/archives/([A-Z0-9]+)(?:[/?#]\S*)?")


class Kind(Enum):
    """What becomes of an answer."""

    TAKEN = "it goes into the file"
    REFUSED = "it is wrong: the question is asked again"
    OPEN = "it may be right: whoever gave it decides"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one answer: `value` is what would be written."""

    kind: Kind
    value: str
    findings: tuple[Finding, ...] = ()


class Draft:
    """The answers so far."""

    def __init__(self, environ: Mapping[str, str], present: Mapping[str, str]) -> None:
        """Raises BadSettings where an address to ask at is wrong."""
        self.answers: dict[str, str] = {}
        known = {**present, **{name: value for name, value in environ.items() if value.strip()}}
        self._addresses = {name: known[name] for name in ADDRESSES if name in known}
        self.settings()

    def settings(self, **more: str) -> Settings:
        """As they would be read. Raises BadSettings."""
        given = {name: value for name, value in (self.answers | more).items() if value}
        return load({**_NOT_YET, **self._addresses, **given}, env_file=None)

    def is_true(self, self_approval: str) -> bool:
        try:
            return self.settings(SELF_APPROVAL=self_approval).self_approval
        except BadSettings:
            return False

    def secrets(self) -> tuple[str, ...]:
        return self.settings().secret_values()

    def badly_formed(self, name: str, text: str) -> Verdict | None:
        """The refusal of an answer that no setting of that name can be; None where it can."""
        finding = None
        try:
            self.settings(**{_BESIDE.get(name, name): "0", name: text})
        except BadSettings as error:
            finding = Finding(Level.WRONG, name, str(error).removeprefix(f"{name} "))
        if not finding and not env_file.can_hold(text):
            said = "cannot be written into .env as it is, because of the ${ in it: encode it (%24)"
            finding = Finding(Level.WRONG, name, said)
        return Verdict(Kind.REFUSED, text, (finding,)) if finding else None

    # ── one answer each ──
    def form(self, name: str) -> Check:
        """Only its form: nobody can be asked about it."""

        def check(text: str) -> Verdict:
            return self.badly_formed(name, text) or Verdict(Kind.TAKEN, text)

        return check

    def bot_token(self, text: str) -> Verdict:
        if bad := self.badly_formed("SLACK_BOT_TOKEN", text):
            return bad
        mine, granted = _slack(self.settings(SLACK_BOT_TOKEN=text), checkup.bot_token)
        if mine.subject == checkup.SLACK:  # it did not answer
            return Verdict(Kind.OPEN, text, (replace(mine, level=Level.UNCHECKED),))
        if mine.level is not Level.OK:
            return Verdict(Kind.REFUSED, text, (mine,))
        return _verdict(text, [mine, *checkup.scopes(granted)])

    def app_token(self, text: str) -> Verdict:
        if bad := self.badly_formed("SLACK_APP_TOKEN", text):
            return bad
        problem = _slack(self.settings(), lambda client: app_token_problem(client, text))
        finding = checkup.socket_mode(problem)
        if problem in REFUSED:
            return Verdict(Kind.REFUSED, text, (finding,))
        return _verdict(text, [finding])

    def signing_secret(self, text: str) -> Verdict:
        said = "looks right; whether it is shows only when Slack sends something signed with it"
        finding = Finding(Level.UNCHECKED, "SLACK_SIGNING_SECRET", said)
        bad = self.badly_formed("SLACK_SIGNING_SECRET", text)
        return bad or Verdict(Kind.TAKEN, text, (finding,))

    def approvers(self, text: str) -> Verdict:
        return _slack(self.settings(), lambda client: self._approvers(client, text))

    def channel(self, name: str) -> Check:
        def check(text: str) -> Verdict:
            link = _CHANNEL_LINK.fullmatch(text)
            channel_id = link[1] if link else text
            if bad := self.badly_formed(name, channel_id):
                return bad

            async def ask(client: AsyncWebClient) -> Finding:
                _, granted = await checkup.bot_token(client)
                return await checkup.channel(client, name, channel_id, granted)

            return _verdict(channel_id, [_slack(self.settings(), ask)])

        return check

    def account(self, provider: str, given: Mapping[str, str]) -> Verdict:
        """Whether a provider takes these credentials, by the names of their settings."""
        return asyncio.run(_account(self.settings(**given), provider, " and ".join(given)))

    def database(self, text: str) -> Verdict:
        if bad := self.badly_formed("DATABASE_URL", text):
            return bad
        settings = self.settings(DATABASE_URL=text)
        kind, finding = _database(settings)
        return Verdict(kind, text, (finding,))

    async def _approvers(self, client: AsyncWebClient, text: str) -> Verdict:
        ids: list[str] = []
        for entry in filter(None, (part.strip() for part in text.split(","))):
            found = entry if _ID.fullmatch(entry) else await _id_of(client, entry)
            if isinstance(found, Finding):
                # Even where Slack is away: a name cannot be kept, for settings know only ids.
                return Verdict(Kind.REFUSED, text, (found,))
            ids.append(found)
        ids = list(dict.fromkeys(ids))
        value = ",".join(ids)
        if bad := self.badly_formed("APPROVERS", value or text):
            return bad
        rules = Rules(approvers=Roster.parse(value))
        directory = SlackDirectory(client, bootstrap.SystemClock())
        findings = [
            await _by_name(client, each) async for each in checkup_people.examine(directory, rules)
        ]
        return _verdict(value, findings, wrong=Kind.REFUSED)


def only_one(verdict: Verdict) -> bool:
    """Whether of the approvers just one can approve, so that nobody can what that one requests."""
    return any(
        each.level is Level.WARNING and each.subject == "APPROVERS" for each in verdict.findings
    )


def _verdict(value: str, findings: Iterable[Finding], *, wrong: Kind = Kind.OPEN) -> Verdict:
    """What is wrong can often be mended elsewhere, without another answer."""
    found = tuple(findings)
    levels = {each.level for each in found}
    if Level.WRONG in levels:
        return Verdict(wrong, value, found)
    # A Slack that does not tell the scopes leaves nothing to decide.
    unchecked = any(each.level is Level.UNCHECKED and each.subject != "scopes" for each in found)
    return Verdict(Kind.OPEN if unchecked else Kind.TAKEN, value, found)


def _slack(settings: Settings, ask: Callable[[AsyncWebClient], Awaitable[T]]) -> T:
    async def asked() -> T:
        timeout = aiohttp.ClientTimeout(total=bootstrap.SLACK_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            return await ask(bootstrap.slack_client(settings, session))

    return asyncio.run(asked())


async def _id_of(client: AsyncWebClient, name: str) -> str | Finding:
    if "@" in name[1:]:
        said = f"{name} is an e-mail address, which Dialtone may not look up: give the id"
        return Finding(Level.WRONG, "APPROVERS", said)
    try:
        found = await names.who_is(client, name)
    except (TryLater, Undeliverable) as error:
        why = error.why if isinstance(error, TryLater) else error.error
        said = f"Slack could not say who {name} is ({why}): give the id"
        return Finding(Level.UNCHECKED, "APPROVERS", said)
    if len(found) == 1:
        return next(iter(found))
    if not found:
        said = f"nobody here goes by {name}"
    else:
        who = ", ".join(f"{full} ({some_id})" for some_id, full in list(found.items())[:5])
        said = f"{name} may be {who}: give the id"
    return Finding(Level.WRONG, "APPROVERS", said)


async def _by_name(client: AsyncWebClient, finding: Finding) -> Finding:
    """The same, about somebody with a name."""
    some_id = finding.subject.removeprefix("APPROVERS ")
    if some_id == finding.subject or not (name := await names.called(client, some_id)):
        return finding
    return Finding(finding.level, f"{name} ({some_id})", finding.said)


async def _account(settings: Settings, name: str, credentials: str) -> Verdict:
    provider = bootstrap.PROVIDERS[name](settings, bootstrap.SystemClock())
    assert provider is not None, name  # noqa: S101 - it was given its credentials
    try:
        finding = await check_account(provider, credentials)
    finally:
        await provider.aclose()
    return _verdict("", [finding], wrong=Kind.REFUSED)


def _database(settings: Settings) -> tuple[Kind, Finding]:
    url = settings.database_url.get_secret_value()
    try:
        if settings.is_sqlite:
            file = sqlite_file(parse_url(url))
            if file.parent.is_dir() and not file.exists():
                return _new_file(file)
        check_schema(url)
    except NotMigrated:
        made_by = "the start" if settings.is_sqlite else as_typed("migrate")
        said = f"reachable; {made_by} makes its tables"
        return Kind.TAKEN, Finding(Level.OK, "database", said)
    except DatabaseAway as error:
        return Kind.OPEN, Finding(Level.UNCHECKED, "database", str(error))
    except StorageError as error:
        return Kind.REFUSED, Finding(Level.WRONG, "database", str(error))
    return Kind.TAKEN, Finding(Level.OK, "database", "there, with the tables of this version")


def _new_file(file: Path) -> tuple[Kind, Finding]:
    if os.access(file.parent, os.W_OK):
        said = f"{file.name} is not there yet; the start makes it"
        return Kind.TAKEN, Finding(Level.OK, "database", said)
    said = f"{file.parent} may not be written by this user"
    return Kind.REFUSED, Finding(Level.WRONG, "database", said)
