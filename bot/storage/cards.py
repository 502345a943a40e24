"""Every copy of every card that Slack has or is owed."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from bot.ports import Card, Claimed
from bot.storage.rows import read_card, write_card
from bot.storage.tables import cards
from bot.storage.work import RELEASED
from bot.storage.writing import insert_new, lock_purchase


def new_id() -> str:
    return uuid.uuid4().hex


def get(connection: Connection, card_id: str) -> Card | None:
    row = connection.execute(select(cards).where(cards.c.id == card_id)).mappings().one_or_none()
    return None if row is None else read_card(row)


def of(connection: Connection, purchase_id: str) -> list[Card]:
    found = connection.execute(select(cards).where(cards.c.purchase_id == purchase_id))
    return [read_card(row) for row in found.mappings()]


def add(connection: Connection, card: Card, due_at: datetime) -> None:
    """Know a copy, unless that message is known as one already."""
    insert_new(connection, cards, write_card(card) | {"due_at": due_at})


def owe_first(connection: Connection, purchase_id: str, channel_id: str, due_at: datetime) -> None:
    """Owe a copy to a channel that has none. The caller holds the purchase's row."""
    in_channel = (cards.c.purchase_id == purchase_id) & (cards.c.channel_id == channel_id)
    if connection.execute(select(cards.c.id).where(in_channel).limit(1)).first() is None:
        add(connection, Card(id=new_id(), purchase_id=purchase_id, channel_id=channel_id), due_at)


def owe(
    connection: Connection, purchase_id: str, channel_ids: Collection[str], due_at: datetime
) -> None:
    """Owe further copies, each to a channel that has none."""
    lock_purchase(connection, purchase_id)  # so that nobody owes the same ones beside us
    for channel_id in channel_ids:
        owe_first(connection, purchase_id, channel_id, due_at)


def mark_due(connection: Connection, purchase_id: str, due_at: datetime) -> None:
    """Every copy is to be drawn anew."""
    connection.execute(
        update(cards).where(cards.c.purchase_id == purchase_id).values(due_at=due_at)
    )


def posted(connection: Connection, claimed: Claimed, card: Card) -> None:
    # Locked, so that a move cannot mark the card due between the comparison and the update.
    purchase = lock_purchase(connection, card.purchase_id)
    if purchase is None:
        return
    # A click that came before this wrote the ts down has made the copy known already.
    twin = (cards.c.channel_id == card.channel_id) & (cards.c.ts == card.ts)
    held = cards.c.lease_token == claimed.lease.token
    unposted = cards.c.ts.is_(None)  # taken over meanwhile, but not posted a second time yet
    mine = (cards.c.id == claimed.id) & (held | unposted)
    if connection.execute(select(cards.c.id).where(mine)).first() is None:
        # Posted twice: what Slack shows is then one more copy to keep up to date. A known one that
        # somebody else has drawn newer meanwhile: nobody knows whose drawing came last.
        add(connection, _copy(card), claimed.lease.until)
        newer = cards.c.drawn_version > card.drawn_version
        anew = {"drawn_version": card.drawn_version, "due_at": claimed.lease.until}
        connection.execute(update(cards).where(twin, newer).values(anew))
        return
    connection.execute(delete(cards).where(twin, cards.c.id != claimed.id))
    drawn = {"ts": card.ts, "drawn_version": card.drawn_version}
    is_current = purchase["version"] <= card.drawn_version
    due = {"due_at": None} if is_current else {}  # else still due, as it was when claimed
    connection.execute(update(cards).where(mine).values(drawn | due | RELEASED))


def _copy(card: Card) -> Card:
    return Card(
        id=new_id(),
        purchase_id=card.purchase_id,
        channel_id=card.channel_id,
        ts=card.ts,
        drawn_version=card.drawn_version,
    )


def lost(connection: Connection, claimed: Claimed, *, repost: bool) -> None:
    mine = (cards.c.id == claimed.id) & (cards.c.lease_token == claimed.lease.token)
    if repost:
        anew = {"ts": None, "drawn_version": 0}  # still due, as it was when claimed
        connection.execute(update(cards).where(mine).values(anew | RELEASED))
    else:
        connection.execute(delete(cards).where(mine))
