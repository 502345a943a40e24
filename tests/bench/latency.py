"""Part 2: what the bot adds to the provider's and Slack's own time, from a command to its card and
from a click to the report.

Counted from the moment the request is written to the moment the message arrives at Slack. The
simulators' time on that way (what they were told to wait, and what they need themselves) is taken
off: of the requests that the purchase has to wait for. What a request of others takes is not.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.sandbox.sendblue import CONFIRM, LIMITS, LINES_STATE, PREVIEW
from tests.bench.databases import Database
from tests.bench.effort import Effort
from tests.bench.figures import covered, quantile
from tests.bench.load import closed_loop
from tests.bench.payloads import STAFF, from_list
from tests.bench.report import Result, Table, number
from tests.bench.throughput import drained
from tests.bench.world import Bot, Entry, World

BATCH = 16
DELAYS_S = (0.0, 0.05)
CARD, REPORT = "command to card", "approve to report"
_POST = "chat.postMessage"
_PEOPLE = frozenset({"auth.test", "users.info", "usergroups.users.list"})
# What each way waits for; other requests go beside it.
_ON_THE_WAY = {
    CARD: _PEOPLE | {PREVIEW, LIMITS},
    REPORT: _PEOPLE | {LINES_STATE, CONFIRM, "conversations.members"},
}
# Of many at once nothing tells whose these are: they count with what they took in the middle.
_NOBODYS = {CARD: None, REPORT: LINES_STATE}


@dataclass
class _Samples:
    added: list[float] = field(default_factory=list)  # seconds
    acknowledged: list[float] = field(default_factory=list)


class Latency:
    """Both ways, one at a time and sixteen at once, with Slack and provider fast and slow."""

    def __init__(self, world: World, effort: Effort) -> None:
        self._world = world
        self._effort = effort
        self._samples: defaultdict[tuple[str, str, int, float], _Samples] = defaultdict(_Samples)
        self._people = iter(STAFF * 100)

    async def run(self) -> Result:
        world, effort = self._world, self._effort
        await world.simulators.change(record=True)
        names = []
        for each in effort.databases:
            database = await world.database(each)
            names.append(database.name)
            # All of a batch are to be sent at once; how many may be is a setting.
            async with world.bot(database, CONFIRMS_AT_ONCE=str(BATCH)) as bot:
                await self._batch(bot, 0.0, keep=False)
                for delay in DELAYS_S:
                    for _ in range(effort.idle_purchases // 2):
                        await self._one(bot, delay)
                    for _ in range(effort.batches):
                        await self._batch(bot, delay)
                    for _ in range(effort.idle_purchases // 2):
                        await self._one(bot, delay)
            database.close()
        await world.simulators.change(record=False, delays={})
        return self._told(names)

    async def _one(self, bot: Bot, delay: float) -> None:
        await self._batch(bot, delay, many=1)

    async def _batch(self, bot: Bot, delay: float, many: int = BATCH, *, keep: bool = True) -> None:
        """So many commands at once, and when all of that is done, so many clicks."""
        world = self._world
        await world.simulators.change(delays={"slack": delay, "sendblue": delay})
        await world.simulators.look()
        users = [next(self._people) for _ in range(many)]
        commands = [world.slack.command("buy for the bench", user) for user in users]
        began, acknowledged, entries = await self._send(bot, commands)
        await self._quiet(bot)
        about = await _about(bot.database)
        name = (bot.database.name, CARD, many, delay)
        if keep:
            self._keep(name, began, acknowledged, entries, about)
        pending = await bot.database.pending()
        clicks = world.slack.clicks(pending, await world.simulators.message(pending[0].ts))
        await world.simulators.look()
        began, acknowledged, entries = await self._send(bot, clicks)
        if keep:
            name = (bot.database.name, REPORT, many, delay)
            self._keep(name, began, acknowledged, entries, about)
        await self._quiet(bot)

    async def _quiet(self, bot: Bot) -> None:
        await drained(bot, self._effort.drain_s)
        await asyncio.sleep(0.02)

    async def _send(
        self, bot: Bot, requests: list[bytes]
    ) -> tuple[float, list[float], list[Entry]]:
        """Each on a connection of its own; when it began, how long the answers took, and what
        reached the simulators until all messages had."""
        many = len(requests)
        waiting = asyncio.create_task(self._world.simulators.until(_POST, many))
        await asyncio.sleep(0.005)  # its question is on its way before the clock runs
        outcome = await closed_loop(bot.url, from_list(requests), at_once=many, seconds=30)
        return outcome.began, outcome.latencies, await waiting

    def _keep(
        self,
        name: tuple[str, str, int, float],
        began: float,
        acknowledged: list[float],
        entries: list[Entry],
        about: dict[str, frozenset[str]],
    ) -> None:
        samples = self._samples[name]
        samples.acknowledged += acknowledged
        _, way, many, _ = name
        on_the_way = [e for e in entries if e.endpoint in _ON_THE_WAY[way]]
        nobodys = 0.0
        if many > 1:
            took = [e.answered - e.arrived for e in on_the_way if e.endpoint == _NOBODYS[way]]
            nobodys = quantile(took, 0.5) if took else 0.0
        for post in entries:
            if post.endpoint != _POST or post.key not in about:
                continue
            mine = (e for e in on_the_way if many == 1 or e.key in about[post.key])
            waited = covered([(e.arrived, e.answered) for e in mine], began, post.arrived)
            samples.added.append(post.arrived - began - waited - nobodys)

    def _told(self, names: Iterable[str]) -> Result:
        result = Result()
        rows = []
        for database in names:
            for way in (CARD, REPORT):
                for many in (1, BATCH):
                    for delay in DELAYS_S:
                        samples = self._samples[database, way, many, delay]
                        name = f"latency/{database}/{way}/{many}/{1000 * delay:.0f} ms"
                        row = [
                            f"{way}, {database}",
                            "idle" if many == 1 else f"{many} at once",
                            f"{1000 * delay:.0f} ms",
                        ]
                        for share in (0.5, 0.9, 0.99):
                            value = 1000 * quantile(samples.added, share)
                            result.put(f"{name}/p{100 * share:.0f}_ms", [value])
                            row.append(number(value))
                        value = 1000 * quantile(samples.acknowledged, 0.5)
                        result.put(f"{name}/ack_p50_ms", [value])
                        rows.append([*row, number(value), str(len(samples.added))])
        result.tables.append(
            Table(
                "2. Latency that the bot adds, without Slack's and the provider's own time",
                (
                    "way",
                    "load",
                    "they answer after",
                    "p50 ms",
                    "p90 ms",
                    "p99 ms",
                    "acknowledged, p50 ms",
                    "purchases",
                ),
                rows,
                f"Each purchase by another person, so that Slack is asked who it is."
                f" CONFIRMS_AT_ONCE={BATCH}: all of a batch may be sent at once.",
            )
        )
        return result


async def _about(database: Database) -> dict[str, frozenset[str]]:
    """By the code of each pending purchase, what requests about it are known by."""
    rows = await asyncio.to_thread(
        database.rows,
        "SELECT code, preview_token, requester_id FROM purchases WHERE status = 'pending'",
    )
    return {row.code: frozenset({row.code, row.preview_token, row.requester_id}) for row in rows}
