"""The use cases on a real SQLite file, with fakes around them and the real loop turning."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from bot.domain.approval import Roster, Rules
from bot.domain.decision import Action
from bot.domain.purchase import Order, Purchase, Status
from bot.ports import AuditRow, Filter, LimitRules, Ports, Provider
from bot.storage import SqlStore, open_store
from bot.use_cases.decide import decide
from bot.use_cases.loop import Loop
from bot.use_cases.request import request
from tests.fakes import (
    FakeClock,
    FakeDirectory,
    FakeMessenger,
    FakeMeter,
    FakeNumberProvider,
    FakeProvider,
)
from tests.migrated import migrated

RILEY, MORGAN, MAX, NORA = "URILEY", "UMORGAN", "UMAX", "UNORA"
PHONES = "CPHONES"


class Desk:
    """Everything a test of the use cases touches."""

    def __init__(
        self,
        store: SqlStore,
        rules: Rules,
        limits: LimitRules | None = None,
        clock: FakeClock | None = None,
    ) -> None:
        self.clock = clock or FakeClock()
        self.store = store
        self.directory = FakeDirectory()
        self.messenger = FakeMessenger()
        self.meter = FakeMeter()
        self.provider = FakeProvider(self.clock)
        self.numbers = FakeNumberProvider(self.clock)
        self.providers: dict[str, Provider] = {"sendblue": self.provider}
        self.idle = asyncio.Event()
        self.next_due: datetime | None = None
        self._triggers = 0
        due = asyncio.Event()
        self.ports = Ports(
            store=store,
            clock=self.clock,
            directory=self.directory,
            messenger=self.messenger,
            providers=self.providers,
            rules=rules,
            meter=self.meter,
            wake=due.set,
            limits=limits or LimitRules(),
        )
        self.loop = Loop(self.ports, due, self._on_idle)

    def _on_idle(self, next_due: datetime | None) -> None:
        self.next_due = next_due
        if self.loop.is_quiet:
            self.idle.set()

    async def quiet(self) -> None:
        """Let the loop do everything that is due now."""
        self.idle.clear()
        self.loop.wake()
        async with asyncio.timeout(10):
            await self.idle.wait()

    async def buy(
        self,
        *,
        requester: str = RILEY,
        trigger: str | None = None,
        number: str | None = None,
        reason: str = "new desk in Denver",
    ) -> Purchase:
        """A request for a line, or for that number, written down; nothing more."""
        return await request(
            self.ports,
            provider="magpipe" if number else "sendblue",
            order=Order(number=number),
            requester_id=requester,
            channel_id=PHONES,
            reason=reason,
            trigger_id=trigger or self.trigger(),
            response_url="https://hooks.slack.com/commands/1",
        )

    async def pending(self) -> Purchase:
        """A request that has its card."""
        bought = await self.buy()
        await self.quiet()
        return await self.get(bought)

    async def click(
        self,
        purchase: Purchase,
        action: Action = Action.APPROVE,
        *,
        actor: str = MORGAN,
        number: str | None = None,
        note: str | None = None,
        trigger: str | None = None,
    ) -> None:
        await decide(
            self.ports,
            action=action,
            actor_id=actor,
            trigger_id=trigger or self.trigger(),
            purchase_id=purchase.id,
            revision=purchase.revision,
            number=number,
            note=note,
            channel_id=PHONES,
            response_url="https://hooks.slack.com/actions/1",
        )

    def trigger(self) -> str:
        self._triggers += 1
        return f"trigger-{self._triggers}"

    async def get(self, purchase: Purchase) -> Purchase:
        found = await self.store.purchase(purchase.id)
        assert found is not None
        return found

    async def status(self, purchase: Purchase) -> Status:
        return (await self.get(purchase)).status

    async def audit(self, purchase: Purchase) -> list[AuditRow]:
        return await self.store.audit(purchase.id)

    async def all(self) -> list[Purchase]:
        return await self.store.list_purchases(Filter(limit=100))

    @property
    def replies(self) -> list[tuple[str, str]]:
        """Whom was told what privately: user, and the error's name or the kind of answer."""
        return [
            (message.user_id, getattr(content, "name", type(content).__name__))
            for message, content in self.messenger.replies
        ]

    @property
    def reports(self) -> list[tuple[str, Status]]:
        return [(channel, purchase.status) for channel, purchase in self.messenger.reports]


@asynccontextmanager
async def desk_at(
    folder: Path,
    rules: Rules | None = None,
    limits: LimitRules | None = None,
    clock: FakeClock | None = None,
) -> AsyncIterator[Desk]:
    """A desk on the database of that folder; leaving it stops the loop at once."""
    rules = rules or Rules(approvers=Roster(frozenset({MORGAN, MAX})))
    store = await open_store(migrated(folder / "dialtone.db"))
    desk = Desk(store, rules, limits, clock)
    turning = asyncio.create_task(desk.loop.run())
    try:
        yield desk
    finally:
        await desk.loop.stop(0)
        await turning
        await store.close()
