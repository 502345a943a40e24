"""Real purchases, of which the benchmark makes thousands: one that waits, and two that are over."""

import asyncio
from dataclasses import dataclass

from tests.bench.databases import Database
from tests.bench.load import closed_loop
from tests.bench.payloads import STAFF, from_list
from tests.bench.throughput import drained
from tests.bench.world import Bot, World

_WITHIN_S = 20.0


@dataclass(frozen=True)
class Seeds:
    """Ids of purchases; `ts` is the card's that waits."""

    pending: str
    bought: str
    cancelled: str


async def seeds(world: World, database: Database) -> Seeds:
    """Let a bot buy one, cancel one and leave one."""
    async with world.bot(database) as bot:
        bought = await _asked_for(world, bot)
        message = await world.simulators.message((await database.pending())[0].ts)
        await _send(bot, *world.slack.clicks(await database.pending(), message))
        cancelled = await _asked_for(world, bot)
        [(code,)] = await _rows(database, f"SELECT code FROM purchases WHERE id = '{cancelled}'")  # noqa: S608 our own id
        await _send(bot, world.slack.command(f"cancel {code} not needed", STAFF[1]))
        pending = await _asked_for(world, bot)
    return Seeds(pending, bought, cancelled)


async def _asked_for(world: World, bot: Bot) -> str:
    await _send(bot, world.slack.command("buy new desk in Denver", STAFF[1]))
    [(found,)] = await _rows(bot.database, "SELECT id FROM purchases WHERE status = 'pending'")
    return str(found)


async def _send(bot: Bot, *requests: bytes) -> None:
    await closed_loop(bot.url, from_list(list(requests)), at_once=1, seconds=_WITHIN_S)
    await drained(bot, _WITHIN_S)


async def _rows(database: Database, question: str) -> list[tuple[str, ...]]:
    return await asyncio.to_thread(database.rows, question)
