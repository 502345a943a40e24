"""Part 1: commands and clicks accepted per second, beside what a bare Bolt app would accept.

What is accepted is carried out meanwhile, by the same process: a closed loop presses as hard as it
can while cards are posted and lines are bought. Between two loads the bot finishes what it has.
"""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tests.bench.databases import Database
from tests.bench.effort import Effort
from tests.bench.figures import ratio
from tests.bench.load import Outcome, closed_loop, serve_fixed
from tests.bench.payloads import Pending, from_list
from tests.bench.processes import processor_s
from tests.bench.report import NOTHING, Result, Table, number, shown
from tests.bench.world import Bot, World

COMMAND, CLICK = "command", "click"
DEFAULT, BEFORE = "hello, default", "hello, process_before_response"
_ACCEPTED = b"`"  # the answer to a command names the card's code
_LOOKS_EVERY_S = 0.05


_Bare = dict[str, dict[str, float]]


class LostOrInvented(Exception):
    """What was acknowledged is not what is written down."""


@dataclass(frozen=True)
class Cell:
    """One load on one of them."""

    who: str  # DEFAULT, BEFORE, or a database's name
    kind: str  # COMMAND or CLICK
    at_once: int


@dataclass(frozen=True)
class Found:
    outcome: Outcome
    bare: Mapping[str, float]  # what each hello took per second right before; of a hello: empty
    # Until everything that was accepted had been done (NaN: not in time), and what one of those
    # took of the bot's processor time, which does not depend on who else is at work.
    carried_per_second: float = float("nan")
    processor_ms: float = float("nan")


class Throughput:
    """All cells, round after round."""

    def __init__(self, world: World, effort: Effort) -> None:
        self._world = world
        self._effort = effort
        self._found: defaultdict[Cell, list[Found]] = defaultdict(list)
        self._accepted = 0
        self._durability: dict[str, str] = {}

    async def run(self) -> Result:
        result = Result()
        world = self._world
        ceiling = await self._ceiling()
        result.put("load/ceiling", [ceiling])
        async with AsyncExitStack() as stack:
            hellos = {
                DEFAULT: await stack.enter_async_context(world.hello()),
                BEFORE: await stack.enter_async_context(world.hello("--process-before-response")),
            }
            for url in hellos.values():
                await self._commands(url, b"Hello", at_once=4, seconds=0.2)
            began = time.monotonic()
            for done in range(self._effort.rounds):
                if done and time.monotonic() - began > self._effort.throughput_s:
                    break
                for at_once in self._effort.at_once:
                    # Whoever went first goes last in the next round.
                    for name in self._effort.databases[:: 1 if done % 2 == 0 else -1]:
                        bare = await self._hellos(hellos, at_once)
                        await self._bot(await world.database(name), at_once, bare)
        self._tell(result, ceiling)
        return result

    async def _ceiling(self) -> float:
        """What the load can do at most; the server that answers is in the same process."""
        server, port = await serve_fixed()
        async with server:
            outcome = await closed_loop(
                f"http://127.0.0.1:{port}",
                lambda: self._world.slack.command("buy for the bench"),
                at_once=16,
                seconds=self._effort.hello_s,
            )
        return outcome.per_second

    async def _hellos(self, hellos: Mapping[str, str], at_once: int) -> _Bare:
        """Load each; commands and clicks per second, by kind and who."""
        seconds = self._effort.hello_s
        bare: _Bare = {COMMAND: {}, CLICK: {}}
        for who, url in hellos.items():
            outcome = await self._commands(url, b"Hello", at_once=at_once, seconds=seconds)
            self._keep(Cell(who, COMMAND, at_once), Found(outcome, {}))
            bare[COMMAND][who] = outcome.per_second
            card = [Pending("some-id", "some-id:1", "1.000001")]
            [click] = self._world.slack.clicks(card, _A_CARD)
            clicks = itertools.repeat(click).__next__
            outcome = await closed_loop(url, clicks, at_once=at_once, seconds=seconds)
            self._keep(Cell(who, CLICK, at_once), Found(outcome, {}))
            bare[CLICK][who] = outcome.per_second
        return bare

    async def _bot(self, database: Database, at_once: int, bare: _Bare) -> None:
        """On a database of its own, for a workspace that buys thousands in a day is none."""
        async with self._world.bot(database) as bot:
            await self._commands(bot.url, _ACCEPTED, at_once=4, seconds=0.2)
            await self._drained(bot)
            await press_all(self._world, bot, self._effort.drain_s)
            await self._load(bot, at_once, bare)
        self._durability[database.name] = await asyncio.to_thread(database.check_durability)
        database.close()

    async def _load(self, bot: Bot, at_once: int, bare: _Bare) -> None:
        database, effort = bot.database, self._effort
        purchases, clicks = await database.accepted()
        began = time.monotonic()
        spent = processor_s(bot.child.pid)
        commands = bounded(self._world, effort.most)
        outcome = await closed_loop(
            bot.url, commands, at_once=at_once, seconds=effort.cell_s, expected=_ACCEPTED
        )
        carried = await self._carried(bot, outcome, bare[COMMAND], began, spent)
        now = await database.accepted()
        self._compare(now[0] - purchases, outcome)
        self._keep(Cell(database.name, COMMAND, at_once), carried)

        pending = await database.pending()
        requests = self._world.slack.clicks(pending, await self._card(pending))
        began, spent = time.monotonic(), processor_s(bot.child.pid)
        outcome = await closed_loop(
            bot.url, from_list(requests), at_once=at_once, seconds=effort.cell_s
        )
        carried = await self._carried(bot, outcome, bare[CLICK], began, spent)
        self._compare((await database.accepted())[1] - clicks, outcome)
        self._keep(Cell(database.name, CLICK, at_once), carried)

    async def _commands(
        self, url: str, expected: bytes, *, at_once: int, seconds: float
    ) -> Outcome:
        def one() -> bytes:
            return self._world.slack.command("buy for the bench")

        return await closed_loop(url, one, at_once=at_once, seconds=seconds, expected=expected)

    async def _carried(
        self, bot: Bot, outcome: Outcome, bare: Mapping[str, float], began: float, spent: float
    ) -> Found:
        """Wait until the bot has done it all."""
        done = await self._drained(bot)
        many = outcome.answered if done else 0
        spent = processor_s(bot.child.pid) - spent
        return Found(
            outcome,
            bare,
            carried_per_second=ratio(many, time.monotonic() - began) if done else float("nan"),
            processor_ms=1000 * ratio(spent, many),
        )

    async def _drained(self, bot: Bot) -> bool:
        """Wait until the bot has done all it has to, for a while; whether it has."""
        return await drained(bot, self._effort.drain_s)

    async def _card(self, pending: list[Pending]) -> dict[str, object]:
        return await self._world.simulators.message(pending[0].ts)

    def _compare(self, written: int, outcome: Outcome) -> None:
        if outcome.refused:
            raise LostOrInvented(f"not accepted: {outcome.refused[0]!r}")
        if written != outcome.answered:
            raise LostOrInvented(f"{outcome.answered} acknowledged, {written} written down")
        self._accepted += written

    def _keep(self, cell: Cell, found: Found) -> None:
        if found.outcome.refused:
            raise LostOrInvented(f"{cell}: {found.outcome.refused[0]!r}")
        self._found[cell].append(found)

    def _tell(self, result: Result, ceiling: float) -> None:
        for kind in (COMMAND, CLICK):
            rows = [
                row
                for at_once in self._effort.at_once
                for who in (DEFAULT, BEFORE, *self._durability)
                for row in [self._row(result, Cell(who, kind, at_once))]
            ]
            what = "`/line buy` accepted" if kind == COMMAND else "Clicks on Approve accepted"
            result.tables.append(
                Table(
                    f"1. {what}",
                    (
                        "at once, who",
                        "per second",
                        "p50 ms",
                        "p99 ms",
                        f"÷ {DEFAULT}",
                        "÷ hello, p.b.r.",
                        "carried through per second",
                        "processor ms of each",
                    ),
                    rows,
                    f"Accepted = committed: {self._accepted:,} acknowledged, as many rows written."
                    f" {'; '.join(f'{name}: {how}' for name, how in self._durability.items())}."
                    " Carried through: until all of them had their card (clicks: were bought and"
                    " reported). The processor's time is all of the bot's, accepting included."
                    f" The load by itself reaches {number(ceiling)} requests per second.",
                )
            )

    def _row(self, result: Result, cell: Cell) -> list[str]:
        found = self._found[cell]
        name = f"throughput/{cell.who}/{cell.kind}/{cell.at_once}"
        per_second = result.put(f"{name}/per_second", [f.outcome.per_second for f in found])
        p50 = result.put(f"{name}/p50_ms", [f.outcome.ms(0.5) for f in found])
        p99 = result.put(f"{name}/p99_ms", [f.outcome.ms(0.99) for f in found])
        row = [f"{cell.at_once}, {cell.who}", shown(per_second), shown(p50), shown(p99)]
        if cell.who in {DEFAULT, BEFORE}:
            return [*row, *[NOTHING] * 4]
        for who in (DEFAULT, BEFORE):
            values = [ratio(f.outcome.per_second, f.bare[who]) for f in found]
            row.append(shown(result.put(f"{name}/of {who}", values)))
        carried = [f.carried_per_second for f in found]
        row.append(shown(result.put(f"{name}/carried_per_second", carried)))
        spent = [f.processor_ms for f in found]
        return [*row, shown(result.put(f"{name}/processor_ms", spent))]


def bounded(world: World, most: int) -> Callable[[], bytes | None]:
    """So many commands, then None."""
    left = iter(range(most))
    return lambda: None if next(left, None) is None else world.slack.command("buy for the bench")


async def drained(bot: Bot, seconds: float) -> bool:
    """Wait until the bot has done all it has to; whether it has, within so long."""
    until = time.monotonic() + seconds
    while await bot.database.under_way():
        if time.monotonic() > until:
            return False
        await asyncio.sleep(_LOOKS_EVERY_S)
    return True


async def press_all(world: World, bot: Bot, seconds: float) -> None:
    """Approve whatever is pending, and wait until it is bought."""
    pending = await bot.database.pending()
    if pending:
        message = await world.simulators.message(pending[0].ts)
        requests = world.slack.clicks(pending, message)
        await closed_loop(bot.url, from_list(requests), at_once=16, seconds=seconds)
        await drained(bot, seconds)


_A_CARD = {
    "type": "message",
    "user": "U0DIALTONE",
    "text": "A line for $100.00 per month",
    "ts": "1790000000.000001",
    "blocks": [
        {"type": "section", "block_id": f"b{n}", "text": {"type": "mrkdwn", "text": "word " * 40}}
        for n in range(6)
    ]
    + [
        {
            "type": "actions",
            "block_id": "decide",
            "elements": [
                {
                    "type": "button",
                    "action_id": "purchase.approve",
                    "text": {"type": "plain_text", "text": "Approve"},
                    "value": "bench-id:1",
                }
            ],
        }
    ],
}
