"""A replica that stalls at any point of a confirm, until another has done its work, and wakes."""

import asyncio
import os
import signal
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.ports import Filter
from bot.sandbox.sendblue import LINES_STATE
from bot.storage import open_store
from tests.storage.conftest import Database
from tests.stories.bot_process import BotProcess
from tests.stories.killed_bot import Death
from tests.stories.office import Office, drawn, office_at

WITHIN_S = 20  # its lease must lapse first, and a transaction that it holds open be ended
AWAKE_S = 2  # for what a replica that has woken up would do wrong
ENDS = ("Bought:", "Not known:", "Not bought:")


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 4, 5, 7, 9, 10])
async def test_a_stalled_replica_sends_nothing_after_its_lease_was_taken(
    number: int, tmp_path: Path, migrated_postgresql: Database
) -> None:
    async with office_at(tmp_path) as office, AsyncExitStack() as stack:
        office.settings["DATABASE_URL"] = migrated_postgresql.url.replace("+psycopg", "")

        async def start(death: Death | None = None) -> BotProcess:
            bot = BotProcess(office.environment(), office.folder, death=death)
            stack.push_async_callback(bot.close)
            await bot.start()
            started = await bot.says("started")
            assert started, bot.said
            office.slack.deliver_to(f"{started['url']}/slack/events")
            return bot

        stalled = await start(Death(number, since=f"before {LINES_STATE}", by=signal.SIGSTOP))
        card = await office.approved()
        point = await stalled.says("killed")
        assert point, stalled.said
        await start()

        def end() -> str | None:
            found = office.slack.workspace.find(card.channel, card.ts)
            shown = drawn(found) if found else ""
            return shown.partition("\n")[0] if shown.startswith(ENDS) else None

        taken_over = await office.until(end, WITHIN_S)
        os.kill(stalled.pid, signal.SIGCONT)
        await asyncio.sleep(AWAKE_S)
        print(f"stalled {point['at']}: {taken_over} Awake again: {end()}")  # noqa: T201 for make crash
        await _check(office)


async def _check(office: Office) -> None:
    """One confirm at most, and the record knows what was charged; the audit verified."""
    assert office.sendblue.confirms_received.total() <= 1
    store = await open_store(office.settings["DATABASE_URL"])
    try:
        [purchase] = await store.list_purchases(Filter())
        await store.verify(purchase.id)
    finally:
        await store.close()
    charged = Counter(charge.phone_number for charge in office.sendblue.ledger)
    assert Counter([purchase.number] if purchase.number else []) == charged
