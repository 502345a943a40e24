"""Thousands of purchases on two replicas and one PostgreSQL, with everything going wrong.

    python -m tests.soak.soak [PURCHASES] [--seconds N]

Real bots in processes of their own, real HTTP with Slack's and Sendblue's simulators. Prints what
happened; the exit status is 1 when anything was lost or done twice.
"""

import argparse
import asyncio
import itertools
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psycopg

from bot.sandbox.slack.delivery import Answer, Delivery, HttpLink, Retry
from bot.sandbox.slack.people import MORGAN, RILEY
from bot.sandbox.slack.workspace import Message
from bot.storage import open_store, upgrade
from tests.soak.dice import SENDBLUE, SLACK, Dice
from tests.soak.servers import free_port, postgresql
from tests.stories.bot_process import BotProcess
from tests.stories.office import Office, buttons

RATE = 0.05  # of purchases meet each kind of fault
SLACK_CALLS = 4  # per purchase, roughly: what Slack's share of the rate is spread over
KILLS = 10  # spread evenly over the run
AT_ONCE = 40  # people typing at the same time
SETTLING_S = 120.0  # after the last command
KEPT_LINES = 60  # the account lets old lines go, or every look-up would read thousands


class Replicas:
    """Two bots, one of which is killed now and then; Slack goes to whichever is next."""

    def __init__(self, office: Office, database: str) -> None:
        self._office = office
        self._database = database
        self._ports = [free_port(), free_port()]
        self._links = [
            HttpLink(f"http://127.0.0.1:{port}/slack/events", office.slack.state.signing_secret)
            for port in self._ports
        ]
        self._next = itertools.count()
        self._bots: dict[int, BotProcess] = {}
        self.kills = 0

    async def start(self, number: int) -> None:
        environment = self._office.environment(
            DATABASE_URL=self._database,
            PORT=str(self._ports[number]),
            LOG_LEVEL="CRITICAL",
            CONFIRMS_AT_ONCE="30",
        )
        self._bots[number] = BotProcess(environment, self._office.folder)
        await self._bots[number].start()
        address = f"http://127.0.0.1:{self._ports[number]}/healthz"
        async with asyncio.timeout(60), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(address) as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """SIGKILL one of them, and start it anew."""
        number = self.kills % 2
        self.kills += 1
        self._bots[number].kill()
        await self._bots[number].close()
        await self.start(number)

    async def send(self, delivery: Delivery, retry: Retry | None, limit: float) -> Answer:
        """Slack's way to one of them."""
        link = self._links[next(self._next) % 2]
        return await link.send(delivery, retry, limit)

    async def close(self) -> None:
        for bot in self._bots.values():
            await bot.close()


class Soak:
    """One run."""

    def __init__(self, office: Office, database: str, purchases: int, seconds: float) -> None:
        self._office = office
        self._database = database
        self._wanted = purchases
        self._deadline = time.monotonic() + seconds
        self.replicas = Replicas(office, database)
        self.accepted: set[str] = set()
        self.refused_by_http = 0
        self._read = 0
        self._without_card = 0
        self._clicks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Ask, approve, kill; then let everything settle without further trouble."""
        for number in (0, 1):
            await self.replicas.start(number)
        self._office.slack._link = self.replicas
        approving = asyncio.create_task(self._approve())
        killing = asyncio.create_task(self._kill())
        people = itertools.count()
        await asyncio.gather(*(self._ask(people) for _ in range(AT_ONCE)))
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
        await self._quiet(SETTLING_S, "requested", "pending", "approved", "confirming", "clicks")
        self._office.sendblue.faults.stop()  # type: ignore[attr-defined] # they are Dice here
        self._office.slack.faults.stop()  # type: ignore[attr-defined] # the same
        await self._quiet(SETTLING_S)
        approving.cancel()
        await asyncio.gather(approving, *self._clicks, return_exceptions=True)

    async def _ask(self, people: Iterator[int]) -> None:
        while next(people) < self._wanted and time.monotonic() < self._deadline:
            while self._without_card > AT_ONCE * 4:
                await asyncio.sleep(0.05)  # people wait for cards, too
                if time.monotonic() > self._deadline:
                    return
            while not (answer := await self._office.buy("buy a line")).ok:
                self.refused_by_http += 1  # as when a replica has just been killed
                await asyncio.sleep(0.2)
            self.accepted.add(answer.body["text"].split("`")[1])

    async def _approve(self) -> None:
        """Morgan approves what she sees; now and then Riley cancels, or nobody does anything."""
        posts = self._office.slack.workspace.posts
        chance = random.Random(1)  # noqa: S311 chance, not secrecy
        while True:
            await asyncio.sleep(0.2)
            self._office.catch_up()  # the bots go by the real clock
            self._without_card = self.under_way().get("requested", 0)
            while self._read < len(posts):
                card = posts[self._read]
                self._read += 1
                if "Approve" not in buttons(card):
                    continue
                del self._office.sendblue.lines[:-KEPT_LINES]
                by = ("Cancel", RILEY) if chance.random() < 0.05 else ("Approve", MORGAN)
                click = asyncio.create_task(self._press(card, *by))
                self._clicks.add(click)
                click.add_done_callback(self._clicks.discard)

    async def _press(self, card: Message, button: str, user: str) -> None:
        for _ in range(20):
            try:
                answer = await self._office.slack.click(card, button, user=user)
            except LookupError:  # the card has moved on meanwhile
                return
            if answer.ok:
                return
            await asyncio.sleep(1)

    async def _kill(self) -> None:
        for each in range(KILLS):
            while len(self.accepted) < self._wanted * (each + 1) / (KILLS + 1):  # noqa: ASYNC110 no hurry
                await asyncio.sleep(0.1)
            await self.replicas.kill()

    async def _quiet(self, seconds: float, *names: str) -> None:
        """Until nothing is owed but an answer by a person; with names, none of those."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            under_way = self.under_way()
            if not (under_way.keys() & names if names else under_way):
                return
            await asyncio.sleep(1)

    def under_way(self) -> dict[str, int]:
        """What is not at an end: purchases by status, cards and messages."""
        with psycopg.connect(self._database) as connection:
            found = connection.execute(
                "SELECT status, count(*) FROM purchases WHERE closed_at IS NULL"
                " AND status NOT IN ('unknown', 'charged') GROUP BY status"
                " UNION ALL SELECT 'cards', count(*) FROM cards JOIN purchases p"
                " ON p.id = purchase_id WHERE drawn_version < p.version"
                " UNION ALL SELECT 'owed', count(*) FROM owed WHERE due_at IS NOT NULL"
                " UNION ALL SELECT 'clicks', count(*) FROM decisions WHERE judged_at IS NULL"
            ).fetchall()
        return {name: count for name, count in found if count}

    async def violations(self) -> tuple[Counter[str], list[str], list[str]]:
        """Final statuses, what was done twice, what was lost."""
        sendblue = self._office.sendblue
        with psycopg.connect(self._database) as connection:
            rows = connection.execute("SELECT id, code, status, number FROM purchases").fetchall()
            sent = connection.execute(
                "SELECT purchase_id FROM audit WHERE to_status = 'confirming'"
            ).fetchall()
        twice = [f"confirm of …{t[-4:]}" for t, n in sendblue.confirms_received.items() if n > 1]
        twice += [f"sent {each}" for (each,), n in Counter(sent).items() if n > 1]
        numbers = Counter(row[3] for row in rows if row[3])
        twice += [f"number {number}" for number, count in numbers.items() if count > 1]
        charged = {charge.phone_number for charge in sendblue.ledger}
        if len(charged) != len(sendblue.ledger):
            twice.append("a number was charged twice")
        statuses = Counter(row[2] for row in rows)
        lost = [f"command {code}" for code in self.accepted - {row[1] for row in rows}]
        lost += [f"{count} of {name}" for name, count in self.under_way().items()]
        lost += [f"number {number} was never charged" for number in set(numbers) - charged]
        unexplained = len(charged - set(numbers)) - statuses["unknown"] - statuses["charged"]
        if unexplained > 0:
            lost.append(f"{unexplained} charges that no purchase knows of")
        store = await open_store(self._database)
        try:
            for row in rows:
                await store.verify(row[0])
        finally:
            await store.close()
        return statuses, twice, lost


@asynccontextmanager
async def office_with_dice() -> AsyncIterator[Office]:
    """Slack and Sendblue with faults by chance, and enough to sell."""
    folder = Path(tempfile.mkdtemp(prefix="dialtone-soak-"))
    office = Office(folder)
    office.slack.faults = Dice("slack", SLACK, RATE / SLACK_CALLS, seed=2, base="/api/")
    sendblue = office.sendblue
    sendblue.faults = Dice("sendblue", SENDBLUE, RATE, seed=3)
    sendblue.daily_limit = sendblue.monthly_limit = 1_000_000
    sendblue.stock = [
        f"+1{area}{exchange}{line:04d}"
        for area in (212, 303, 415)
        for exchange in (220, 330, 440, 550)
        for line in range(10_000)
    ]
    await office.start()
    try:
        yield office
    finally:
        await office.close()
        shutil.rmtree(folder, ignore_errors=True)


async def soak(purchases: int, seconds: float) -> bool:
    """Run and report; whether nothing was lost and nothing done twice."""
    with postgresql() as database:
        await asyncio.to_thread(upgrade, database)
        async with office_with_dice() as office:
            run = Soak(office, database, purchases, seconds)
            began = time.monotonic()
            try:
                await run.run()
            finally:
                await run.replicas.close()
            statuses, twice, lost = await run.violations()
            _report(office, run, statuses, time.monotonic() - began)
    for what, found in (("duplicates", twice), ("losses", lost)):
        print(f"{what}: {len(found)}", *found[:10], sep="\n  ")
    return not twice and not lost


def _report(office: Office, run: Soak, statuses: Counter[str], seconds: float) -> None:
    print(f"purchases: {len(run.accepted)} accepted, {run.refused_by_http} commands not accepted")
    print(f"seconds: {seconds:.0f}, {len(run.accepted) / seconds:.1f} purchases per second")
    print(f"replicas killed: {run.replicas.kills}")
    print(f"charges: {len(office.sendblue.ledger)}")
    print("faults injected:")
    for dice in (office.sendblue.faults, office.slack.faults):
        for kind, count in sorted(dice.injected.items()):  # type: ignore[attr-defined] # Dice
            print(f"  {kind}: {count}")
    print("statuses:")
    for status, count in statuses.most_common():
        print(f"  {status}: {count}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("purchases", nargs="?", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=600, help="no new purchase after that")
    given = parser.parse_args()
    return 0 if asyncio.run(soak(given.purchases, given.seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())
