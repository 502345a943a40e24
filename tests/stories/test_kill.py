"""kill -9 at any point, and SIGTERM with money in flight: a real process, killed for real."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from bot.domain.purchase import Purchase, Status
from bot.ports import Filter
from bot.sandbox.sendblue import CONFIRM, LINES_STATE
from bot.sandbox.slack.delivery import Answer
from bot.sandbox.slack.people import MORGAN
from bot.sandbox.slack.workspace import Message
from bot.storage import open_store
from tests.stories.bot_process import BotProcess
from tests.stories.killed_bot import Death
from tests.stories.office import Office, buttons, drawn, office_at

WITHIN_S = 15  # after a restart every purchase has moved on, or says where it stands
_BOUGHT = ("Bought:",)
_SAYS_WHERE_IT_STANDS = (*_BOUGHT, "Not known:", "Not bought:", "Charged")
_SETTLED = {Status.PROVISIONED, Status.UNKNOWN, Status.FAILED, Status.CHARGED}


class Watched:
    """A bot that is started again when it has died, and dies no more when `deaths` are used up."""

    def __init__(self, office: Office, deaths: Sequence[Death]) -> None:
        self._office = office
        self._deaths = deaths
        self.processes: list[BotProcess] = []
        self.died_at: list[str] = []

    @property
    def process(self) -> BotProcess:
        return self.processes[-1]

    async def start(self) -> None:
        """Start it, and again if it dies while starting."""
        starts, office = len(self.processes), self._office
        death = self._deaths[starts] if starts < len(self._deaths) else None
        self.processes.append(BotProcess(office.environment(), office.folder, death=death))
        await self.process.start()
        started = await self.process.says("started")
        if started is None:
            await self.again()
        else:
            office.slack.deliver_to(f"{started['url']}/slack/events")

    async def again(self) -> None:
        """It has died: note where, and start it anew."""
        assert await self.process.ended() < 0, self.process.said
        killed = await self.process.says("killed")
        assert killed is not None, self.process.said
        self.died_at.append(killed["at"])
        await self.start()

    async def insist(self, act: Callable[[], Awaitable[Answer]]) -> Answer:
        """What a person does: if Slack says that it did not work, do it again in a while."""
        while not (answer := await act()).ok:
            await self.again()
        return answer

    async def wait_for(self, seen: Callable[[], list[Message] | None]) -> list[Message]:
        """Wait for something to be seen in Slack, also across its deaths."""
        while True:
            waiting = asyncio.create_task(self._office.until(seen, WITHIN_S))
            dying = asyncio.create_task(self.process.ended(WITHIN_S * 2))
            try:
                await asyncio.wait({waiting, dying}, return_when=asyncio.FIRST_COMPLETED)
                if waiting.done():
                    return waiting.result()
            finally:
                waiting.cancel()
                dying.cancel()
                await asyncio.gather(waiting, dying, return_exceptions=True)
            await self.again()

    async def stop(self) -> None:
        """As an operator does; it may be killed even then."""
        self.process.terminate()
        if await self.process.ended() != 0:
            await self.again()
            await self.stop()

    async def close(self) -> None:
        for process in self.processes:
            await process.close()


@asynccontextmanager
async def watched(office: Office, deaths: Sequence[Death]) -> AsyncIterator[Watched]:
    bot = Watched(office, deaths)
    try:
        await bot.start()
        yield bot
    finally:
        await bot.close()


async def live_through(office: Office, *deaths: Death) -> list[str]:
    """One purchase, with the bot dying on the way, once in each process; where it died."""
    async with watched(office, deaths) as bot:
        accepted = await bot.insist(office.buy)
        code = accepted.body["text"].split("`")[1]
        pressed: set[str] = set()
        # Where the command was typed once, nothing else can have taken a line that was charged.
        is_alone = len(office.slack.deliveries) == 1

        def due() -> list[Message]:
            return [m for m in office.cards() if "Approve" in buttons(m) and m.ts not in pressed]

        def over() -> list[Message]:
            """Every card, and a report beside them."""
            cards = [m for m in office.cards() if m.ts in pressed]
            found = is_alone and office.sendblue.ledger
            ends = _BOUGHT if found else _SAYS_WHERE_IT_STANDS
            is_over = all(drawn(m).startswith(ends) for m in cards)
            return cards if is_over and len(office.cards()) > len(cards) else []

        # A post whose answer was lost, a command typed again: there may be more than one card.
        while cards := [m for m in await bot.wait_for(lambda: due() or over()) if m in due()]:
            for card in cards:
                pressed.add(card.ts)
                await bot.insist(partial(office.press, card, "Approve", MORGAN))
        await bot.stop()
        await check(office, code, is_alone=is_alone)
        return bot.died_at


async def check(office: Office, accepted: str, *, is_alone: bool) -> None:
    """Money moved once at most, and everything that was accepted has ended or says so."""
    stored = await written_down(office)
    assert accepted in {purchase.code for purchase in stored}
    assert {purchase.status for purchase in stored} <= _SETTLED
    assert set(office.sendblue.confirms_received.values()) <= {1}
    assert sum(office.sendblue.confirms_received.values()) <= len(stored)
    charged = Counter(charge.phone_number for charge in office.sendblue.ledger)
    known = Counter(purchase.number for purchase in stored if purchase.number)
    assert known <= charged
    if is_alone:
        assert len(stored) == 1
        assert known == charged


async def written_down(office: Office) -> list[Purchase]:
    """The purchases as the file has them; the audit verified."""
    store = await open_store(office.environment()["DATABASE_URL"], read_only=True)
    try:
        found = await store.list_purchases(Filter(limit=100))
        for purchase in found:
            await store.verify(purchase.id)
        return found
    finally:
        await store.close()


@pytest.mark.parametrize(
    "death",
    [
        Death(5, since=f"after {LINES_STATE}"),
        Death(1, since=f"before {CONFIRM}"),
        Death(1, since=f"after {CONFIRM}"),
        Death(3, since=f"after {CONFIRM}"),
    ],
    ids=str,
)
async def test_killed_around_the_confirm(office: Office, death: Death) -> None:
    assert len(await live_through(office, death)) == 1


async def every_point(folder: Path, *first: Death) -> list[str]:
    """Die at every point in turn, in the process after those of `first`; the points survived."""
    survived: list[str] = []
    while True:
        number = len(survived) + 1
        (folder / str(number)).mkdir()
        async with office_at(folder / str(number)) as office:
            try:
                died_at = await live_through(office, *first, Death(number))
            except BaseException as error:
                error.add_note(f"killed at point {number}, after {survived}")
                raise
        if len(died_at) <= len(first):
            return survived
        survived.append(died_at[-1])


@pytest.mark.slow
async def test_killed_at_every_point_from_the_first_start_to_the_end(tmp_path: Path) -> None:
    survived = await every_point(tmp_path)
    print(f"survived {len(survived)} points: {survived}")  # noqa: T201  for whoever runs make crash
    # What runs side by side is not always passed in the same order, so not every name is met.
    assert {f"before {CONFIRM}", f"after {CONFIRM}"} & set(survived)
    assert survived.count("after a commit") > 10


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_again_at_every_point_of_getting_over_it(tmp_path: Path, when: str) -> None:
    survived = await every_point(tmp_path, Death(1, since=f"{when} {CONFIRM}"))
    print(f"survived {len(survived)} points: {survived}")  # noqa: T201  the same
    assert survived.count("after a commit") > 3
