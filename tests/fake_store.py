"""The `Store` port in plain dicts, written from the port's text: what passes here and on both
databases needs nothing that the text does not say.

Nothing in it waits, so that every method is one transaction: all is looked at before anything is
changed.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from bot.domain.decision import Decision
from bot.domain.errors import (
    Frozen,
    NotToBeRepeated,
    NumberTaken,
    PurchaseNotFound,
    RequestedAgainAlready,
)
from bot.domain.purchase import (
    FINAL,
    HOLDS_TOKEN,
    IN_FLIGHT,
    LED_NOWHERE,
    REPEATABLE,
    Purchase,
    Status,
    may_move,
)
from bot.ports import AuditRow, Claimed, Entry, Lease, Message, Move, StoreUnavailable
from bot.storage import codes
from tests.fake_audit import FakeAudit
from tests.fake_queues import Row
from tests.fake_votes import CHANGEABLE, FakeVotes

_BUYS = set(Status) - FINAL - {Status.CHARGED}


class FakeStore(FakeVotes):
    """A store that forgets everything when the test ends."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, str] = {}  # trigger_id → the purchase it made
        self._clicks: set[str] = set()  # trigger_ids
        self._audit = FakeAudit()

    # ── Written by handlers ──────────────────────────────────────────────────────────────────────
    async def add_request(self, purchase: Purchase, trigger_id: str) -> Purchase:
        if self._freeze is not None:
            raise Frozen(**self._freeze.fields)
        previous = self._previous(purchase)
        if trigger_id in self._made:
            return self._purchases[self._made[trigger_id]].value
        if previous is not None:
            self._check_again(previous.value)
        self._check_number(purchase)
        made = replace(purchase, code=self._free_code(), status=Status.REQUESTED)
        self._purchases[made.id] = Row(made, due_at=made.requested_at)
        self._made[trigger_id] = made.id
        order = {key: value for key, value in asdict(made.order).items() if value is not None}
        detail = {"provider": made.provider, "order": order, "reason": made.reason}
        entry = _done(made.requester_id, "request", made.requested_at, detail)
        self._audit.append(made.id, entry, None, made.status)
        if previous is not None:
            asked = _done(
                made.requester_id, "request_again", made.requested_at, {"again": made.code}
            )
            self._link(previous, asked, by=made.requester_id, code=made.code)
        self._owe_homes(made.requested_at)
        return made

    def _previous(self, purchase: Purchase) -> Row[Purchase] | None:
        if purchase.previous_id is None:
            return None
        if purchase.previous_id not in self._purchases:
            raise PurchaseNotFound(code=purchase.previous_id)
        return self._purchases[purchase.previous_id]

    def _check_again(self, previous: Purchase) -> None:
        if previous.status not in REPEATABLE:
            raise NotToBeRepeated(code=previous.code, status=previous.status.value)
        for other in self._all():
            if other.previous_id == previous.id and other.status not in LED_NOWHERE:
                raise RequestedAgainAlready(
                    code=previous.code,
                    again=other.code,
                    status=other.status.value,
                    requester=other.requester_id,
                )

    def _check_number(self, wanted: Purchase) -> None:
        number = wanted.order.number
        for other in self._all():
            is_same = number is not None and other.order.number == number
            if is_same and other.provider == wanted.provider and other.status in _BUYS:
                raise NumberTaken(number=number, code=other.code, status=other.status.value)

    def _free_code(self) -> str:
        taken = {purchase.code for purchase in self._all()}
        for code in codes.candidates():
            if code not in taken:
                return code
        raise StoreUnavailable("No free code was found for a new purchase.")

    async def add_decision(self, decision: Decision) -> None:
        if decision.purchase_id not in self._purchases:
            raise PurchaseNotFound(code=decision.purchase_id)
        if decision.trigger_id in self._clicks:
            return
        self._clicks.add(decision.trigger_id)
        self._decisions[decision.id] = Row(decision, due_at=decision.came_at)
        self._clicked(decision)

    async def audit(self, purchase_id: str) -> list[AuditRow]:
        return self._audit.rows(purchase_id)

    async def verify(self, purchase_id: str) -> None:
        """Raises ValueError when the audit is not as it was written."""
        self._audit.verify(purchase_id)

    async def decision(self, decision_id: str) -> tuple[Decision, Purchase] | None:
        row = self._decisions.get(decision_id)
        return None if row is None else (row.value, self._purchases[row.value.purchase_id].value)

    # ── Moves ────────────────────────────────────────────────────────────────────────────────────
    async def move(self, move: Move) -> Purchase | None:
        source, target = move.purchase.status, move.target
        if not may_move(source, target):
            raise ValueError(f"no purchase moves from {source.value} to {target.value}")
        if not move.changes.keys() <= CHANGEABLE:
            raise ValueError(f"a move cannot change {move.changes.keys() - CHANGEABLE}")
        row = self._purchases.get(move.purchase.id)
        if row is None or not self._is_allowed(move, row):
            return None
        row.value = replace(row.value, **_consequences(move, row.value))
        row.due_at = move.due_at
        row.attempts = 0
        held, row.lease = row.lease, None
        if held is not None and move.hold_until is not None:
            row.lease = Lease(held.token, max(held.until, move.hold_until))
        self._audit.append(row.value.id, move.entry, source, target)
        if source in {*IN_FLIGHT, Status.FAILED}:
            self._ask(row.value.provider, move.entry.at)
        if move.settles is not None:
            del self._decisions[move.settles]
        previous = self._previous(row.value)
        if previous is not None and target in LED_NOWHERE:
            detail = {"again": row.value.code, "status": target.value}
            ended = _done(move.entry.actor_id, "again_ended", move.entry.at, detail)
            self._link(previous, ended, by=None, code=None)
        self._draw_anew(row.value, move.entry.at, first_in=move.card_in)
        self._owe_homes(move.entry.at)
        for message in move.messages:
            self._owe(message, move.entry.at)
        return row.value

    def _is_allowed(self, move: Move, row: Row[Purchase]) -> bool:
        now, at = row.value, move.entry.at
        ends = now.expires_at
        guard = [self._is_as_read(move.purchase, row, move.lease, move.entry)]
        if move.unless_frozen:
            guard.append(self._freeze is None)
        if move.within is not None:
            guard.append(self._has_room(move, move.within))
        if move.before_expiry:
            guard.append(ends is not None and at < ends)
        if move.settles is not None:
            guard.append(move.settles in self._decisions)
        if move.unless_clicked and ends is not None:
            clicks = [each.value for each in self._decisions.values()]
            guard += [each.came_at >= ends for each in clicks if each.purchase_id == now.id]
        return all(guard)

    async def record(self, purchase: Purchase, entry: Entry) -> None:
        if purchase.id not in self._purchases:
            raise LookupError(purchase.id)
        self._audit.append(purchase.id, entry, self._purchases[purchase.id].value.status, None)

    async def dismiss(
        self, decision: Decision, entry: Entry, messages: Sequence[Message] = ()
    ) -> None:
        if self._decisions.pop(decision.id, None) is None:
            return
        await self.record(self._purchases[decision.purchase_id].value, entry)
        for message in messages:
            self._owe(message, entry.at)

    async def looked_up(self, claimed: Claimed, due_at: datetime | None) -> None:
        row = self._purchases.get(claimed.id)
        if row is not None and row.is_held(claimed.lease):
            row.value = replace(row.value, look_ups=row.value.look_ups + 1)
        await self.put_off(claimed, due_at)

    def _link(
        self, previous: Row[Purchase], entry: Entry, *, by: str | None, code: str | None
    ) -> None:
        value = previous.value
        previous.value = replace(value, again_by=by, again_code=code, version=value.version + 1)
        self._audit.append(value.id, entry, value.status, None)
        self._draw_anew(value, entry.at)


def _consequences(move: Move, now: Purchase) -> dict[str, Any]:
    """What a move changes on the purchase, asked for or not."""
    target, at = move.target, move.entry.at
    values: dict[str, Any] = {"status": target, "version": now.version + 1}
    if target in FINAL:
        values["closed_at"] = at
    elif now.status in FINAL:
        values["closed_at"] = None
    if now.status in {*IN_FLIGHT, Status.FAILED} and target not in IN_FLIGHT:
        values["settled_at"] = at
    values |= move.changes
    if target not in HOLDS_TOKEN:
        values["preview_token"] = None
    return values


def _done(actor_id: str, action: str, at: datetime, detail: dict[str, Any]) -> Entry:
    return Entry(actor_id=actor_id, action=action, outcome="done", at=at, detail=detail)
