"""Two bots on one PostgreSQL, one Slack, one Sendblue: shared work, dead and stalled replicas."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.bootstrap import running
from bot.domain.purchase import Status
from bot.sandbox.sendblue import CONFIRM
from bot.sandbox.slack.workspace import Message
from bot.settings import load
from tests.storage.conftest import Database
from tests.stories.bot_process import BotProcess
from tests.stories.office import Office, buttons, drawn, office_at

WITHIN_S = 25


@pytest.fixture
async def office(tmp_path: Path, migrated_postgresql: Database) -> AsyncIterator[Office]:
    async with office_at(tmp_path) as made:
        made.settings["DATABASE_URL"] = migrated_postgresql.url.replace("+psycopg", "")
        yield made


@asynccontextmanager
async def two_processes(office: Office) -> AsyncIterator[list[BotProcess]]:
    """Both started; Slack delivers to the first."""
    async with AsyncExitStack() as stack:
        bots = []
        for _ in range(2):
            bot = BotProcess(office.environment(), office.folder)
            stack.push_async_callback(bot.close)
            await bot.start()
            assert await bot.says("started"), bot.said
            bots.append(bot)
        started = await bots[0].says("started")
        assert started
        office.slack.deliver_to(f"{started['url']}/slack/events")
        yield bots


async def sender(bots: list[BotProcess]) -> BotProcess:
    """The one that has sent the confirm."""
    async with asyncio.timeout(10):
        while True:
            for bot in bots:
                if any('"to": "confirming"' in line for line in bot.said):
                    return bot
            await asyncio.sleep(0.02)


async def test_two_replicas_share_the_work_and_buy_each_line_once(office: Office) -> None:
    office.sendblue.daily_limit = 10
    settings = load(office.settings, env_file=None)
    async with (
        running(settings, clock=office.clock, grace_s=1) as one,
        running(settings, clock=office.clock, grace_s=1) as other,
    ):
        office.bot = one
        for each in range(6):
            bot = (one, other)[each % 2]
            office.slack.deliver_to(f"{bot.url}/slack/events")
            assert (await office.buy()).ok
        waiting = await office.until(
            lambda: found if len(found := [m for m in office.cards() if buttons(m)]) == 6 else None
        )
        for each, card in enumerate(waiting):
            bot = (one, other)[each % 2]
            office.slack.deliver_to(f"{bot.url}/slack/events")
            # Two people press at once, each reaching another replica.
            assert (await office.press(card, "Approve")).ok
            office.slack.deliver_to(f"{(other, one)[each % 2].url}/slack/events")
            assert (await office.press(card, "Approve")).ok
        for card in waiting:
            await office.now_shows(card, "Bought:")
        await office.verify()
        bought = await office.purchases()
        assert {each.status for each in bought} == {Status.PROVISIONED}
        assert len({each.number for each in bought}) == len(office.sendblue.ledger) == 6
        assert set(office.sendblue.confirms_received.values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
async def test_the_confirm_of_a_killed_replica_is_taken_over_in_time(
    office: Office, when: str
) -> None:
    async with two_processes(office) as bots:
        held = office.sendblue.faults.hold(CONFIRM, "before" if when == "before" else "after")
        card = await office.approved()
        await held.reached()
        (await sender(bots)).kill()
        began = time.monotonic()
        await office.until(lambda: "Not known" in _blocks(office, card) or None, WITHIN_S)
        print(f"taken over after {time.monotonic() - began:.1f} s")  # noqa: T201 for make crash
        held.release()
        assert office.sendblue.confirms_received.total() == 1
        assert len(office.sendblue.ledger) <= 1


@pytest.mark.slow
async def test_the_late_answer_of_a_stalled_replica_corrects_the_record(office: Office) -> None:
    async with two_processes(office) as bots:
        held = office.sendblue.faults.hold(CONFIRM, "after")
        card = await office.approved()
        await held.reached()
        stalled = await sender(bots)
        os.kill(stalled.pid, signal.SIGSTOP)
        try:
            await office.until(lambda: "Not known" in _blocks(office, card) or None, WITHIN_S)
            held.release()
        finally:
            os.kill(stalled.pid, signal.SIGCONT)
        await office.now_shows(card, "Bought:")
        assert office.sendblue.confirms_received.total() == len(office.sendblue.ledger) == 1


def _blocks(office: Office, card: Message) -> str:
    found = office.slack.workspace.find(card.channel, card.ts)
    return drawn(found) if found else ""
