"""Skipping time with the real bot: what is due happens, and nothing breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.clock import SkippedClock
from bot.sandbox.run import Options, Sandbox
from bot.sandbox.sendblue import CONFIRM
from bot.sandbox.slack import Message
from bot.sandbox.slack.people import MORGAN, PHONES, RILEY
from bot.sandbox_command import running
from tests.sandbox.page_talk import panel, post

SECONDS = 30  # that a machine with much else to do may need
A_DAY = 86_400


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running(Options()) as (started, _), asyncio.timeout(4 * SECONDS):
        await started.bot.ready()
        yield started
        said = started.bot.log.read_text()
    assert "ERROR" not in said
    assert "Traceback" not in said


def found(sandbox: Sandbox, words: str) -> Message | None:
    there = reversed(sandbox.slack.messages(PHONES))
    return next((m for m in there if words in m.text + json.dumps(m.blocks)), None)


async def until_seen(sandbox: Sandbox, words: str) -> Message:
    return await sandbox.slack.wait_for(lambda: found(sandbox, words), SECONDS)


async def buy(sandbox: Sandbox) -> Message:
    args = {"user": RILEY, "channel": PHONES, "text": "/line buy new desk"}
    assert (await post(sandbox.page_url, "/act/say", args))[0] == 200
    return await until_seen(sandbox, '"Approve"')


async def skip(sandbox: Sandbox, seconds: int) -> None:
    assert (await post(sandbox.page_url, "/panel/skip", {"seconds": seconds}))[0] == 200


async def readiness(sandbox: Sandbox) -> int:
    async with aiohttp.ClientSession() as session, session.get(sandbox.bot.ready_url) as answer:
        return answer.status


async def test_a_card_expires_when_its_time_is_skipped(sandbox: Sandbox) -> None:
    await buy(sandbox)
    await skip(sandbox, 601)

    await until_seen(sandbox, "Expired")

    assert found(sandbox, '"Approve"') is None
    [life] = (await panel(sandbox.page_url))["purchases"]
    assert (life["status"], life["life"][-1]["to"]) == ("expired", "expired")
    assert await readiness(sandbox) == 200


async def test_a_day_skipped_while_a_purchase_is_on_its_way_breaks_nothing(
    sandbox: Sandbox,
) -> None:
    card = await buy(sandbox)
    confirm = sandbox.sendblue.faults.hold(CONFIRM, "after")
    await sandbox.slack.click(card, "Approve", user=MORGAN)
    await confirm.reached()

    await skip(sandbox, A_DAY)
    assert await readiness(sandbox) == 200
    await skip(sandbox, A_DAY)
    assert await readiness(sandbox) == 200
    confirm.release()

    await until_seen(sandbox, "Bought: ")
    assert len(sandbox.sendblue.ledger) == 1
    [life] = (await panel(sandbox.page_url))["purchases"]
    assert (life["status"], life["what"]) == (
        "provisioned",
        sandbox.sendblue.ledger[0].phone_number,
    )


async def test_a_limit_frees_up_and_a_restarted_bot_goes_by_the_same_clock(
    sandbox: Sandbox,
) -> None:
    sandbox.sendblue.daily_limit = 1
    card = await buy(sandbox)
    await sandbox.slack.click(card, "Approve", user=MORGAN)
    await until_seen(sandbox, "Bought: ")
    # The last thing owed; Slack may have it wait, and what is a day old is not said any more.
    await until_seen(sandbox, "limit is reached")
    assert sandbox.sendblue.daily().remaining == 0

    await skip(sandbox, A_DAY)
    await post(sandbox.page_url, "/panel/restart")
    await sandbox.slack.wait_for(lambda: sandbox.bot.starts == 2 or None, SECONDS)
    await sandbox.slack.wait_for(lambda: sandbox.bot.state == "ready" or None, SECONDS)

    assert await buy(sandbox)
    assert sandbox.sendblue.daily().remaining == 1


def test_processes_go_by_the_same_file_and_never_back(tmp_path: Path) -> None:
    here, there = SkippedClock(tmp_path / "skipped"), SkippedClock(tmp_path / "skipped")
    before = there.now()
    here.skip(600)
    assert there.skipped_seconds == 600
    assert (there.now() - before).total_seconds() >= 600
    with pytest.raises(ValueError, match="at least one second"):
        here.skip(-1)
    assert there.skipped_seconds == 600
