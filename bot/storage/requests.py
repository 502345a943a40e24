"""Writing down what somebody wants, before the ack; idempotent on `trigger_id`."""

from sqlalchemy import Connection, select

from bot.domain.decision import Decision
from bot.domain.errors import Frozen, NumberTaken, PurchaseNotFound
from bot.domain.purchase import Purchase, Status
from bot.ports import Card, Entry, Message
from bot.storage import again, audit, cards, codes, freezes, homes, messages
from bot.storage.errors import StorageUnavailable
from bot.storage.rows import read_purchase, write_decision, write_purchase
from bot.storage.tables import MAY_BUY, decisions, purchases
from bot.storage.writing import insert_new, lock_purchase


def add_request(connection: Connection, purchase: Purchase, trigger_id: str) -> Purchase:
    freeze = freezes.frozen(connection)
    if freeze is not None:
        raise Frozen(**freeze.fields)
    if purchase.previous_id is not None:
        again.lock(connection, purchase.previous_id)
        earlier = _made_by(connection, trigger_id)
        if earlier is not None:  # before the previous one is looked at: it may have moved on
            return earlier
        again.check(connection, purchase.previous_id)
    row = write_purchase(purchase) | {
        "trigger_id": trigger_id,
        "status": Status.REQUESTED.value,
        "due_at": purchase.requested_at,
        "ordered_number": purchase.order.number,
    }
    entry = Entry(
        actor_id=purchase.requester_id,
        action="request",
        outcome="done",
        at=purchase.requested_at,
        detail={"provider": row["provider"], "order": row["order"], "reason": row["reason"]},
    )
    first = audit.first(purchase.id, entry, Status.REQUESTED)
    row |= {"audit_seq": first["seq"], "audit_hash": first["hash"]}
    for code in codes.candidates():
        stored = insert_new(connection, purchases, row | {"code": code})
        if stored is not None:
            break
        earlier = _made_by(connection, trigger_id)
        if earlier is not None:
            return earlier
        _check_number(connection, purchase)
    else:
        raise StorageUnavailable("No free code was found for a new purchase.")
    audit.begin(connection, first)
    made = read_purchase(stored)
    if made.previous_id is not None:
        again.note(connection, made, made.previous_id)
    homes.owe(connection, made.requested_at)
    return made


def _made_by(connection: Connection, trigger_id: str) -> Purchase | None:
    known = select(purchases).where(purchases.c.trigger_id == trigger_id)
    row = connection.execute(known).mappings().one_or_none()
    return None if row is None else read_purchase(row)


def _check_number(connection: Connection, wanted: Purchase) -> None:
    """Two open purchases of one number would buy it twice, or fail on each other."""
    if wanted.order.number is None:
        return
    same = select(purchases.c.code, purchases.c.status).where(
        purchases.c.provider == wanted.provider,
        purchases.c.ordered_number == wanted.order.number,
        MAY_BUY,
    )
    other = connection.execute(same).one_or_none()
    if other is not None:
        raise NumberTaken(number=wanted.order.number, code=other.code, status=other.status)


def add_decision(connection: Connection, decision: Decision) -> None:
    # Shared with other clicks, but not with a move: an expiry that is under way either sees this
    # click, or has happened before it.
    if lock_purchase(connection, decision.purchase_id, shared=True) is None:
        raise PurchaseNotFound(code=decision.purchase_id)
    row = write_decision(decision) | {"due_at": decision.came_at}
    if insert_new(connection, decisions, row) is None:
        return
    if decision.channel_id is not None and decision.message_ts is not None:
        clicked = Card(
            id=cards.new_id(),
            purchase_id=decision.purchase_id,
            channel_id=decision.channel_id,
            ts=decision.message_ts,
        )
        cards.add(connection, clicked, decision.came_at)


def add_message(connection: Connection, message: Message) -> None:
    messages.add(connection, message, message.created_at)
