"""python -m bot doctor: is everything set up? Looks only; spends, posts and changes nothing."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from types import MappingProxyType

import aiohttp

from bot import bootstrap, logs
from bot.account_check import check_account
from bot.domain import sellers
from bot.domain.finding import Finding, Level
from bot.domain.policy import Policy
from bot.policy_file import BadPolicy, read
from bot.providers.skew import WARN_S
from bot.settings import BadSettings, Settings, load
from bot.storage import NotMigrated, StorageError, check_schema
from bot.storage.engine import parse_url, sqlite_file
from handlers import checkup

log = logging.getLogger(__name__)

MENDED, TO_MEND = 0, 1  # exit status
# What is off without a provider: the rest of `/line` is about purchases of either.
_OFF: Mapping[str, str] = MappingProxyType({"/line": "/line buy"})
_QUIET = ("bot.providers", "bot.storage", "handlers", "slack_sdk")  # our lines say it


def main() -> int:
    """Print a line per check; 0 when nothing must be mended, else 1."""
    try:
        settings = load()
    except BadSettings as error:
        _print(Finding(Level.WRONG, "settings", f"{error} Nothing else could be checked."))
        return TO_MEND
    logs.configure(settings.log_level, settings.log_format, settings.secret_values())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return asyncio.run(_print_all(settings))


async def _print_all(settings: Settings) -> int:
    levels = []
    async for finding in examine(settings):
        _print(finding)
        levels.append(finding.level)
    wrong, warnings = levels.count(Level.WRONG), levels.count(Level.WARNING)
    noun = "warning" if warnings == 1 else "warnings"
    sys.stdout.write(f"\n{wrong or 'Nothing'} to be mended, {warnings or 'no'} {noun}.\n")
    return TO_MEND if wrong else MENDED


def _print(finding: Finding) -> None:
    sys.stdout.write(logs.redact(" ".join(str(finding).splitlines())) + "\n")
    sys.stdout.flush()  # some checks take seconds


async def examine(settings: Settings) -> AsyncGenerator[Finding, None]:
    """Check everything, one after the other; a check that breaks is a finding too."""
    yield Finding(Level.OK, "settings", "read and understood")
    for part in (_policy, _database, _slack, _providers):
        checks = part(settings)
        try:
            async with contextlib.aclosing(checks):
                async for finding in checks:
                    yield finding
        except Exception as error:  # the other checks are worth as much
            log.exception("doctor.broke")
            said = f"this check broke ({type(error).__name__}); the log says where: report it"
            yield Finding(Level.WRONG, part.__name__.strip("_"), said)


async def _policy(settings: Settings) -> AsyncGenerator[Finding, None]:
    if settings.policy_file is None:
        return
    try:
        count = len(read(settings.policy_file).rules)
    except BadPolicy as error:
        yield Finding(Level.WRONG, "POLICY_FILE", str(error))
    else:
        rules = "1 rule" if count == 1 else f"{count} rules"
        yield Finding(Level.OK, "POLICY_FILE", f"{settings.policy_file}, {rules}")


async def _database(settings: Settings) -> AsyncGenerator[Finding, None]:
    url = settings.database_url.get_secret_value()
    file = sqlite_file(parse_url(url)) if settings.is_sqlite else None
    needed = [each for each in (file, file.parent) if each.exists()] if file else []
    if locked := [str(each) for each in needed if not os.access(each, os.W_OK)]:
        said = f"{' and '.join(locked)} may not be written by this user"
        yield Finding(Level.WRONG, "database", said)
    if file and file.parent.is_dir() and not file.exists():
        yield Finding(Level.OK, "database", f"{file.name} is not there yet; the start makes it")
        return
    try:
        await asyncio.to_thread(check_schema, url)
    except NotMigrated as error:
        # The start migrates a SQLite file.
        level = Level.WARNING if settings.is_sqlite else Level.WRONG
        yield Finding(level, "database", str(error))
    except StorageError as error:
        yield Finding(Level.WRONG, "database", str(error))
    else:
        yield Finding(Level.OK, "database", "reachable, with the tables of this version")


async def _slack(settings: Settings) -> AsyncGenerator[Finding, None]:
    app_token = settings.slack_app_token
    timeout = aiohttp.ClientTimeout(total=bootstrap.SLACK_TIMEOUT_S)
    policy = Policy(())
    if settings.policy_file is not None:
        with contextlib.suppress(BadPolicy):  # said already
            policy = read(settings.policy_file)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        async for finding in checkup.examine(
            bootstrap.slack_client(settings, session),
            bootstrap.SystemClock(),
            bootstrap.rules(settings),
            policy,
            alert_channel=settings.alert_channel,
            app_token=app_token.get_secret_value() if app_token else None,
        ):
            yield finding


async def _providers(settings: Settings) -> AsyncGenerator[Finding, None]:
    clock = bootstrap.SystemClock()
    made = [
        provider for make in bootstrap.PROVIDERS.values() if (provider := make(settings, clock))
    ]
    names, commands = {each.name for each in made}, {each.command for each in made}
    for name, seller in sellers.SELLERS.items():
        if name not in names:
            off = _OFF.get(seller.command, seller.command)
            so = "" if seller.command in commands else f", so {off} is off"
            said = f"not set up{so}; {seller.credentials} would turn it on"
            yield Finding(Level.OK if made else Level.WARNING, seller.title, said)
    for provider in made:
        try:
            found = await check_account(provider, sellers.of(provider.name).credentials)
            is_taken = found.level is Level.OK
            yield found if is_taken else replace(found, level=Level.WRONG)
            if is_taken and provider.skew_s is not None:
                yield _clock(provider.title, provider.skew_s)
        finally:
            await provider.aclose()


def _clock(title: str, skew_s: float) -> Finding:
    subject = f"{title}'s clock"
    if abs(skew_s) <= WARN_S:
        return Finding(Level.OK, subject, f"within {WARN_S:g} s of this machine's")
    side = "ahead of" if skew_s > 0 else "behind"
    said = (
        f"{abs(skew_s):.0f} s {side} this machine's: set the clock right (NTP), or approvals close"
        " to a deadline miss it"
    )
    return Finding(Level.WARNING, subject, said)
