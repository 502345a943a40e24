"""Part 5: one replica and two on one PostgreSQL. The load is split in two."""

import asyncio
import time
from collections import defaultdict
from contextlib import AsyncExitStack

from tests.bench.effort import Effort
from tests.bench.figures import ratio
from tests.bench.load import Outcome, closed_loop
from tests.bench.report import Result, Table, shown
from tests.bench.throughput import LostOrInvented, bounded, drained
from tests.bench.world import World

AT_ONCE = (64,)


async def replicas(world: World, effort: Effort) -> Result:
    """In turns, each time on an empty database."""
    accepted: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    carried: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    for _ in range(effort.replica_rounds):
        for at_once in AT_ONCE:
            for many in (1, 2):
                outcome, per_second = await _load(world, effort, many, at_once)
                accepted[many, at_once].append(outcome)
                carried[many, at_once].append(per_second)
    result, rows = Result(), []
    for at_once in AT_ONCE:
        row = [str(at_once)]
        for what, found in (("accepted", accepted), ("carried", carried)):
            for many in (1, 2):
                name = f"replicas/{many}/{at_once}/{what}_per_second"
                row.append(shown(result.put(name, found[many, at_once])))
            times = [
                ratio(two, one)
                for one, two in zip(found[1, at_once], found[2, at_once], strict=True)
            ]
            row.append(shown(result.put(f"replicas/{at_once}/{what}_times", times)))
        rows.append(row)
    result.tables.append(
        Table(
            "5. One and two replicas on one PostgreSQL, `/line buy`",
            (
                "at once",
                "accepted/s, one",
                "two",
                "times",
                "carried through/s, one",
                "two",
                "times",
            ),
            rows,
            _note(world),
        )
    )
    return result


def _note(world: World) -> str:
    cores = world.cores
    if cores.second & (cores.load | cores.others):
        return (
            "There are too few cores: the second replica shares one with PostgreSQL, the load and"
            " the simulators, so the second column says what two replicas cost here, not what two"
            " machines would carry."
        )
    return "Each replica on a core of its own."


async def _load(world: World, effort: Effort, many: int, at_once: int) -> tuple[float, float]:
    """Accepted per second, and carried through to the card per second."""
    database = await world.database("postgresql")
    async with AsyncExitStack() as stack:
        places = (world.cores.server, world.cores.second)[:many]
        bots = [await stack.enter_async_context(world.bot(database, place)) for place in places]
        before, _ = await database.accepted()
        began = time.monotonic()
        outcomes: list[Outcome] = await asyncio.gather(
            *(
                closed_loop(
                    bot.url,
                    bounded(world, effort.most // many),
                    at_once=at_once // many,
                    seconds=effort.replica_s,
                    expected=b"`",
                )
                for bot in bots
            )
        )
        is_done = await drained(bots[0], effort.drain_s)
        seconds = time.monotonic() - began
        written = (await database.accepted())[0] - before
    database.close()
    acknowledged = sum(outcome.answered for outcome in outcomes)
    if written != acknowledged or any(outcome.refused for outcome in outcomes):
        raise LostOrInvented(f"{acknowledged} acknowledged, {written} written down")
    rate = sum(outcome.per_second for outcome in outcomes)
    return rate, acknowledged / seconds if is_done else float("nan")
