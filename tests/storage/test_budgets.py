"""Purchases that are approved by themselves, and the sums that they never exceed together."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.policy import Terms
from bot.domain.price import Price
from bot.domain.purchase import Purchase, Status
from bot.ports import Budget, Move, Note, Store
from bot.storage import open_store
from tests.storage.conftest import Database
from tests.storage.values import (
    PREVIEWED,
    RILEY,
    SECOND,
    START,
    WHY,
    AuditedStore,
    a_move,
    an_entry,
    moved,
    stored_in,
)

SCOPE, OTHER = f"requester {RILEY}", "channel CPHONES"
YESTERDAY, LAST_MONTH = START - timedelta(days=1), START - timedelta(days=31)
BUDGET = Budget(
    scope=SCOPE,
    day=Price.parse("100.00 USD"),
    day_since=START,
    month=Price.parse("250.00 USD"),
    month_since=YESTERDAY,
)
BEFORE = replace(BUDGET, day=None)


def under(scope: str | None) -> Mapping[str, Any]:
    """The details of a purchase with such terms."""
    return {"terms": Terms(rule="small", approvers=(RILEY,), auto=scope).as_json()}


async def asked(store: Store, price: str | None, scope: str | None = SCOPE) -> Purchase:
    """A pending purchase at that price, whose terms name the budget."""
    changes = {
        **PREVIEWED,
        "price": price and Price.parse(f"{price} USD" if " " not in price else price),
        "details": under(scope),
    }
    requested = await stored_in(store, Status.REQUESTED)
    return await moved(store, a_move(requested, Status.PENDING, changes=changes))


def approval(purchase: Purchase, budget: Budget = BUDGET, **changes: Any) -> Move:
    given = {"approver_id": "dialtone", "decided_at": START}
    return a_move(purchase, Status.APPROVED, changes=given | changes, within=budget)


async def is_approved(store: Store, price: str | None, **changes: Any) -> bool:
    return await store.move(approval(await asked(store, price), **changes)) is not None


async def test_the_sum_of_a_day_may_be_reached_but_not_exceeded(store: AuditedStore) -> None:
    assert await is_approved(store, "60.00")
    assert not await is_approved(store, "40.01")
    assert await is_approved(store, "40.00")
    assert not await is_approved(store, "0.01")
    assert await is_approved(store, "0.00")


async def test_what_is_refused_is_left_as_it_was(store: AuditedStore) -> None:
    purchase = await asked(store, "100.01")
    rows = await store.audit(purchase.id)
    assert await store.move(approval(purchase)) is None
    assert await store.purchase(purchase.id) == purchase
    assert await store.audit(purchase.id) == rows
    await store.verify(purchase.id)


async def test_what_was_approved_before_the_day_counts_for_the_month_alone(store: Store) -> None:
    for _ in range(2):
        assert await is_approved(store, "90.00", decided_at=START - SECOND, budget=BEFORE)
    assert not await is_approved(store, "70.01")
    assert await is_approved(store, "70.00")


async def test_what_was_approved_before_the_month_counts_no_more(store: Store) -> None:
    long_ago = replace(BEFORE, month_since=LAST_MONTH)
    assert await is_approved(store, "200.00", decided_at=LAST_MONTH, budget=long_ago)
    assert not await is_approved(store, "100.00", budget=long_ago)
    assert await is_approved(store, "100.00")


async def test_a_budget_may_have_one_limit_or_none(store: Store) -> None:
    day_alone = replace(BUDGET, month=None)
    assert not await is_approved(store, "100.01", budget=day_alone)
    assert await is_approved(store, "250.00", budget=BEFORE)
    assert not await is_approved(store, "0.01", budget=BEFORE)
    assert await is_approved(store, "9999.00", budget=replace(BEFORE, month=None))


async def test_budgets_of_two_scopes_do_not_meet(store: Store) -> None:
    assert await is_approved(store, "100.00")
    other = await asked(store, "100.00", OTHER)
    assert await store.move(approval(other, replace(BUDGET, scope=OTHER))) is not None


async def test_what_people_approved_or_what_still_waits_does_not_count(store: Store) -> None:
    by_people = await asked(store, "100.00", None)
    await moved(store, a_move(by_people, Status.APPROVED, changes={"decided_at": START}))
    waiting = await asked(store, "100.00")
    assert await is_approved(store, "100.00")
    note = Note(
        purchase=waiting,
        lease=None,
        entry=an_entry("budget"),
        changes={"details": under(None)},
    )
    handed_over = await store.note(note)
    assert handed_over is not None
    await moved(store, a_move(handed_over, Status.APPROVED, changes={"decided_at": START}))
    assert not await is_approved(store, "0.01")


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
async def test_what_spent_nothing_in_the_end_makes_room_again(store: Store, status: Status) -> None:
    approved = await moved(store, approval(await asked(store, "100.00")))
    assert not await is_approved(store, "1.00")
    await moved(store, a_move(approved, status, changes={"why": WHY}))
    assert await is_approved(store, "100.00")


@pytest.mark.parametrize("status", [Status.PROVISIONED, Status.CHARGED, Status.UNKNOWN])
async def test_what_took_money_or_may_have_counts(store: Store, status: Status) -> None:
    approved = await moved(store, approval(await asked(store, "100.00")))
    sent = await moved(store, a_move(approved, Status.CONFIRMING))
    assert not await is_approved(store, "1.00")
    await moved(store, a_move(sent, status))
    assert not await is_approved(store, "1.00")


async def test_amounts_in_two_currencies_make_no_sum(store: Store) -> None:
    assert not await is_approved(store, "1.00 CAD")
    canadian = replace(BUDGET, day=Price.parse("100.00 CAD"), month=None)
    assert await is_approved(store, "1.00 CAD", budget=canadian)
    assert not await is_approved(store, "1.00")


async def test_a_price_that_is_not_known_fits_into_no_budget(store: Store) -> None:
    assert not await is_approved(store, None)
    assert await is_approved(store, None, budget=replace(BEFORE, month=None))
    assert not await is_approved(store, "1.00")


async def test_the_price_counts_that_the_move_sets(store: Store) -> None:
    purchase = await asked(store, "1.00")
    dear = Price.parse("100.01 USD")
    assert await store.move(approval(purchase, price=dear)) is None
    assert await store.move(approval(purchase, price=BUDGET.day)) is not None


async def test_a_purchase_does_not_count_twice_itself(store: Store) -> None:
    approved = await moved(store, approval(await asked(store, "100.00")))
    back = await moved(store, a_move(approved, Status.PENDING, changes={"revision": 2}))
    assert await store.move(approval(back)) is not None


async def test_a_purchase_that_would_not_count_itself_is_a_bug(store: Store) -> None:
    purchase = await asked(store, "1.00", OTHER)
    with pytest.raises(ValueError, match="names it"):
        await store.move(approval(purchase))
    mine = await asked(store, "1.00")
    with pytest.raises(ValueError, match="when it was approved"):
        await store.move(approval(mine, decided_at=None))


async def test_a_budget_is_not_exceeded_by_purchases_at_the_same_moment(store: Store) -> None:
    for day in range(3):
        at = START + timedelta(days=day)
        budget = replace(BUDGET, day_since=at, month=None)
        waiting = [await asked(store, "30.00") for _ in range(10)]
        found = await asyncio.gather(
            *(store.move(approval(each, budget, decided_at=at)) for each in waiting)
        )
        assert sum(each is not None for each in found) == 3


async def test_nor_by_purchases_on_several_replicas(migrated_postgresql: Database) -> None:
    stores = [await open_store(migrated_postgresql.url) for _ in range(2)]
    waiting = [await asked(stores[0], "30.00") for _ in range(10)]
    found = await asyncio.gather(
        *(stores[number % 2].move(approval(each)) for number, each in enumerate(waiting))
    )
    assert sum(each is not None for each in found) == 3
    for each in stores:
        await each.close()
