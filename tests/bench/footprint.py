"""Part 4: how long a start takes, and how much memory the bot needs."""

import asyncio
import signal
import time
from pathlib import Path

from bot.sandbox.sendblue import CONFIRM
from bot.sandbox.slack.people import PHONES
from tests.bench.databases import Database
from tests.bench.effort import Effort
from tests.bench.filling import Batch, Filler, others_waiting
from tests.bench.load import closed_loop
from tests.bench.payloads import from_list
from tests.bench.processes import python, resident_mb
from tests.bench.report import Result, Table, number, shown
from tests.bench.seeds import seeds
from tests.bench.throughput import drained, press_all
from tests.bench.world import World, free_port

_AT_A_TIME = 64
_SETTLES_S = 2.0
_PATIENCE_S = 60.0
HELD_S = 60.0
ASKED_FOR = 1_000  # of these the target speaks


async def footprint(world: World, effort: Effort) -> Result:
    result = Result()
    await _starts(world, effort, result)
    rows = await _working(world, effort, result)
    rows.append(await _waiting(world, effort, result))
    result.tables.append(Table("4. Memory (RSS)", ("when", "MB"), rows))
    return result


async def _starts(world: World, effort: Effort, result: Result) -> None:
    """From exec to /readyz, in turns: a new file, a file that is there, PostgreSQL."""
    old, postgresql = world.sqlite(), await world.database("postgresql")
    took: dict[str, list[float]] = {}
    for turn in range(effort.starts + 1):
        new = world.sqlite()
        cases = {"SQLite, new": new, "SQLite": old, "PostgreSQL": postgresql}
        for name, database in cases.items():
            seconds = await _start(world, database)
            if turn or effort.starts == 1:  # the first one read the modules from the disk
                took.setdefault(name, []).append(seconds)
        new.close()
    old.close()
    postgresql.close()
    rows = [[name, shown(result.put(f"start/{name}/s", seconds))] for name, seconds in took.items()]
    result.tables.append(
        Table("4. From the start of the process to /readyz", ("database", "seconds"), rows)
    )


async def _start(world: World, database: Database) -> float:
    port = free_port()
    log = Path(world.folder, f"start-{port}.log")
    environment = world.environment(database, port)
    began = time.monotonic()
    async with python(
        ["-m", "bot", "run"],
        world.cores.server,
        environment=environment,
        folder=world.folder,
        log=log,
    ) as child:
        await world.ready(f"http://127.0.0.1:{port}", child, log)
        return time.monotonic() - began


async def _working(world: World, effort: Effort, result: Result) -> list[list[str]]:
    """Idle, and after purchases from the command to the report, as many as there is time for."""
    database = world.sqlite()
    async with world.bot(database) as bot:
        await drained(bot, _PATIENCE_S)
        await asyncio.sleep(_SETTLES_S)
        idle = resident_mb(bot.child.pid)
        until = time.monotonic() + effort.carried_s
        done = 0
        while done < effort.carried and time.monotonic() < until:
            some = [world.slack.command("buy for the bench") for _ in range(_AT_A_TIME)]
            await closed_loop(bot.url, from_list(some), at_once=16, seconds=_PATIENCE_S)
            await drained(bot, _PATIENCE_S)
            await press_all(world, bot, _PATIENCE_S)
            done += _AT_A_TIME
        after = resident_mb(bot.child.pid)
    database.close()
    result.put("memory/idle_mb", [idle])
    result.put("memory/after_mb", [after])
    result.put("memory/after_purchases", [done])
    of = "" if done >= effort.carried else f" (of {effort.carried:,}: time was up)"
    return [
        ["idle, two seconds after the start", number(idle)],
        [f"after {done:,} purchases, command to report{of}", number(after)],
    ]


async def _waiting(world: World, effort: Effort, result: Result) -> list[str]:
    """With so many confirms that the provider has not answered yet. It would take a minute for
    each; they are let go when all are there and memory was looked at."""
    many, database = effort.confirms, world.sqlite()
    found = await seeds(world, database)
    await Filler(database).copy(
        Batch(
            found.pending,
            (1, many),
            {**others_waiting(database, many), "preview_token": "'held-' || n"},
        ),
    )
    numbers = range(1, many + 1)
    await world.simulators.change(
        tokens=[f"held-{n}" for n in numbers],
        messages=[[PHONES, f"{n}.000001", "a card"] for n in numbers],
    )
    async with world.bot(database, CONFIRMS_AT_ONCE=str(many)) as bot:
        pending = [each for each in await database.pending() if each.ts.endswith(".000001")]
        original = next(e for e in await database.pending() if e.purchase_id == found.pending)
        message = await world.simulators.message(original.ts)
        await world.simulators.change(delays={CONFIRM: HELD_S})
        clicks = world.slack.clicks(pending, message)
        began = time.monotonic()
        await closed_loop(bot.url, from_list(clicks), at_once=16, seconds=_PATIENCE_S)
        waiting = most = 0
        high = 0.0
        while waiting < many and time.monotonic() < began + HELD_S - 1:
            await asyncio.sleep(0.1)
            waiting = int((await world.simulators.look())["in_flight"].get(CONFIRM, 0))
            most = max(most, waiting)
            high = max(high, resident_mb(bot.child.pid))
        reached_s = time.monotonic() - began
        await asyncio.sleep(_SETTLES_S)
        resident = resident_mb(bot.child.pid)
        await bot.child.end(signal.SIGKILL)  # what becomes of them is measured elsewhere
        await world.simulators.change(release=True)
    database.close()
    if most >= ASKED_FOR:
        result.put("memory/confirms_mb", [max(resident, high)])
    result.put("memory/confirms_waiting", [most])
    waited = f"with {most:,} confirms waiting (CONFIRMS_AT_ONCE={many})"
    return [f"{waited}, all out after {number(reached_s)} s", number(max(resident, high))]
