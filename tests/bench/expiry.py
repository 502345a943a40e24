"""Part 3, deadlines: how late a purchase expires, with few and with a great many others pending.

Late is counted to the move in the database, by the instant in its audit; the cards are painted at
Slack's pace. The deadlines lie close together: 25 in a second, at uneven distances.
"""

import asyncio
import time
from datetime import UTC, datetime

from bot.sandbox.slack.people import PHONES
from tests.bench.databases import Database
from tests.bench.effort import Effort
from tests.bench.figures import quantile
from tests.bench.filling import Batch, Filler, others_waiting
from tests.bench.report import Result, Table, number
from tests.bench.seeds import seeds
from tests.bench.throughput import drained
from tests.bench.world import World

FEW = 100
FIRST_IN_S = 4.0  # the bot has looked at what is due since
_APART_US = 40_000
_UNEVEN_US = 30_000
_PATIENCE_S = 15.0
_SETTLES_S = 10.0
_LATE = (
    "SELECT audit.at - expires_at FROM audit JOIN purchases ON purchases.id = purchase_id"
    " WHERE to_status = 'expired'"
)


async def expiry(world: World, effort: Effort) -> Result:
    """Both databases, with few and with many pending."""
    result, rows = Result(), []
    for each in effort.databases:
        for size in (FEW, effort.waiting_many):
            database = await world.database(each)
            try:
                late = await _expired(world, database, size, effort.expiring)
            except TimeoutError:  # it never became ready
                late = []
            database.close()
            name = f"expiry/{database.name}/{'few' if size == FEW else 'many'}"
            result.put(f"{name}/expired", [len(late)])
            row = [f"{size:,} pending, {database.name}", str(len(late))]
            for share in (0.5, 0.99, 1.0):
                value = quantile(late, share)
                result.put(f"{name}/p{100 * share:.0f}_ms", [value])
                row.append(number(value))
            rows.append(row)
    result.tables.append(
        Table(
            "3. Lateness of expiry, to the move in the database",
            ("others pending", "expired", "p50 ms", "p99 ms", "latest ms"),
            rows,
            f"{effort.expiring} deadlines, {1_000_000 // _APART_US} in a second; watched for"
            f" {_PATIENCE_S:.0f} s after the last one.",
        )
    )
    return result


async def _expired(world: World, database: Database, size: int, expiring: int) -> list[float]:
    """How late each of them was, in milliseconds; those that never expired are left out."""
    found = await seeds(world, database)
    differing = others_waiting(database, size + expiring)
    await Filler(database).copy(
        Batch(found.pending, (1, size), {**differing, "preview_token": "'other-' || n"}),
        Batch(
            found.pending,
            (size + 1, size + expiring),
            {**differing, "preview_token": "'due-' || n"},
        ),
    )
    await asyncio.to_thread(database.analyze)
    numbers = range(size + 1, size + expiring + 1)
    cards = [[PHONES, f"{n}.000001", "a card"] for n in numbers]
    await world.simulators.change(messages=cards)
    async with world.bot(database) as bot:
        await drained(bot, _SETTLES_S)
        first = int((datetime.now(UTC).timestamp() + FIRST_IN_S) * 1_000_000)
        # The number of a card tells the purchases apart.
        number_of = f"(CAST(substr(preview_token, 5) AS BIGINT) - {size})"
        at = f"{first} + {number_of} * {_APART_US} + {number_of} * 7919 % {_UNEVEN_US}"
        await asyncio.to_thread(
            database.execute,
            f"UPDATE purchases SET expires_at = {at}, due_at = {at}"  # noqa: S608 numbers
            " WHERE preview_token LIKE 'due-%'",
        )
        until = time.monotonic() + FIRST_IN_S + expiring * _APART_US / 1e6 + _PATIENCE_S
        late: list[float] = []
        while len(late) < expiring and time.monotonic() < until:
            await asyncio.sleep(0.5)
            late = [us / 1000 for (us,) in await asyncio.to_thread(database.rows, _LATE)]
        return late
