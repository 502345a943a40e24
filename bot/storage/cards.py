"""Every copy of every card that Slack has or is owed."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.domain.purchase import Purchase
from bot.ports import Card, Claimed
from bot.storage import purchases
from bot.storage.rows import read_card, write_card
from bot.storage.tables import cards
from bot.storage.work import RELEASED
from bot.storage.writing import insert_new, lock_purchase

_THAT = cards.c.id == bindparam("card_id")
_BY_ID = select(cards).where(_THAT)
_OF = cards.c.purchase_id == bindparam("that")
_COPIES = select(cards).where(_OF)
_EVERY_COPY = update(cards).where(_OF)
_THERE = cards.c.channel_id == bindparam("there")
_IN_CHANNEL = select(cards.c.id).where(_OF, _THERE).limit(1)
# A click that came before this wrote the ts down has made the copy known already.
_TWIN = _THERE & (cards.c.ts == bindparam("posted_as"))
_OTHER_TWIN = delete(cards).where(_TWIN, cards.c.id != bindparam("card_id"))
_HELD = cards.c.lease_token == bindparam("token")
_UNPOSTED = cards.c.ts.is_(None)  # taken over meanwhile, but not posted a second time yet
_IS_MINE = select(cards.c.id).where(_THAT, _HELD | _UNPOSTED)
_MINE = update(cards).where(_THAT, _HELD | _UNPOSTED)


def new_id() -> str:
    return uuid.uuid4().hex


def get(connection: Connection, card_id: str) -> tuple[Card, Purchase] | None:
    row = connection.execute(_BY_ID, {"card_id": card_id}).mappings().one_or_none()
    shown = None if row is None else purchases.get(connection, row["purchase_id"])
    return None if row is None or shown is None else (read_card(row), shown)


def of(connection: Connection, purchase_id: str) -> list[Card]:
    found = connection.execute(_COPIES, {"that": purchase_id})
    return [read_card(row) for row in found.mappings()]


def add(connection: Connection, card: Card, due_at: datetime) -> None:
    """Know a copy, unless that message is known as one already."""
    insert_new(connection, cards, write_card(card) | {"due_at": due_at})


def owe_first(connection: Connection, purchase_id: str, channel_id: str, due_at: datetime) -> None:
    """Owe a copy to a channel that has none. The caller holds the purchase's row."""
    known = {"that": purchase_id, "there": channel_id}
    if connection.execute(_IN_CHANNEL, known).first() is None:
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
    connection.execute(_EVERY_COPY, {"that": purchase_id, "due_at": due_at})


def posted(connection: Connection, claimed: Claimed, card: Card) -> None:
    # Locked, so that a move cannot mark the card due between the comparison and the update.
    purchase = lock_purchase(connection, card.purchase_id)
    if purchase is None:
        return
    twin = {"there": card.channel_id, "posted_as": card.ts}
    mine = {"card_id": claimed.id, "token": claimed.lease.token}
    if connection.execute(_IS_MINE, mine).first() is None:
        # Posted twice: what Slack shows is then one more copy to keep up to date. A known one that
        # somebody else has drawn newer meanwhile: nobody knows whose drawing came last.
        add(connection, _copy(card), claimed.lease.until)
        newer = cards.c.drawn_version > card.drawn_version
        anew = {"drawn_version": card.drawn_version, "due_at": claimed.lease.until}
        connection.execute(update(cards).where(_TWIN, newer).values(anew), twin)
        return
    connection.execute(_OTHER_TWIN, {"card_id": claimed.id, **twin})
    drawn = {"ts": card.ts, "drawn_version": card.drawn_version}
    is_current = purchase["version"] <= card.drawn_version
    due = {"due_at": None} if is_current else {}  # else still due, as it was when claimed
    connection.execute(_MINE, {**mine, **drawn, **due, **RELEASED})


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
