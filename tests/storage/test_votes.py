"""Several approvals of one purchase, and changes of it that are no moves."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.purchase import Purchase, Status
from bot.ports import Kind, Lease, Move, Note, Queue, Store, Vote
from bot.storage import open_store
from tests.queues import card_of, decision_of, next_due
from tests.storage.conftest import Database
from tests.storage.values import (
    EXPIRES,
    MORGAN,
    PHONES,
    RILEY,
    SECOND,
    START,
    AuditedStore,
    a_decision,
    a_message,
    a_move,
    an_entry,
    claimed_one,
    moved,
    stored_in,
)

LATER = START + timedelta(minutes=1)


def a_vote(purchase: Purchase, approver_id: str = MORGAN, came_at: datetime = START) -> Vote:
    return Vote(
        purchase_id=purchase.id,
        revision=purchase.revision,
        approver_id=approver_id,
        came_at=came_at,
    )


async def voters(store: Store, purchase: Purchase) -> list[str]:
    return [vote.approver_id for vote in await store.votes(purchase.id, purchase.revision)]


# ── Votes ────────────────────────────────────────────────────────────────────────────────────────
async def test_votes_come_back_oldest_first(store: Store) -> None:
    purchase = await stored_in(store, Status.PENDING)
    later, first = a_vote(purchase, "ULATER", LATER), a_vote(purchase, MORGAN)
    await store.add_vote(later)
    await store.add_vote(first)
    assert await store.votes(purchase.id, 1) == [first, later]
    assert await store.votes(purchase.id, 2) == await store.votes("another", 1) == []


async def test_the_same_person_counts_once_and_since_the_first_time(store: Store) -> None:
    purchase = await stored_in(store, Status.PENDING)
    votes = [a_vote(purchase, came_at=START + n * SECOND) for n in range(5)]
    await store.add_vote(votes[0])
    await asyncio.gather(*(store.add_vote(vote) for vote in votes))
    assert await store.votes(purchase.id, 1) == votes[:1]


async def test_votes_at_the_same_moment_are_all_stored(store: Store) -> None:
    purchase = await stored_in(store, Status.PENDING)
    people = [f"U{n}" for n in range(8)]
    await asyncio.gather(*(store.add_vote(a_vote(purchase, user_id)) for user_id in people))
    assert await voters(store, purchase) == people


async def test_who_votes_last_on_another_replica_sees_both(migrated_postgresql: Database) -> None:
    """Each adds its vote, then counts: not both may count one, or nobody would approve."""
    stores = [await open_store(migrated_postgresql.url) for _ in range(2)]
    for _ in range(5):
        purchase = await stored_in(stores[0], Status.PENDING)

        async def vote(number: int, purchase: Purchase = purchase) -> int:
            await stores[number].add_vote(a_vote(purchase, f"U{number}"))
            return len(await stores[number].votes(purchase.id, 1))

        assert max(await asyncio.gather(vote(0), vote(1))) == 2
    for each in stores:
        await each.close()


async def test_only_what_is_pending_at_that_revision_is_voted_on(store: Store) -> None:
    for status in set(Status) - {Status.PENDING}:
        purchase = await stored_in(store, status)
        await store.add_vote(a_vote(purchase))
        assert await voters(store, purchase) == []
    pending = await stored_in(store, Status.PENDING)
    dearer = await moved(store, a_move(pending, Status.PENDING, changes={"revision": 2}))
    await store.add_vote(a_vote(pending))
    await store.add_vote(a_vote(replace(pending, id="another")))
    assert await voters(store, pending) == []
    await store.add_vote(a_vote(dearer))
    assert await voters(store, dearer) == [MORGAN]


async def test_a_counted_vote_is_judged_audited_and_drawn(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    click = a_decision(purchase, channel_id=PHONES, message_ts="1.0")
    await store.add_decision(click)
    card = await claimed_one(store, Queue.CARDS)
    shown = await card_of(store, card.id)
    assert shown is not None
    await store.card_posted(card, replace(shown, drawn_version=purchase.version))
    entry = an_entry("approve", LATER, missing=1)
    await asyncio.gather(*(store.count_vote(click, entry) for _ in range(3)))
    assert await decision_of(store, click.id) is None
    after = await store.purchase(purchase.id)
    assert after == replace(purchase, version=purchase.version + 1)
    row = (await store.audit(purchase.id))[-1]
    assert (row.seq, row.action, row.detail) == (3, "approve", {"missing": 1})
    assert (row.from_status, row.to_status) == (Status.PENDING, None)
    assert await next_due(store, [Queue.CARDS]) == LATER
    assert await next_due(store, [Queue.DECISIONS]) is None
    await store.verify(purchase.id)


# ── Notes ────────────────────────────────────────────────────────────────────────────────────────
def a_note(purchase: Purchase, at: datetime = LATER, **fields: Any) -> Note:
    given: dict[str, Any] = {"lease": None, "entry": an_entry("remind", at)}
    return Note(purchase=purchase, **given | fields)


async def test_a_note_changes_what_it_says_and_owes_what_it_owes(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    await store.add_decision(a_decision(purchase, channel_id=PHONES, message_ts="1.0"))
    told = a_message(kind=Kind.THREAD, purchase_id=purchase.id)
    changes: dict[str, Any] = {
        "details": {"reminded": 1},
        "preview_token": "lpv_new",
        "expires_at": LATER,
    }
    note = a_note(purchase, changes=changes, due_at=EXPIRES, messages=[told])
    after = await store.note(note)
    assert after == replace(purchase, version=purchase.version + 1, **changes)
    assert await store.purchase(purchase.id) == after
    row = (await store.audit(purchase.id))[-1]
    assert (row.action, row.from_status, row.to_status) == ("remind", Status.PENDING, None)
    assert await next_due(store, [Queue.PURCHASES]) == EXPIRES
    assert (await claimed_one(store, Queue.OWED, now=LATER)).id == told.id
    assert await next_due(store, [Queue.CARDS]) == LATER
    await store.verify(purchase.id)


async def test_a_click_counts_after_a_note_as_before(store: Store) -> None:
    purchase = await stored_in(store, Status.PENDING)
    click = a_decision(purchase)
    await store.add_decision(click)
    assert await store.note(a_note(purchase)) is not None
    assert await store.move(a_move(purchase, Status.APPROVED, settles=click.id)) is not None


async def test_a_note_needs_its_lease_and_gives_it_back(store: Store) -> None:
    requested = await stored_in(store, Status.REQUESTED)
    purchase = await moved(store, a_move(requested, Status.PENDING, due_at=START))
    await store.put_off(await claimed_one(store, Queue.PURCHASES), START)
    claimed = await claimed_one(store, Queue.PURCHASES)
    lost = Lease("lost", claimed.lease.until)
    assert await store.note(a_note(purchase, START, lease=lost)) is None
    assert await store.note(a_note(purchase, claimed.lease.until, lease=claimed.lease)) is None
    assert await store.purchase(purchase.id) == purchase
    note = a_note(purchase, START + SECOND, lease=claimed.lease, due_at=START + SECOND)
    assert await store.note(note) is not None
    again = await claimed_one(store, Queue.PURCHASES)
    assert (again.lease.token != claimed.lease.token, again.attempts) == (True, 0)


async def nothing_done(store: Store, note: Note) -> None:
    before = await store.purchase(note.purchase.id)
    rows = await store.audit(note.purchase.id)
    assert await store.note(replace(note, messages=[a_message()])) is None
    assert await store.purchase(note.purchase.id) == before
    assert await store.audit(note.purchase.id) == rows
    assert await next_due(store, [Queue.OWED]) is None


async def test_a_note_on_what_has_changed_does_nothing(store: Store) -> None:
    purchase = await stored_in(store, Status.PENDING)
    dearer = await moved(store, a_move(purchase, Status.PENDING, changes={"revision": 2}))
    await nothing_done(store, a_note(purchase))
    await moved(store, a_move(dearer, Status.CANCELLED, changes={"cancelled_by": RILEY}))
    await nothing_done(store, a_note(dearer))
    await nothing_done(store, a_note(replace(dearer, id="another")))


async def test_a_note_changes_nothing_that_is_fixed(store: Store) -> None:
    purchase = await stored_in(store, Status.PENDING)
    for changes in ({"status": Status.APPROVED}, {"revision": 2}, {"code": "AAAA"}):
        with pytest.raises(ValueError, match="cannot change"):
            await store.note(a_note(purchase, changes=changes))
    assert await store.purchase(purchase.id) == purchase


async def test_a_token_is_not_kept_where_it_is_of_no_use(store: Store) -> None:
    failed = await stored_in(store, Status.FAILED)
    after = await store.note(a_note(failed, changes={"preview_token": "lpv_late"}))
    assert after is not None
    assert after.preview_token is None


async def test_a_note_and_a_move_do_not_both_count_the_same_state(store: AuditedStore) -> None:
    for _ in range(5):
        purchase = await stored_in(store, Status.PENDING)
        move: Move = a_move(purchase, Status.EXPIRED, LATER)
        await asyncio.gather(store.note(a_note(purchase)), store.move(move))
        after = await store.purchase(purchase.id)
        assert after is not None
        rows = await store.audit(purchase.id)
        assert after.status is Status.EXPIRED
        assert after.version - purchase.version == len(rows) - 2
        await store.verify(purchase.id)
