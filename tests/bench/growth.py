"""Part 3, growing history: what the loop and people ask, with a thousand and a million finished
purchases. Both databases are there at once, and are asked in turns.

Ten years of history: what was bought within the last 30 days is the same in both, twenty purchases.
"""

import asyncio
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.ports import Queue
from bot.sandbox.sendblue import LIMITS
from bot.storage import SqlStore, open_store
from tests.bench.databases import Database
from tests.bench.effort import Effort
from tests.bench.figures import covered, quantile, ratio
from tests.bench.filling import Batch, Filler, earlier
from tests.bench.load import closed_loop
from tests.bench.payloads import STAFF, from_list
from tests.bench.report import Result, Table, number
from tests.bench.seeds import seeds
from tests.bench.throughput import drained
from tests.bench.world import Bot, World

FEW = 1_000
LATELY = 20  # purchases within 30 days
_DAY = 86_400 * 1_000_000  # microseconds
_YEARS = 3_650 * _DAY
_ASKER = STAFF[7]
_TURN, _HOME = "the loop looks for work", "App Home"
_HISTORY, _OWN_HISTORY, _LIMITS = "/line history", "/line history @user", "/line limits"
_TYPED = {_HISTORY: "history", _OWN_HISTORY: f"history <@{_ASKER}>", _LIMITS: "limits"}
_LOOKED_UP = {"auth.test", "users.info", "usergroups.users.list", LIMITS}


class Growth:
    """Fills, asks and compares."""

    def __init__(self, world: World, effort: Effort) -> None:
        self._world = world
        self._effort = effort
        self._took: defaultdict[tuple[str, str, int], list[float]] = defaultdict(list)
        self._filled_s: dict[str, float] = {}

    async def run(self) -> Result:
        names = []
        many = self._effort.finished_many
        for each in self._effort.databases:
            sizes = {size: await self._world.database(each) for size in (FEW, many)}
            names.append(sizes[FEW].name)
            began = time.monotonic()
            for size, database in sizes.items():
                await self._fill(database, size)
            self._filled_s[names[-1]] = time.monotonic() - began
            await self._ask_store(sizes)
            await self._ask_bot(sizes)
            for database in sizes.values():
                database.close()
        return self._told(names)

    async def _fill(self, database: Database, size: int) -> None:
        originals = await seeds(self._world, database)
        filler = Filler(database)
        staff = f"n % {len(STAFF)}"
        padded = (
            f"substr('00' || ({staff}), -3)"
            if database.is_sqlite
            else f"lpad(CAST({staff} AS text), 3, '0')"
        )
        requester = {"requester_id": f"'U0STAFF' || {padded}"}
        numbered = {"number": "'+1415' || (2000000 + n % 7999999)"}
        lately = f"n * CAST({29 * _DAY // LATELY} AS BIGINT)"
        before = f"CAST({31 * _DAY} AS BIGINT) + n * CAST({_YEARS // size} AS BIGINT)"
        bought, cancelled = originals.bought, originals.cancelled
        old = LATELY + (size - LATELY) * 85 // 100
        await filler.copy(
            Batch(bought, (1, LATELY), {**earlier(lately), **requester, **numbered}),
            Batch(bought, (LATELY + 1, old), {**earlier(before), **requester, **numbered}),
            Batch(cancelled, (old + 1, size), {**earlier(before), **requester}),
        )
        await asyncio.to_thread(database.analyze)

    async def _ask_store(self, sizes: dict[int, Database]) -> None:
        """The loop's own question, through its store, in this process."""
        stores = {size: await open_store(each.url) for size, each in sizes.items()}
        name = next(iter(sizes.values())).name
        try:
            for turn in range(-3, self._effort.asked):
                for size, store in stores.items():
                    took = await _loop_asks(store)
                    if turn >= 0:
                        self._took[name, _TURN, size].append(took)
        finally:
            for store in stores.values():
                await store.close()

    async def _ask_bot(self, sizes: dict[int, Database]) -> None:
        """What people ask, through the bot, until its answer has come to Slack."""
        await self._world.simulators.change(record=True)
        async with AsyncExitStack() as stack:
            bots = {
                size: await stack.enter_async_context(self._world.bot(each))
                for size, each in sizes.items()
            }
            for turn in range(-2, self._effort.asked):
                for what in (_HOME, _HISTORY, _OWN_HISTORY, _LIMITS):
                    for size, bot in bots.items():
                        took = await self._ask(bot, what)
                        if turn >= 0:
                            self._took[bot.database.name, what, size].append(took)
        await self._world.simulators.change(record=False)

    async def _ask(self, bot: Bot, what: str) -> float:
        simulators, slack = self._world.simulators, self._world.slack
        if what == _HOME:
            request, endpoint = slack.home_opened(_ASKER), "views.publish"
        else:
            url = await simulators.response_url(_ASKER)
            request, endpoint = slack.command(_TYPED[what], _ASKER, url), "/response_url"
        await simulators.look()
        waiting = asyncio.create_task(simulators.until(endpoint, 1))
        await asyncio.sleep(0.003)
        outcome = await closed_loop(bot.url, from_list([request]), at_once=1, seconds=20)
        entries = await waiting
        [answer, *_] = [each for each in entries if each.endpoint == endpoint]
        asked = [(e.arrived, e.answered) for e in entries if e.endpoint in _LOOKED_UP]
        await drained(bot, 20)
        took = answer.arrived - outcome.began
        return took - covered(asked, outcome.began, answer.arrived)

    def _told(self, names: list[str]) -> Result:
        result = Result()
        many, rows = self._effort.finished_many, []
        for name in names:
            for what in (_TURN, _HOME, *_TYPED):
                p50 = {
                    size: 1000 * quantile(self._took[name, what, size], 0.5) for size in (FEW, many)
                }
                grown = ratio(p50[many], p50[FEW])
                key = f"growth/{name}/{what}"
                result.put(f"{key}/{FEW}/p50_ms", [p50[FEW]])
                result.put(f"{key}/many/p50_ms", [p50[many]])
                result.put(f"{key}/grown", [grown])
                high = 1000 * quantile(self._took[name, what, many], 0.9)
                row = [number(p50[FEW]), number(p50[many]), number(high), number(grown)]
                rows.append([f"{what}, {name}", *row])
        filled = ", ".join(f"{name} in {took:.0f} s" for name, took in self._filled_s.items())
        result.tables.append(
            Table(
                f"3. With {FEW:,} and with {many:,} finished purchases",
                ("what", f"{FEW:,}: p50 ms", f"{many:,}: p50 ms", "p90 ms", "times"),
                rows,
                f"{LATELY} of them within 30 days, the others over ten years. Filled: {filled}."
                " What people ask is timed until the bot's answer arrives at Slack, without what"
                " Slack and the provider took.",
            )
        )
        return result


async def _loop_asks(store: SqlStore) -> float:
    """Seconds for one look at all queues: nothing is due, and when the next row will be."""
    now = datetime.now(UTC) - timedelta(days=20_000)  # before anything was written down
    lasting = timedelta(seconds=10)
    asked: Any = store  # of this version, or of an older one
    began = time.monotonic()
    if hasattr(asked, "take"):
        await asked.take(dict.fromkeys(Queue, 10), now=now, lasting=lasting)
    else:
        for queue in Queue:
            await asked.claim(queue, 10, now=now, lasting=lasting)
        await asked.next_due(list(Queue))
    return time.monotonic() - began
