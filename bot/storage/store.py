"""The `Store` port on SQLAlchemy: each method one transaction, run in a worker thread.

Longer than other files, because it is the port once more, a line for each method.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from bot.domain.alerts import Alert
from bot.domain.decision import Decision
from bot.domain.purchase import Purchase, Status
from bot.ports import (
    Absence,
    AuditRow,
    Backlog,
    Bought,
    Card,
    Check,
    Checked,
    Claimed,
    Entry,
    Filter,
    Freeze,
    Lease,
    Message,
    Move,
    Note,
    Others,
    Queue,
    Spent,
    Vote,
)
from bot.storage import (
    absences,
    alerts,
    audit,
    audit_export,
    backlogs,
    cancel_reasons,
    cards,
    checks,
    decisions,
    freezes,
    homes,
    messages,
    moves,
    mutes,
    notes,
    purchases,
    requests,
    votes,
    work,
)
from bot.storage.engine import for_reading
from bot.storage.errors import ConnectionLost, FileUnavailable, StorageUnavailable, cause
from bot.storage.threads import Apart, Together

P = ParamSpec("P")
T = TypeVar("T")


class SqlStore:
    """A database that is open. Methods raise StorageUnavailable when it cannot do it now."""

    def __init__(self, engine: Engine, threads: int, resources: ExitStack) -> None:
        """`resources` are let go of by `close`, last of all."""
        self._engine = engine
        self._reading = for_reading(engine)
        self._threads = (Together if threads == 1 else Apart)(self._carry_out, threads)
        self._resources = resources

    async def close(self) -> None:
        """Finish what runs, then let go of the database."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._threads.close()
        self._engine.dispose()
        self._resources.close()

    def _carry_out(self, engine: Engine, transaction: Callable[[Connection], T]) -> T:
        try:
            with engine.begin() as connection:
                return transaction(connection)
        except (DBAPIError, NoConnectionFree) as error:
            raise _kind(engine, error)(f"The database could not do it: {cause(error)}.") from None

    async def _run(
        self, engine: Engine, transaction: Callable[[Connection], T], *, is_awaited: bool = False
    ) -> T:
        try:
            running = self._threads.ask(engine, transaction, is_awaited=is_awaited)
        except RuntimeError:  # Dialtone is stopping
            raise StorageUnavailable("The database is closed already.") from None
        found: T = await running
        return found

    async def _write(
        self,
        transaction: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        return await self._run(self._engine, lambda c: transaction(c, *args, **kwargs))

    async def _add(
        self,
        transaction: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """A write that somebody waits for, and trigger_id keeps from being done twice: people are
        told whether it was done, so it is tried once more where that is not known."""

        def add(connection: Connection) -> T:
            return transaction(connection, *args, **kwargs)

        try:
            return await self._run(self._engine, add, is_awaited=True)
        except ConnectionLost:
            return await self._run(self._engine, add, is_awaited=True)

    async def _read(
        self,
        transaction: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        return await self._run(self._reading, lambda c: transaction(c, *args, **kwargs))

    # ── Its own, beside the port ─────────────────────────────────────────────────────────────────
    async def ping(self) -> None:
        """Raises StorageUnavailable when the database does not answer."""
        await self._read(_ping)

    async def oldest_due(self) -> datetime | None:
        """Since when the oldest work is due, whoever works on it; may lie in the future."""
        return await self._read(backlogs.oldest_due)

    async def backlog(self, *, now: datetime) -> Backlog:
        return await self._read(backlogs.backlog, now=now)

    async def verify(self, purchase_id: str) -> None:
        """Raises AuditBroken when the purchase's audit is not as it was written."""
        await self._read(audit.verify, audit.PURCHASES, purchase_id)

    async def verify_alert(self, alert_id: str) -> None:
        """The same of an alert's audit."""
        await self._read(audit.verify, audit.ALERTS, alert_id)

    async def verify_logbook(self) -> None:
        """The same of the logbook."""
        await self._read(audit.verify, audit.LOGBOOK, audit.LOGBOOK_ID)

    async def verify_all(self) -> list[str]:
        """One sentence for each purchase, alert or logbook whose audit is not as it was written."""
        return await self._read(audit_export.verify_all)

    async def export_audit(self, since: datetime) -> AsyncIterator[audit_export.Exported]:
        """Every row of every audit from then on, oldest first. Read in pages, each a transaction:
        nobody waits for who reads slowly. Raises StorageUnavailable midway, too."""
        after = None
        while True:
            page = await self._read(audit_export.exported, since, after)
            for row in page.rows:
                yield row
            if page.end is None:
                return
            after = page.end

    # ── Written by handlers ──────────────────────────────────────────────────────────────────────
    async def add_request(self, purchase: Purchase, trigger_id: str) -> Purchase:
        return await self._add(requests.add_request, purchase, trigger_id)

    async def add_decision(self, decision: Decision) -> None:
        await self._add(requests.add_decision, decision)

    async def add_message(self, message: Message) -> None:
        await self._add(requests.add_message, message)

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────
    async def purchase(self, purchase_id: str) -> Purchase | None:
        return await self._read(purchases.get, purchase_id)

    async def by_code(self, code: str) -> Purchase | None:
        return await self._read(purchases.by_code, code)

    async def list_purchases(self, wanted: Filter) -> list[Purchase]:
        return await self._read(purchases.listed, wanted)

    async def by_numbers(self, numbers: Collection[str]) -> dict[str, Purchase]:
        return await self._read(purchases.by_numbers, numbers)

    async def bought_since(self, provider: str, since: datetime) -> list[Bought]:
        return await self._read(purchases.bought_since, provider, since)

    async def spent(
        self, provider: str, since: datetime, until: datetime, requester_id: str | None = None
    ) -> list[Spent]:
        return await self._read(purchases.spent, provider, since, until, requester_id)

    async def per_day(self, provider: str, since: datetime) -> dict[tuple[date, Status], int]:
        return await self._read(purchases.per_day, provider, since)

    async def waiting(self, provider: str, after: Purchase | None = None) -> list[Purchase]:
        return await self._read(purchases.waiting, provider, after)

    async def others(self, purchase: Purchase) -> Others:
        return await self._read(purchases.others, purchase)

    async def is_alone(self, purchase: Purchase) -> bool:
        return await self._read(purchases.is_alone, purchase)

    async def audit(self, purchase_id: str) -> list[AuditRow]:
        return await self._read(audit.rows, audit.PURCHASES, purchase_id)

    async def decision(self, decision_id: str) -> tuple[Decision, Purchase] | None:
        return await self._read(decisions.get, decision_id)

    async def message(self, message_id: str) -> tuple[Message, Purchase | None] | None:
        return await self._read(messages.get, message_id)

    async def card(self, card_id: str) -> tuple[Card, Purchase] | None:
        return await self._read(cards.get, card_id)

    # ── Limits and alerts ────────────────────────────────────────────────────────────────────────
    async def keep_checks(self, providers: Collection[str], *, at: datetime) -> None:
        await self._write(checks.keep, providers, at=at)

    async def check(self, provider: str) -> Check | None:
        return await self._read(checks.get, provider)

    async def checked(self, claimed: Claimed, done: Checked) -> bool:
        return await self._write(checks.checked, claimed, done)

    async def alerts(self, provider: str) -> list[Alert]:
        return await self._read(alerts.in_force, provider)

    async def alert(self, alert_id: str) -> Alert | None:
        return await self._read(alerts.get, alert_id)

    async def alert_posted(self, alert_id: str, ts: str) -> None:
        await self._write(alerts.posted, alert_id, ts)

    async def snooze(
        self, alert_id: str, until: datetime, entry: Entry, messages: Sequence[Message] = ()
    ) -> Alert | None:
        return await self._write(alerts.snooze, alert_id, until, entry, messages)

    async def record_alert(self, alert_id: str, entry: Entry) -> None:
        await self._write(alerts.record, alert_id, entry)

    async def alert_audit(self, alert_id: str) -> list[AuditRow]:
        return await self._read(audit.rows, audit.ALERTS, alert_id)

    async def cards(self, purchase_id: str) -> list[Card]:
        return await self._read(cards.of, purchase_id)

    # ── Several approvals ────────────────────────────────────────────────────────────────────────
    async def add_vote(self, vote: Vote) -> None:
        await self._write(votes.add, vote)

    async def votes(self, purchase_id: str, revision: int) -> list[Vote]:
        return await self._read(votes.listed, purchase_id, revision)

    async def count_vote(self, decision: Decision, entry: Entry) -> None:
        await self._write(votes.count, decision, entry)

    async def note(self, note: Note) -> Purchase | None:
        return await self._write(notes.note, note)

    # ── Absences, freezes, mutes, the logbook ────────────────────────────────────────────────────
    async def set_absence(self, absence: Absence, entry: Entry) -> None:
        await self._write(absences.put, absence, entry)

    async def end_absence(self, user_id: str, entry: Entry) -> bool:
        return await self._write(absences.end, user_id, entry)

    async def absences(self, now: datetime) -> list[Absence]:
        return await self._read(absences.in_force, now)

    async def freeze(self, freeze: Freeze, entry: Entry) -> bool:
        return await self._write(freezes.freeze, freeze, entry)

    async def thaw(self, entry: Entry) -> bool:
        return await self._write(freezes.thaw, entry)

    async def frozen(self) -> Freeze | None:
        return await self._read(freezes.frozen)

    async def mute(self, user_id: str, *, is_muted: bool, entry: Entry) -> None:
        await self._write(mutes.mute, user_id, is_muted=is_muted, entry=entry)

    async def muted(self, user_ids: Collection[str]) -> set[str]:
        return await self._read(mutes.muted, user_ids)

    async def log(self, entry: Entry) -> None:
        await self._write(audit.append_to_logbook, entry)

    async def logbook(self, since: datetime) -> list[AuditRow]:
        return await self._read(audit.logbook_since, since)

    # ── App Homes ────────────────────────────────────────────────────────────────────────────────
    async def home_opened(self, user_id: str, at: datetime) -> None:
        await self._write(homes.opened, user_id, at)

    async def home_version(self, user_id: str) -> int:
        return await self._read(homes.version, user_id)

    async def home_published(self, claimed: Claimed, version: int) -> None:
        await self._write(homes.published, claimed, version)

    async def spread_homes(self, claimed: Claimed, *, at: datetime, since: datetime) -> None:
        await self._write(homes.spread, claimed, at=at, since=since)

    async def add_reason(
        self, decision: Decision, entry: Entry, messages: Sequence[Message] = ()
    ) -> Purchase | None:
        return await self._write(cancel_reasons.add, decision, entry, messages)

    # ── The loop ─────────────────────────────────────────────────────────────────────────────────
    async def take(
        self, places: Mapping[Queue, int], *, now: datetime, lasting: timedelta
    ) -> tuple[list[Claimed], datetime | None]:
        return await self._write(work.take, places, now=now, lasting=lasting)

    async def renew(self, leases: Collection[Lease], *, now: datetime, until: datetime) -> None:
        await self._write(work.renew, leases, now=now, until=until)

    async def put_off(self, claimed: Claimed, due_at: datetime | None) -> None:
        await self._write(work.put_off, claimed, due_at)

    async def looked_up(self, claimed: Claimed, due_at: datetime | None) -> None:
        await self._write(work.put_off, claimed, due_at, look_up=True)

    async def move(self, move: Move) -> Purchase | None:
        return await self._write(moves.move, move)

    async def record(self, purchase: Purchase, entry: Entry) -> None:
        await self._write(moves.record, purchase, entry)

    async def dismiss(
        self, decision: Decision, entry: Entry, messages: Sequence[Message] = ()
    ) -> None:
        await self._write(moves.dismiss, decision, entry, messages)

    async def card_posted(self, claimed: Claimed, card: Card) -> None:
        await self._write(cards.posted, claimed, card)

    async def owe_cards(
        self, purchase_id: str, channel_ids: Collection[str], *, at: datetime
    ) -> None:
        await self._write(cards.owe, purchase_id, channel_ids, at)

    async def card_lost(self, claimed: Claimed, *, repost: bool) -> None:
        await self._write(cards.lost, claimed, repost=repost)

    async def message_sent(self, claimed: Claimed, *, error: str | None = None) -> None:
        await self._write(messages.sent, claimed, error)

    async def tidy(self, *, now: datetime) -> None:
        await self._write(work.tidy, now=now)


def _ping(connection: Connection) -> None:
    connection.execute(select(1))


def _kind(engine: Engine, error: SQLAlchemyError) -> type[StorageUnavailable]:
    if engine.dialect.name == "sqlite":
        return FileUnavailable
    is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return ConnectionLost if is_lost else StorageUnavailable
