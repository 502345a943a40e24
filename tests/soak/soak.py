"""Thousands of purchases on two replicas and one PostgreSQL, with everything going wrong.

    python -m tests.soak.soak [PURCHASES] [--seconds N]

Real bots in processes of their own, real HTTP with Slack's and both providers' simulators. Prints
what happened; the exit status is 1 when anything was lost or done twice, or a card is not true.
"""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.storage import upgrade
from tests.soak.database import Database, postgresql
from tests.soak.dice import Dice, throw_at
from tests.soak.disasters import Disasters
from tests.soak.market import Market
from tests.soak.people import AT_ONCE, People
from tests.soak.replicas import Replicas
from tests.soak.report import say_how_it_ended, say_what_happened, say_what_went_wrong
from tests.soak.verdict import judge
from tests.stories.office import Office

SETTLING_S = 180.0  # after the last command, at most, once with faults and once without
TICK_S = 0.2
TOLD_S = 10.0
OPEN_MOST = 160  # more would measure the backlog, not the bots


class Soak:
    """One run."""

    def __init__(
        self,
        office: Office,
        database: Database,
        dice: list[Dice],
        purchases: int,
        seconds: float,
    ) -> None:
        self._office = office
        self._database = database
        self._dice = dice
        self._deadline = time.monotonic() + seconds
        self._market = Market(office.sendblue, office.magpipe)
        self.people = People(office, self._market, purchases)
        self.replicas = Replicas(office, database.url)
        self._disasters = Disasters(self.replicas, database, purchases)
        self._open = 0

    async def run(self) -> None:
        """Ask, decide, let disasters happen; then let everything settle without more trouble."""
        for number in (0, 1):
            await self.replicas.start(number)
        self._office.slack._link = self.replicas
        by_the_way = (self._attend(), self._count(), self._tell())
        attending = [asyncio.create_task(each) for each in by_the_way]
        disasters = asyncio.create_task(self._disasters.run(lambda: self.people.asked))
        asking = [self.people.ask(self._may_go_on, self._is_over) for _ in range(AT_ONCE)]
        await asyncio.gather(*asking)
        if self._is_over():
            disasters.cancel()
        await asyncio.gather(disasters, return_exceptions=self._is_over())
        await self._quiet("requested", "pending", "approved", "confirming", "clicks")
        for dice in self._dice:
            dice.stop()
        await self._quiet()
        for each in attending:
            each.cancel()
        await asyncio.gather(self.people.go_home(), *attending, return_exceptions=True)

    def _may_go_on(self) -> bool:
        """People wait for their cards before they ask for more."""
        return self.people.asked < self._disasters.limit and self._open < OPEN_MOST

    def _is_over(self) -> bool:
        return time.monotonic() > self._deadline

    async def _attend(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._office.catch_up()  # the bots go by the real clock
            self._market.turn()
            self.people.decide()

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._open = await self._database.open_purchases()

    async def _tell(self) -> None:
        """For whoever waits for the end."""
        began = time.monotonic()
        while True:
            await asyncio.sleep(TOLD_S)
            under_way = await self._database.under_way()
            seconds = time.monotonic() - began
            print(f"{seconds:.0f} s, {self.people.asked} asked for, {under_way}", file=sys.stderr)

    async def _quiet(self, *names: str) -> None:
        """Until nothing is owed but an answer by a person; with names, none of those."""
        deadline = time.monotonic() + SETTLING_S
        while time.monotonic() < deadline:
            under_way = await self._database.under_way()
            if not (under_way.keys() & names if names else under_way):
                return
            await asyncio.sleep(1)


@asynccontextmanager
async def _office() -> AsyncIterator[tuple[Office, list[Dice]]]:
    folder = Path(tempfile.mkdtemp(prefix="dialtone-soak-"))
    office = Office(folder)
    dice = throw_at(office)
    await office.start()
    try:
        yield office, dice
    finally:
        await office.close()
        shutil.rmtree(folder, ignore_errors=True)


async def soak(purchases: int, seconds: float) -> bool:
    """Run and report; whether nothing was lost, nothing done twice, and every card is true."""
    with postgresql() as database:
        await asyncio.to_thread(upgrade, database.url)
        async with _office() as (office, dice):
            run = Soak(office, database, dice, purchases, seconds)
            began = time.monotonic()
            try:
                await run.run()
            finally:
                await run.replicas.close()
            say_what_happened(run.people, run.replicas, database, time.monotonic() - began)
            say_what_went_wrong(dice, run.replicas)
            verdict = await judge(office, database, run.people)
            await database.close()
            say_how_it_ended(office, verdict)
    return verdict.is_good


def _is_news(record: logging.LogRecord) -> bool:
    """A client that died while it was asking is none."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionResetError))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("purchases", nargs="?", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=900, help="no new purchase after that")
    given = parser.parse_args()
    logging.getLogger("aiohttp.server").addFilter(_is_news)
    return 0 if asyncio.run(soak(given.purchases, given.seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())
