"""One purchase through a bot that is killed on the way and started again; and a walk over every
point at which it can be killed."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bot.domain.purchase import Purchase, Status
from bot.ports import Filter
from bot.sandbox.slack.delivery import Answer
from bot.sandbox.slack.people import MORGAN
from bot.sandbox.slack.workspace import Message
from bot.storage import open_store
from tests.stories.bot_process import BotProcess
from tests.stories.killed_bot import Death
from tests.stories.office import Office, buttons, drawn

WITHIN_S = 15  # after a restart every purchase has moved on, or says where it stands
_BOUGHT = ("Bought:",)
_SAYS_WHERE_IT_STANDS = (*_BOUGHT, "Not known:", "Not bought:", "Charged")
_TO_COME = {Status.REQUESTED, Status.PENDING}
_SETTLED = {Status.PROVISIONED, Status.UNKNOWN, Status.FAILED, Status.CHARGED}

NewOffice = Callable[[str], AbstractAsyncContextManager[Office]]
"""An office with a database of its own; the argument is its name."""


@dataclass(frozen=True)
class Errand:
    """What somebody types, and what the provider counts of it.

    `is_chosen`: the number is named beforehand, so that what was charged is recognised whatever
    else happens, and a command typed twice is one purchase.
    """

    ask: Callable[[Office], Awaitable[Answer]]
    confirms: Callable[[Office], Counter[str]]  # requests that spend money, by what was asked for
    charged: Callable[[Office], Iterable[str]]  # numbers
    is_chosen: bool = False


class Watched:
    """A bot that is started again when it has died, and dies no more when `deaths` are used up."""

    def __init__(self, office: Office, deaths: Sequence[Death], within_s: float) -> None:
        self._office = office
        self._deaths = deaths
        self._within_s = within_s
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
            waiting = asyncio.create_task(self._office.until(seen, self._within_s))
            dying = asyncio.create_task(self.process.ended(self._within_s * 2))
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
async def watched(
    office: Office, deaths: Sequence[Death] = (), within_s: float = WITHIN_S
) -> AsyncIterator[Watched]:
    bot = Watched(office, deaths, within_s)
    try:
        await bot.start()
        yield bot
    finally:
        await bot.close()


@dataclass(frozen=True)
class Lived:
    """Where it died, in order; and the points that each process passed, as its `Death` has them."""

    died_at: list[str]
    passed: list[list[str]]


async def live_through(
    office: Office, errand: Errand, *deaths: Death, within_s: float = WITHIN_S
) -> Lived:
    """One purchase, with the bot dying on the way, once in each process."""
    async with watched(office, deaths, within_s) as bot:
        accepted = await bot.insist(partial(errand.ask, office))
        code = accepted.body["text"].split("`")[1]
        pressed: set[str] = set()
        # Where the command was typed once, nothing else can have taken a line that was charged.
        is_alone = errand.is_chosen or len(office.slack.deliveries) == 1

        def due() -> list[Message]:
            return [m for m in office.cards() if "Approve" in buttons(m) and m.ts not in pressed]

        def over() -> list[Message]:
            """Every card, and a report beside them."""
            cards = [m for m in office.cards() if m.ts in pressed]
            found = is_alone and any(errand.charged(office))
            ends = _BOUGHT if found else _SAYS_WHERE_IT_STANDS
            is_over = all(drawn(m).startswith(ends) for m in cards)
            return cards if is_over and len(office.cards()) > len(cards) else []

        # A post whose answer was lost, a command typed again: there may be more than one card.
        while True:
            cards = [m for m in await bot.wait_for(lambda: due() or over()) if m in due()]
            if not cards:
                if not await is_any_to_come(office):
                    break
                cards = await bot.wait_for(due)
            for card in cards:
                pressed.add(card.ts)
                await bot.insist(partial(office.press, card, "Approve", MORGAN))
        await bot.stop()
        await check(office, errand, code, is_alone=is_alone)
        return Lived(bot.died_at, [_passed(process) for process in bot.processes])


def _passed(process: BotProcess) -> list[str]:
    return [json.loads(line)["at"] for line in process.said if '"event": "passed"' in line]


async def check(office: Office, errand: Errand, accepted: str, *, is_alone: bool) -> None:
    """Money moved once at most, and everything that was accepted has ended or says so."""
    stored = await written_down(office)
    assert accepted in {purchase.code for purchase in stored}
    assert {purchase.status for purchase in stored} <= _SETTLED
    confirms = errand.confirms(office)
    assert set(confirms.values()) <= {1}
    assert confirms.total() <= len(stored)
    charged = Counter(errand.charged(office))
    known = Counter(
        number for each in stored for number in (each.number, each.second_number) if number
    )
    assert known <= charged
    if is_alone:
        assert len(stored) == 1
        assert known == charged


async def is_any_to_come(office: Office) -> bool:
    """On PostgreSQL, what the dead had claimed before they answered comes only once its lease has
    lapsed. The start on a SQLite file ends them all (and nobody may look into it meanwhile)."""
    if office.environment()["DATABASE_URL"].startswith("sqlite"):
        return False
    return any(each.status in _TO_COME for each in await written_down(office))


async def written_down(office: Office) -> list[Purchase]:
    """The purchases as the database has them; the audit verified."""
    store = await open_store(office.environment()["DATABASE_URL"], read_only=True)
    try:
        found = await store.list_purchases(Filter(limit=100))
        for purchase in found:
            await store.verify(purchase.id)
        return found
    finally:
        await store.close()


@dataclass(frozen=True)
class Walk:
    """The points survived, in the order in which they are passed. What runs side by side does not
    always take the same steps (two changes are drawn at once, say): some may be `missed`."""

    survived: list[str]
    missed: list[str]

    def __str__(self) -> str:
        return f"survived {len(self.survived)} points: {self.survived}; missed: {self.missed}"


async def every_point(
    new_office: NewOffice,
    errand: Errand,
    *first: Death,
    within_s: float = WITHIN_S,
    side_by_side: int = 3,
) -> Walk:
    """Go through it once, dying as in `first` only, and note what the process after that passes.
    Then die at each of these points in turn, `side_by_side` at a time: mostly they wait."""

    async def live(name: str, last: Death) -> Lived:
        async with new_office(name) as office:
            try:
                return await live_through(office, errand, *first, last, within_s=within_s)
            except BaseException as error:
                error.add_note(f"{name}: {[*first, last]}")
                raise

    points = (await live("undisturbed", Death(0))).passed[len(first)]
    met: Counter[str] = Counter()
    deaths = []
    for point in points:
        met[point] += 1
        deaths.append(Death(met[point], named=point))
    waiting = iter(enumerate(deaths))
    has_died: dict[int, bool] = {}

    async def go_on() -> None:
        for index, death in waiting:
            has_died[index] = len((await live(f"point_{index}", death)).died_at) > len(first)

    async with asyncio.TaskGroup() as walkers:
        for _ in range(side_by_side):
            walkers.create_task(go_on())
    return Walk(
        survived=[point for index, point in enumerate(points) if has_died[index]],
        missed=[point for index, point in enumerate(points) if not has_died[index]],
    )
