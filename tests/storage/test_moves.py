import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.purchase import MOVES, Status
from bot.ports import Kind, Lease, Queue
from tests.queues import claim_due, next_due
from tests.storage.values import (
    BOUGHT,
    EXPIRES,
    LASTING,
    MORGAN,
    PHONES,
    PREVIEWED,
    SECOND,
    SENT,
    START,
    WHY,
    AuditedStore,
    a_message,
    a_move,
    an_entry,
    claimed_one,
    moved,
    stored_in,
)

LATER = START + timedelta(minutes=1)


async def test_every_field_comes_back_as_it_was_stored(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.CONFIRMING)
    for name, value in {**PREVIEWED, **SENT, "approver_id": MORGAN}.items():
        assert getattr(purchase, name) == value
    assert purchase.decided_at == START + SECOND
    lost = await moved(store, a_move(purchase, Status.UNKNOWN, changes={"why": WHY}))
    assert lost.why == WHY
    bought = await moved(store, a_move(lost, Status.PROVISIONED, changes={**BOUGHT, "why": None}))
    for name, value in BOUGHT.items():
        assert getattr(bought, name) == value
    assert bought.why is None
    assert await store.purchase(purchase.id) == bought


async def test_a_move_changes_status_and_version_and_nothing_else(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    after = await moved(store, a_move(purchase, Status.APPROVED))
    assert after == replace(purchase, status=Status.APPROVED, version=purchase.version + 1)


async def test_only_moves_of_the_table_are_carried_out(store: AuditedStore) -> None:
    for source in Status:
        purchase = await stored_in(store, source)
        for target in set(Status) - MOVES[source]:
            with pytest.raises(ValueError, match=source.value):
                await store.move(a_move(purchase, target))
        assert await store.purchase(purchase.id) == purchase
        await store.verify(purchase.id)


@pytest.mark.parametrize(
    ("source", "target"), [(source, target) for source in Status for target in MOVES[source]]
)
async def test_every_move_of_the_table_is_carried_out_once(
    store: AuditedStore, source: Status, target: Status
) -> None:
    purchase = await stored_in(store, source)
    changes = {"revision": purchase.revision + 1} if source is target else {}
    after = await moved(store, a_move(purchase, target, LATER, changes=changes))
    assert after.status is target
    repeated = replace(after, status=source, revision=purchase.revision)
    if source is not target:
        assert await store.move(a_move(repeated, target, LATER)) is None
    assert (await store.audit(purchase.id))[-1].to_status is target
    await store.verify(purchase.id)


async def test_what_a_move_must_not_change_is_refused(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    for name in ("id", "code", "status", "version", "requested_at", "due_at", "no_field"):
        with pytest.raises(ValueError, match=name):
            await store.move(a_move(purchase, Status.APPROVED, changes={name: "x"}))


async def test_a_move_from_an_older_revision_changes_nothing(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    await moved(store, a_move(purchase, Status.PENDING, changes={"revision": 2}))
    rows = len(await store.audit(purchase.id))
    lost = a_move(purchase, Status.APPROVED, messages=[a_message()], card_in=PHONES, due_at=START)
    assert await store.move(lost) is None
    assert len(await store.audit(purchase.id)) == rows
    for queue in (Queue.OWED, Queue.CARDS, Queue.PURCHASES):
        assert await claim_due(store, queue, 10, now=LATER, lasting=LASTING) == []


async def test_of_many_moves_at_once_exactly_one_wins(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    targets = [Status.APPROVED, Status.CANCELLED, Status.EXPIRED, Status.REFUSED] * 3
    results = await asyncio.gather(
        *(
            store.move(a_move(purchase, target, messages=[a_message()], card_in=PHONES))
            for target in targets
        )
    )
    (winner,) = [found for found in results if found is not None]
    assert await store.purchase(purchase.id) == winner
    assert (await store.audit(purchase.id))[-1].to_status is winner.status
    assert len(await claim_due(store, Queue.OWED, 20, now=LATER, lasting=LASTING)) == 1
    assert len(await claim_due(store, Queue.CARDS, 20, now=LATER, lasting=LASTING)) == 1
    await store.verify(purchase.id)


async def test_a_move_under_a_lease_needs_the_lease(store: AuditedStore) -> None:
    await stored_in(store, Status.APPROVED)
    assert await claim_due(store, Queue.PURCHASES, 10, now=START, lasting=LASTING) == []
    purchase = await stored_in(store, Status.PENDING)
    approved = await moved(store, a_move(purchase, Status.APPROVED, due_at=START))
    lease = (await claimed_one(store, Queue.PURCHASES, now=START)).lease
    stranger = Lease("another", lease.until)
    sending = a_move(approved, Status.CONFIRMING, lease=stranger)
    assert await store.move(sending) is None
    too_late = a_move(approved, Status.CONFIRMING, lease.until, lease=lease)
    assert await store.move(too_late) is None
    in_time = a_move(approved, Status.CONFIRMING, lease.until - SECOND, lease=lease)
    assert await store.move(in_time) is not None


async def test_a_lease_that_was_taken_over_fences_the_first_holder_off(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    approved = await moved(store, a_move(purchase, Status.APPROVED, due_at=START))
    first = await claimed_one(store, Queue.PURCHASES, now=START)
    second = await claimed_one(store, Queue.PURCHASES, now=first.lease.until)
    # The first holder's clock may be behind: the token decides.
    assert await store.move(a_move(approved, Status.CONFIRMING, lease=first.lease)) is None
    assert await store.move(a_move(approved, Status.CONFIRMING, lease=second.lease)) is not None


async def test_a_lease_is_kept_only_on_demand(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    approved = await moved(store, a_move(purchase, Status.APPROVED, due_at=START))
    lease = (await claimed_one(store, Queue.PURCHASES, now=START)).lease
    until = lease.until + SECOND
    sending = a_move(approved, Status.CONFIRMING, due_at=START, lease=lease, hold_until=until)
    confirming = await moved(store, sending)
    assert await claim_due(store, Queue.PURCHASES, 10, now=lease.until, lasting=LASTING) == []
    assert await next_due(store, [Queue.PURCHASES]) == until
    await moved(store, a_move(confirming, Status.UNKNOWN, due_at=START))
    assert (await claimed_one(store, Queue.PURCHASES, now=START)).lease != lease


async def test_a_move_makes_no_lease_shorter(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    approved = await moved(store, a_move(purchase, Status.APPROVED, due_at=START))
    lease = (await claimed_one(store, Queue.PURCHASES, now=START)).lease
    prolonged = lease.until + SECOND
    await store.renew([lease], now=START, until=prolonged)
    await moved(
        store,
        a_move(approved, Status.CONFIRMING, due_at=START, lease=lease, hold_until=lease.until),
    )
    assert await next_due(store, [Queue.PURCHASES]) == prolonged


async def test_after_a_move_the_attempts_are_counted_anew(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    approved = await moved(store, a_move(purchase, Status.APPROVED, due_at=START))
    await store.put_off(await claimed_one(store, Queue.PURCHASES), START)
    await moved(store, a_move(approved, Status.CONFIRMING, due_at=START))
    assert (await claimed_one(store, Queue.PURCHASES)).attempts == 0


async def test_a_move_before_expiry_fails_from_the_very_instant_on(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.APPROVED)
    late = a_move(purchase, Status.CONFIRMING, EXPIRES, before_expiry=True)
    assert await store.move(late) is None
    in_time = EXPIRES - timedelta(microseconds=1)
    assert await store.move(a_move(purchase, Status.CONFIRMING, in_time, before_expiry=True))


async def test_an_observation_is_audited_without_moving_anything(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.FAILED)
    await asyncio.gather(
        *(store.record(purchase, an_entry("answer", ids={"a": 1})) for _ in range(5))
    )
    assert await store.purchase(purchase.id) == purchase
    row = (await store.audit(purchase.id))[-1]
    assert (row.action, row.from_status, row.to_status) == ("answer", Status.FAILED, None)
    assert row.detail == {"ids": {"a": 1}}
    await store.verify(purchase.id)


async def test_an_observation_of_nothing_is_a_bug(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.FAILED)
    with pytest.raises(LookupError):
        await store.record(replace(purchase, id="x"), an_entry())


async def test_messages_of_a_move_are_owed_from_its_instant_on(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    report = a_message(kind=Kind.REPORT, purchase_id=purchase.id, created_at=LATER)
    await moved(store, a_move(purchase, Status.EXPIRED, LATER, messages=[report]))
    assert await claim_due(store, Queue.OWED, 10, now=LATER - SECOND, lasting=LASTING) == []
    assert (await claimed_one(store, Queue.OWED, now=LATER)).id == report.id


async def test_the_next_step_is_due_when_the_move_says(store: AuditedStore) -> None:
    purchase = await stored_in(store, Status.REQUESTED)
    await moved(store, a_move(purchase, Status.PENDING, due_at=EXPIRES))
    assert await next_due(store, list(Queue)) == EXPIRES


async def test_what_a_status_keeps_ends_and_settles(store: AuditedStore) -> None:
    holding_the_token = {Status.PENDING, Status.APPROVED, Status.CONFIRMING}
    still_open = {*holding_the_token, Status.REQUESTED, Status.UNKNOWN, Status.CHARGED}
    settled = {Status.PROVISIONED, Status.FAILED, Status.CHARGED}
    for status in Status:
        purchase = await stored_in(store, status)
        assert purchase.preview_token == ("lpv_secret" if status in holding_the_token else None)
        assert purchase.closed_at == (None if status in still_open else START)
        assert purchase.settled_at == (START if status in settled else None)


async def test_a_confirm_that_never_left_is_not_settled(store: AuditedStore) -> None:
    approved = await stored_in(store, Status.APPROVED)
    failed = await moved(store, a_move(approved, Status.FAILED))
    assert failed.settled_at is None
    assert failed.closed_at == START


@pytest.mark.parametrize("target", [Status.PROVISIONED, Status.CHARGED])
async def test_late_evidence_reopens_or_ends_the_story(store: AuditedStore, target: Status) -> None:
    failed = await stored_in(store, Status.FAILED)
    after = await moved(store, a_move(failed, target, LATER))
    assert after.closed_at == (LATER if target is Status.PROVISIONED else None)
    assert after.settled_at == LATER
