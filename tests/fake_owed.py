"""What the fake store owes to Slack: cards and messages."""

import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.decision import Decision
from bot.domain.purchase import Purchase
from bot.ports import Card, Claimed, Message
from tests.fake_audit import as_stored
from tests.fake_queues import FakeQueues, Row


class FakeOwed(FakeQueues):
    """The part of the `Store` port that is about cards and messages."""

    def __init__(self) -> None:
        super().__init__()
        self._commands: set[str] = set()  # trigger_ids

    # ── Messages ─────────────────────────────────────────────────────────────────────────────────
    async def add_message(self, message: Message) -> None:
        self._owe(message, message.created_at)

    def _owe(self, message: Message, due_at: datetime) -> None:
        if message.trigger_id not in self._commands:
            self._owed[message.id] = Row(replace(message, body=as_stored(message.body)), due_at)
        if message.trigger_id is not None:
            self._commands.add(message.trigger_id)

    async def message(self, message_id: str) -> tuple[Message, Purchase | None] | None:
        row = self._owed.get(message_id)
        if row is None:
            return None
        about = row.value.purchase_id
        return row.value, None if about is None else self._purchases[about].value

    async def message_sent(self, claimed: Claimed, *, error: str | None = None) -> None:
        del error  # for operators alone
        row = self._owed.get(claimed.id)
        if row is not None:
            row.value = replace(row.value, response_url=None)
            row.due_at = None
            row.release()

    async def tidy(self, *, now: datetime) -> None:
        old = now - timedelta(minutes=30)
        rows: list[tuple[Row[Any], datetime]] = [
            *((row, row.value.requested_at) for row in self._purchases.values()),
            *((row, row.value.came_at) for row in self._decisions.values()),
            *((row, row.value.created_at) for row in self._owed.values()),
        ]
        for row, stored_at in rows:
            if stored_at <= old:
                row.value = replace(row.value, response_url=None)

    # ── Cards ────────────────────────────────────────────────────────────────────────────────────
    async def cards(self, purchase_id: str) -> list[Card]:
        found = [row.value for row in self._cards.values()]
        return [card for card in found if card.purchase_id == purchase_id]

    async def card(self, card_id: str) -> tuple[Card, Purchase] | None:
        row = self._cards.get(card_id)
        return None if row is None else (row.value, self._purchases[row.value.purchase_id].value)

    def _clicked(self, decision: Decision) -> None:
        if decision.channel_id is None or decision.message_ts is None:
            return
        card = Card(
            id=_new_id(),
            purchase_id=decision.purchase_id,
            channel_id=decision.channel_id,
            ts=decision.message_ts,
        )
        if self._copy(card) is None:
            self._cards[card.id] = Row(card, due_at=decision.came_at)

    def _copy(self, card: Card) -> str | None:
        """As which card this message of Slack's is known."""
        place = (card.channel_id, card.ts)
        known = (
            key for key, row in self._cards.items() if (row.value.channel_id, row.value.ts) == place
        )
        return next(known, None)

    def _draw_anew(self, purchase: Purchase, at: datetime, first_in: str | None = None) -> None:
        copies = [row for row in self._cards.values() if row.value.purchase_id == purchase.id]
        for row in copies:
            row.due_at = at
        if first_in is not None and all(row.value.channel_id != first_in for row in copies):
            card = Card(id=_new_id(), purchase_id=purchase.id, channel_id=first_in)
            self._cards[card.id] = Row(card, due_at=at)

    async def owe_cards(
        self, purchase_id: str, channel_ids: Collection[str], *, at: datetime
    ) -> None:
        places = {
            row.value.channel_id
            for row in self._cards.values()
            if row.value.purchase_id == purchase_id
        }
        for channel_id in channel_ids:
            if channel_id not in places:
                card = Card(id=_new_id(), purchase_id=purchase_id, channel_id=channel_id)
                self._cards[card.id] = Row(card, due_at=at)

    async def card_posted(self, claimed: Claimed, card: Card) -> None:
        row, known_as = self._cards.get(claimed.id), self._copy(card)
        if row is None or not (row.is_held(claimed.lease) or row.value.ts is None):
            self._posted_besides(card, known_as, claimed.lease.until)
            return
        if known_as is not None and known_as != claimed.id:
            del self._cards[known_as]
        row.value = replace(row.value, ts=card.ts, drawn_version=card.drawn_version)
        row.release()
        if self._purchases[card.purchase_id].value.version <= card.drawn_version:
            row.due_at = None

    def _posted_besides(self, card: Card, known_as: str | None, due_at: datetime) -> None:
        if known_as is None:
            extra = replace(card, id=_new_id())
            self._cards[extra.id] = Row(extra, due_at)
            return
        row = self._cards[known_as]
        if row.value.drawn_version > card.drawn_version:
            row.value = replace(row.value, drawn_version=card.drawn_version)
            row.due_at = due_at

    async def card_lost(self, claimed: Claimed, *, repost: bool) -> None:
        row = self._cards.get(claimed.id)
        if row is None or not row.is_held(claimed.lease):
            return
        if not repost:
            del self._cards[claimed.id]
            return
        row.value = replace(row.value, ts=None, drawn_version=0)
        row.release()


def _new_id() -> str:
    return uuid.uuid4().hex
