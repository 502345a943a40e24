"""Workers, the world around them, one real database, and what must hold at every moment."""

import asyncio
import logging
import shutil
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import event, select

from bot.domain.approval import Roster, Rules
from bot.domain.decision import Action
from bot.domain.errors import NumberTaken
from bot.domain.purchase import FINAL, HOLDS_TOKEN, Order, Purchase, Status, may_move
from bot.ports import LimitRules, Ports, Queue
from bot.storage import work
from bot.storage.engine import build_engine, parse_url
from bot.storage.tables import cards, decisions, owed, purchases
from bot.use_cases.decide import decide
from bot.use_cases.loop import Loop
from bot.use_cases.request import request
from tests.fakes import FakeClock, FakeMeter
from tests.migrated import migrated
from tests.model.outside import Lines, Numbers, Outside, Slack
from tests.model.workers import Call, Gates, InlineStore, VirtualLoop, gated
from tests.queues import next_due

T = TypeVar("T")
RILEY, MORGAN, MAX, NORA = "URILEY", "UMORGAN", "UMAX", "UNORA"
APPROVERS = frozenset({MORGAN, MAX})
PHONES, ALERTS = "CPHONES", "CALERTS"
FEW = 200  # turns; more means that something goes round in circles
AWAITS_A_PERSON = {Status.UNKNOWN, Status.CHARGED}
UNSENT = set(Status) - {
    *AWAITS_A_PERSON,
    Status.CONFIRMING,
    Status.PROVISIONED,
    Status.FAILED,
}


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    raise AssertionError("it waits for something")


class Bugs(logging.Handler):
    """Steps that broke; the loop only pauses for them."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == "loop.step_broke":
            self.found.append(str(record.exc_info))


class Worker:
    """One process: its claims, its clients, its loop, of which every turn is asked for."""

    def __init__(self, world: "World") -> None:
        self._vloop = world.vloop
        self._clock = world.clock
        self.gates = Gates()
        slack = Slack(world.outside, self.gates)
        due = asyncio.Event()
        self.ports = Ports(
            store=gated(world.store, self.gates),
            clock=world.clock,
            directory=slack,
            messenger=slack,
            providers={
                "sendblue": Lines(world.outside, self.gates),
                "magpipe": Numbers(world.outside, self.gates),
            },
            rules=Rules(approvers=Roster(APPROVERS)),
            meter=FakeMeter(),
            wake=due.set,
            limits=LimitRules(channel_id=ALERTS),
        )
        self.loop = Loop(self.ports, due, lambda _: None)
        self._keeper = self._vloop.create_task(self.loop._keep_leases())
        self._vloop.spin()

    def claim(self, queue: Queue, most: int) -> bool:
        """Claim due rows and start their steps, each up to its first call."""
        claiming = self._vloop.create_task(self.loop._take({queue: most}))
        self._vloop.spin()
        found, _ = claiming.result()
        return found

    def let_pass(self, call: Call) -> None:
        if not call.gate.done():  # a call that passed before it may have ended this one
            call.gate.set_result(None)
        self._vloop.spin()

    def turn(self, up_to: str = "") -> None:
        """Do everything that is due now, except that calls of that name are left waiting."""
        for _ in range(FEW):
            found = [self.claim(queue, 100) for queue in Queue]
            going_on = [call for call in self.gates.waiting if call.name != up_to]
            for call in going_on:
                self.let_pass(call)
            if up_to and not any(found) and not going_on:
                return
            if not any(found) and not self.gates.waiting:
                return
        raise AssertionError("it goes round in circles")

    def kill(self, last: Call | None = None) -> None:
        self.gates.kill(last)
        self._keeper.cancel()
        self._vloop.spin()

    def stop(self) -> None:
        """SIGTERM, with no time for what is on its way."""
        stopping = self._vloop.create_task(self.loop.stop(0))
        self._keeper.cancel()
        for _ in range(FEW):
            self._vloop.spin()
            if stopping.done():
                return
            for call in self.gates.waiting:
                self.let_pass(call)
            self._clock.advance(seconds=1)
        raise AssertionError("it does not stop")


class World:
    """Everything there is."""

    def __init__(self, folder: Path, template: Path) -> None:
        shutil.copy(template, folder / "model.db")
        self.clock = FakeClock()
        self.vloop = VirtualLoop(self.clock)
        self.outside = Outside(self.clock)
        self.outside.may_be_sent = self._check_sending
        self._engine = build_engine(parse_url(f"sqlite:///{folder / 'model.db'}"))
        # Processes die here, never the machine.
        event.listen(self._engine, "connect", lambda c, _: c.execute("PRAGMA synchronous = OFF"))
        self.store = InlineStore(self._engine, 0, ExitStack())
        self.bugs = Bugs()
        logging.getLogger("bot.use_cases.loop").addHandler(self.bugs)
        at_once(self.store.keep_checks(["magpipe", "sendblue"], at=self.clock.now()))
        self.workers = [Worker(self), Worker(self)]
        self.accepted: list[str] = []
        self._checked: dict[str, int] = {}
        self._triggers = 0

    # ── what people do ──
    def buy(self, number: str | None, trigger: str | None) -> None:
        """A command, written down before it is acknowledged."""
        try:
            made = at_once(
                request(
                    self._front,
                    provider="magpipe" if number else "sendblue",
                    order=Order(number=number),
                    requester_id=RILEY,
                    channel_id=PHONES,
                    reason="new desk",
                    trigger_id=trigger or self._trigger(),
                    response_url=None,
                )
            )
        except NumberTaken:
            return
        if made.id not in self.accepted:
            self.accepted.append(made.id)

    def click(
        self,
        purchase_id: str,
        action: Action,
        actor: str,
        *,
        stale: int = 0,
        number: str | None = None,
        trigger: str | None = None,
        copy: tuple[str, str] | None = None,
    ) -> None:
        at_once(
            decide(
                self._front,
                action=action,
                actor_id=actor,
                trigger_id=trigger or self._trigger(),
                purchase_id=purchase_id,
                revision=self.get(purchase_id).revision - stale,
                number=number,
                note="because",
                channel_id=PHONES,
                message_ts=copy[1] if copy else None,
            )
        )

    @property
    def last_trigger(self) -> str:
        return f"trigger-{self._triggers}"

    def get(self, purchase_id: str) -> Purchase:
        found = at_once(self.store.purchase(purchase_id))
        assert found is not None
        return found

    # ── what happens to machines ──
    def replace(self, number: int, last: Call | None = None) -> None:
        """A worker dies; what it had claimed comes free when its leases lapse."""
        self.workers[number].kill(last)
        self.workers[number] = Worker(self)

    def restart(self) -> None:
        """Everything dies; as with SQLite, where one process has the file, the leases end."""
        for worker in self.workers:
            worker.kill()
        with self._engine.begin() as connection:
            work.end_leases(connection)
        self.workers = [Worker(self), Worker(self)]

    def stop(self, number: int) -> None:
        self.workers[number].stop()
        self.workers[number] = Worker(self)

    def tick(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)
        self.vloop.spin()

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
        logging.getLogger("bot.use_cases.loop").removeHandler(self.bugs)
        self.vloop.close()
        self._engine.dispose()

    # ── what must hold ──
    def check(self) -> None:
        """After every step."""
        assert self.bugs.found == []
        assert all(count == 1 for count in self.outside.confirms.values()), "confirmed twice"
        assert all(count == 1 for count in self.outside.charges.values()), "charged twice"
        for purchase_id in self.accepted:
            rows = at_once(self.store.audit(purchase_id))
            if self._checked.get(purchase_id) == len(rows):
                continue  # without a row in the audit nothing has happened; `finish` looks at all
            self._checked[purchase_id] = len(rows)
            self._check_purchase(purchase_id)

    def _check_purchase(self, purchase_id: str) -> None:
        purchase = self.get(purchase_id)
        at_once(self.store.verify(purchase_id))
        status: Status | None = None
        for row in at_once(self.store.audit(purchase_id)):
            assert row.from_status is status, "the audit has a gap"
            if row.to_status is not None:
                assert status is None or may_move(status, row.to_status)
                status = row.to_status
        assert purchase.status is status, "the audit does not explain the status"
        if purchase.status not in HOLDS_TOKEN:
            assert purchase.preview_token is None, "the token was kept"
        sent = self.outside.confirms[purchase_id]
        charged = self.outside.charges[purchase_id]
        if purchase.status in UNSENT:
            assert not sent, f"sent, but {purchase.status}"
        if purchase.status is Status.FAILED and purchase.settled_by is None:
            assert not charged, "charged, but failed, and nobody said so"
        if purchase.status is Status.PROVISIONED and purchase.settled_by is None:
            assert charged or self._somebody_was_wrong(), "bought, but not charged"

    def _check_sending(self, purchase_id: str) -> None:
        purchase = self.get(purchase_id)
        assert purchase.approver_id in APPROVERS
        assert purchase.decided_at is not None
        assert purchase.expires_at is not None
        assert purchase.decided_at < purchase.expires_at
        assert purchase.sent_at is not None, "sent before it was written down"

    def _somebody_was_wrong(self) -> bool:
        """A person said how a purchase ended before its confirm had even arrived: a line that came
        after that may be taken for another purchase's."""
        told = (at_once(self.store.audit(each)) for each in self.accepted)
        said = {Action.NOTHING_BOUGHT.value, Action.BOUGHT.value}
        return any(row.action in said and row.outcome == "done" for rows in told for row in rows)

    def finish(self) -> None:
        """Let everything run on without trouble, then look at everything."""
        self.outside.faults.clear()
        for _ in range(FEW):
            for worker in self.workers:
                worker.turn()
            # Limits are checked for ever.
            due_at = at_once(next_due(self.store, set(Queue) - {Queue.CHECKS}))
            if due_at is None:
                break
            # Look-ups go on for a day; nothing else waits for longer than an hour.
            is_only_looking = due_at - self.clock.now() > timedelta(minutes=1)
            step = timedelta(minutes=15) if is_only_looking else timedelta(seconds=1)
            self.clock.at = max(due_at, self.clock.now()) + step
            self.vloop.spin()
        else:
            raise AssertionError("something is due for ever")
        self._checked.clear()
        self.check()
        for purchase_id in self.accepted:
            self._check_ending(self.get(purchase_id))
        self._check_owed()

    def _check_ending(self, purchase: Purchase) -> None:
        assert purchase.status in FINAL | AWAITS_A_PERSON
        assert purchase.is_open == (purchase.status in AWAITS_A_PERSON and not purchase.closed_by)
        if purchase.status is Status.REFUSED:
            assert purchase.id in self.outside.replied or self._gave_up(purchase.id)
        else:
            told = (purchase.id, purchase.status.value)
            assert told in self.outside.reported or self._gave_up(purchase.id), "nobody was told"

    def _gave_up(self, purchase_id: str) -> bool:
        wanted = select(owed.c.error).where(
            owed.c.purchase_id == purchase_id, owed.c.error.is_not(None)
        )
        with self._engine.begin() as connection:
            return connection.execute(wanted).first() is not None

    def _check_owed(self) -> None:
        versions = select(
            cards.c.purchase_id,
            cards.c.channel_id,
            cards.c.ts,
            cards.c.drawn_version,
            purchases.c.version,
        ).join(purchases, purchases.c.id == cards.c.purchase_id)
        unjudged = select(decisions.c.id).where(decisions.c.judged_at.is_(None))
        leased = select(purchases.c.id).where(purchases.c.lease_token.is_not(None))
        with self._engine.begin() as connection:
            for card in connection.execute(versions):
                assert card.drawn_version == card.version, "a card is out of date"
                shown = self.outside.shown.get((card.channel_id, card.ts))
                if shown is not None:  # else deleted since, which nobody notices until it is drawn
                    assert shown == (card.purchase_id, card.version), "Slack shows something else"
            assert connection.execute(unjudged).all() == [], "a click was not judged"
            assert connection.execute(leased).all() == [], "a lease was kept"

    @property
    def _front(self) -> Ports:
        """The handlers' side: its calls pass at once."""
        return replace(self.workers[0].ports, store=self.store)

    def _trigger(self) -> str:
        self._triggers += 1
        return self.last_trigger


def template_at(folder: Path) -> Path:
    """An empty, migrated database to copy: migrating takes longer than most examples."""
    file = folder / "template.db"
    migrated(file)
    return file
