import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.decision import Action
from bot.domain.purchase import MOVES, Purchase, Status
from bot.ports import Kind, Lease, Queue
from bot.storage import SqlStore
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
    a_decision,
    a_message,
    a_move,
    an_entry,
    claimed_one,
    moved,
    stored_in,
)

LATER = START + timedelta(minutes=1)


async def test_every_field_comes_back_as_it_was_stored(store: SqlStore) -> None:
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


async def test_a_move_changes_status_and_version_and_nothing_else(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    after = await moved(store, a_move(purchase, Status.APPROVED))
    assert after == replace(purchase, status=Status.APPROVED, version=purchase.version + 1)


@pytest.mark.parametrize("source", list(Status))
async def test_only_moves_of_the_table_are_carried_out(store: SqlStore, source: Status) -> None:
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
    store: SqlStore, source: Status, target: Status
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


@pytest.mark.parametrize("name", ["id", "code", "status", "version", "requested_at", "no_field"])
async def test_what_a_move_must_not_change_is_refused(store: SqlStore, name: str) -> None:
    purchase = await stored_in(store, Status.PENDING)
    with pytest.raises(ValueError, match=name):
        await store.move(a_move(purchase, Status.APPROVED, changes={name: "x"}))


async def test_a_move_from_an_older_revision_changes_nothing(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    await moved(store, a_move(purchase, Status.PENDING, changes={"revision": 2}))
    rows = len(await store.audit(purchase.id))
    lost = a_move(purchase, Status.APPROVED, messages=[a_message()], card_in=PHONES, due_at=START)
    assert await store.move(lost) is None
    assert len(await store.audit(purchase.id)) == rows
    for queue in (Queue.OWED, Queue.CARDS, Queue.PURCHASES):
        assert await store.claim(queue, 10, now=LATER, lasting=LASTING) == []


async def test_of_many_moves_at_once_exactly_one_wins(store: SqlStore) -> None:
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
    assert len(await store.claim(Queue.OWED, 20, now=LATER, lasting=LASTING)) == 1
    assert len(await store.claim(Queue.CARDS, 20, now=LATER, lasting=LASTING)) == 1
    await store.verify(purchase.id)


async def test_a_move_under_a_lease_needs_the_lease(store: SqlStore) -> None:
    await stored_in(store, Status.APPROVED)
    assert await store.claim(Queue.PURCHASES, 10, now=START, lasting=LASTING) == []
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


async def test_a_lease_that_was_taken_over_fences_the_first_holder_off(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    approved = await moved(store, a_move(purchase, Status.APPROVED, due_at=START))
    first = await claimed_one(store, Queue.PURCHASES, now=START)
    second = await claimed_one(store, Queue.PURCHASES, now=first.lease.until)
    # The first holder's clock may be behind: the token decides.
    assert await store.move(a_move(approved, Status.CONFIRMING, lease=first.lease)) is None
    assert await store.move(a_move(approved, Status.CONFIRMING, lease=second.lease)) is not None


async def test_a_lease_is_kept_only_on_demand(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    approved = await moved(store, a_move(purchase, Status.APPROVED, due_at=START))
    lease = (await claimed_one(store, Queue.PURCHASES, now=START)).lease
    sending = a_move(approved, Status.CONFIRMING, due_at=START, lease=lease, keep_lease=True)
    confirming = await moved(store, sending)
    assert await store.claim(Queue.PURCHASES, 10, now=START, lasting=LASTING) == []
    await moved(store, a_move(confirming, Status.UNKNOWN, due_at=START))
    assert (await claimed_one(store, Queue.PURCHASES, now=START)).lease != lease


async def test_a_move_before_expiry_fails_from_the_very_instant_on(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.APPROVED)
    late = a_move(purchase, Status.CONFIRMING, EXPIRES, before_expiry=True)
    assert await store.move(late) is None
    in_time = EXPIRES - timedelta(microseconds=1)
    assert await store.move(a_move(purchase, Status.CONFIRMING, in_time, before_expiry=True))


async def test_an_expiry_waits_for_a_click_that_came_in_time(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    in_time = a_decision(purchase, came_at=EXPIRES - timedelta(microseconds=1))
    await store.add_decision(in_time)
    expiry = a_move(purchase, Status.EXPIRED, EXPIRES, unless_clicked=True)
    assert await store.move(expiry) is None
    await store.dismiss(in_time, an_entry())
    assert await store.move(expiry) is not None


async def test_an_expiry_does_not_wait_for_a_click_that_came_too_late(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    await store.add_decision(a_decision(purchase, came_at=EXPIRES))
    other = await stored_in(store, Status.PENDING)
    await store.add_decision(a_decision(other))
    assert await store.move(a_move(purchase, Status.EXPIRED, EXPIRES, unless_clicked=True))


async def test_a_click_and_an_expiry_at_once_never_lose_the_click(store: SqlStore) -> None:
    for _ in range(10):
        purchase = await stored_in(store, Status.PENDING)
        click = a_decision(purchase)
        expiry = a_move(purchase, Status.EXPIRED, EXPIRES, unless_clicked=True)
        expired, _ = await asyncio.gather(store.move(expiry), store.add_decision(click))
        if expired is not None:  # then the expiry came first, which the click's judge will see
            found = await store.purchase(purchase.id)
            assert found is not None
            assert found.status is Status.EXPIRED
        assert await store.decision(click.id) == click
        assert await store.move(expiry) is None


async def test_a_move_settles_its_click(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    click = a_decision(purchase)
    await store.add_decision(click)
    await claimed_one(store, Queue.DECISIONS)
    await moved(store, a_move(purchase, Status.APPROVED, settles=click.id))
    assert await store.decision(click.id) is None
    assert await store.claim(Queue.DECISIONS, 10, now=LATER, lasting=LASTING) == []


async def test_a_click_that_was_judged_meanwhile_moves_nothing(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    click = a_decision(purchase)
    await store.add_decision(click)
    await store.dismiss(click, an_entry())
    assert await store.move(a_move(purchase, Status.APPROVED, settles=click.id)) is None
    assert await store.purchase(purchase.id) == purchase


async def test_a_refused_click_is_judged_audited_and_answered_once(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    click = a_decision(purchase)
    await store.add_decision(click)
    rows = len(await store.audit(purchase.id))
    await asyncio.gather(
        *(store.dismiss(click, an_entry("approve"), [a_message()]) for _ in range(4))
    )
    assert await store.decision(click.id) is None
    await claimed_one(store, Queue.OWED)
    added = (await store.audit(purchase.id))[rows:]
    assert [(row.action, row.from_status, row.to_status) for row in added] == [
        ("approve", Status.PENDING, None)
    ]
    assert await store.purchase(purchase.id) == purchase
    await store.verify(purchase.id)


async def test_an_observation_is_audited_without_moving_anything(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.FAILED)
    await asyncio.gather(
        *(store.record(purchase, an_entry("answer", ids={"a": 1})) for _ in range(5))
    )
    assert await store.purchase(purchase.id) == purchase
    row = (await store.audit(purchase.id))[-1]
    assert (row.action, row.from_status, row.to_status) == ("answer", Status.FAILED, None)
    assert row.detail == {"ids": {"a": 1}}
    await store.verify(purchase.id)


async def test_messages_of_a_move_are_owed_from_its_instant_on(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.PENDING)
    report = a_message(kind=Kind.REPORT, purchase_id=purchase.id, created_at=LATER)
    await moved(store, a_move(purchase, Status.EXPIRED, LATER, messages=[report]))
    assert await store.claim(Queue.OWED, 10, now=LATER - SECOND, lasting=LASTING) == []
    assert (await claimed_one(store, Queue.OWED, now=LATER)).id == report.id


async def test_the_next_step_is_due_when_the_move_says(store: SqlStore) -> None:
    purchase = await stored_in(store, Status.REQUESTED)
    await moved(store, a_move(purchase, Status.PENDING, due_at=EXPIRES))
    assert await store.next_due() == EXPIRES


@pytest.mark.parametrize("status", list(Status))
async def test_the_preview_token_is_kept_only_while_it_can_be_used(
    store: SqlStore, status: Status
) -> None:
    purchase = await stored_in(store, status)
    of_use = status in {Status.PENDING, Status.APPROVED, Status.CONFIRMING}
    assert purchase.preview_token == ("lpv_secret" if of_use else None)


@pytest.mark.parametrize("status", list(Status))
async def test_a_story_that_is_over_is_closed(store: SqlStore, status: Status) -> None:
    purchase = await stored_in(store, status)
    still_open = {
        Status.REQUESTED,
        Status.PENDING,
        Status.APPROVED,
        Status.CONFIRMING,
        Status.UNKNOWN,
        Status.CHARGED,
    }
    assert purchase.closed_at == (None if status in still_open else START)


@pytest.mark.parametrize("status", list(Status))
async def test_an_outcome_is_settled_when_it_becomes_known(store: SqlStore, status: Status) -> None:
    purchase = await stored_in(store, status)
    known = {Status.PROVISIONED, Status.FAILED, Status.CHARGED}
    assert purchase.settled_at == (START if status in known else None)


async def test_a_confirm_that_never_left_is_not_settled(store: SqlStore) -> None:
    approved = await stored_in(store, Status.APPROVED)
    failed = await moved(store, a_move(approved, Status.FAILED))
    assert failed.settled_at is None
    assert failed.closed_at == START


@pytest.mark.parametrize("target", [Status.PROVISIONED, Status.CHARGED])
async def test_late_evidence_reopens_or_ends_the_story(store: SqlStore, target: Status) -> None:
    failed = await stored_in(store, Status.FAILED)
    after = await moved(store, a_move(failed, target, LATER))
    assert after.closed_at == (LATER if target is Status.PROVISIONED else None)
    assert after.settled_at == LATER


async def close(store: SqlStore, charged: Purchase, actor: str) -> Purchase | None:
    click = a_decision(charged, action=Action.CLOSE, actor_id=actor)
    await store.add_decision(click)
    changes = {"closed_by": actor, "closed_at": LATER, "note": "refunded"}
    return await store.move(
        a_move(charged, Status.CHARGED, LATER, settles=click.id, changes=changes)
    )


async def test_a_charged_purchase_is_closed_once(store: SqlStore) -> None:
    charged = await stored_in(store, Status.CHARGED)
    closed = await asyncio.gather(*(close(store, charged, f"U{n}") for n in range(4)))
    (winner,) = [found for found in closed if found is not None]
    assert winner.closed_at == LATER
    assert not winner.is_open
    assert await store.purchase(charged.id) == winner
    await store.verify(charged.id)
