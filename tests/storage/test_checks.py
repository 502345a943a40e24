"""Checks of the providers' limits: when they are due, and what becomes of what they found."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.limits import DAY, MONTH, Limits, Reading, combine
from bot.domain.purchase import MOVES, Purchase, Status
from bot.ports import Check, Claimed, Queue, Store
from bot.storage import SqlStore
from tests.queues import card_of, claim_due, next_due
from tests.storage.conftest import Database
from tests.storage.values import (
    EVERY,
    LASTING,
    PHONES,
    PREVIEWED,
    SECOND,
    START,
    a_check,
    a_message,
    a_move,
    an_alert,
    claimed_one,
    foreign,
    found_by,
    moved,
    stored_in,
)

LONG_AGO = START - timedelta(days=7)
LIMITS = Limits(
    day=combine(DAY, Reading(limit=3, used=2, resets_at=START + DAY), [], 3, START),
    month=combine(MONTH, Reading(), [START - DAY], 10, START),
)


async def due_at(store: Store, provider: str = "sendblue") -> datetime | None:
    check = await store.check(provider)
    assert check is not None
    return check.due_at


async def claim(store: Store, now: datetime) -> list[Claimed]:
    return await claim_due(store, Queue.CHECKS, 10, now=now, lasting=LASTING)


async def purchase_now(store: Store, purchase: Purchase) -> Purchase:
    found = await store.purchase(purchase.id)
    assert found is not None
    return found


# ── When they are due ────────────────────────────────────────────────────────────────────────────
async def test_without_being_kept_nothing_is_checked(store: Store) -> None:
    assert await store.check("sendblue") is None
    await stored_in(store, Status.PROVISIONED)
    assert await claim(store, START + DAY) == []


async def test_every_provider_has_one_check_however_often_it_is_kept(store: Store) -> None:
    for seconds in (0, 0, 5):
        await store.keep_checks(["sendblue", "magpipe"], at=START + timedelta(seconds=seconds))
    found = await claim(store, START)
    assert {each.id for each in found} == {"sendblue", "magpipe"}
    assert await store.check("magpipe") == Check(
        provider="magpipe", due_at=START, failing_since=None
    )


async def test_replicas_that_start_at_once_keep_the_same_checks(store: Store) -> None:
    names = ["sendblue", "magpipe"]
    await asyncio.gather(
        *(store.keep_checks(names[:: 1 - 2 * (n % 2)], at=START) for n in range(8))
    )
    assert len(await claim(store, START)) == 2


async def test_what_was_due_later_is_due_at_the_start(store: Store) -> None:
    await store.keep_checks(["sendblue"], at=START + DAY)
    await store.keep_checks(["sendblue"], at=START)
    assert await due_at(store) == START


async def test_a_provider_that_is_used_no_more_is_checked_no_more(store: Store) -> None:
    await store.keep_checks(["sendblue", "magpipe"], at=START)
    await store.keep_checks(["sendblue"], at=START)
    assert [each.id for each in await claim(store, START + DAY)] == ["sendblue"]
    await stored_in(store, Status.PROVISIONED, provider="magpipe")
    assert await due_at(store, "magpipe") is None
    await store.keep_checks([], at=START)
    assert await due_at(store) is None


async def test_a_provider_that_is_used_again_starts_afresh(store: Store) -> None:
    await store.keep_checks(["sendblue"], at=START)
    claimed, check = await a_check(store)
    assert await store.checked(claimed, found_by(check, failing_since=LONG_AGO))
    await store.keep_checks([], at=START)
    await store.keep_checks(["sendblue"], at=START)
    assert await store.check("sendblue") == check


async def test_of_two_replicas_that_check_at_once_one_does(store: Store) -> None:
    await store.keep_checks(["sendblue"], at=START)
    found = await asyncio.gather(*(claim(store, START) for _ in range(5)))
    assert sum(len(each) for each in found) == 1


_SETTLES = {Status.CONFIRMING, Status.UNKNOWN, Status.FAILED}


@pytest.mark.parametrize(
    ("source", "target"),
    [(source, target) for source in Status for target in sorted(MOVES[source])],
)
async def test_a_purchase_that_settles_makes_the_check_of_its_provider_due(
    store: Store, source: Status, target: Status
) -> None:
    before = await stored_in(store, source)
    await store.keep_checks(["sendblue", "magpipe"], at=START + DAY)
    await moved(store, a_move(before, target, START + SECOND))
    expected = START + SECOND if source in _SETTLES else START + DAY
    assert (await due_at(store), await due_at(store, "magpipe")) == (expected, START + DAY)


async def test_a_move_that_fails_asks_for_nothing(store: Store) -> None:
    sent = await stored_in(store, Status.CONFIRMING)
    await store.keep_checks(["sendblue"], at=START + DAY)
    assert await store.move(a_move(replace(sent, revision=7), Status.PROVISIONED)) is None
    assert await due_at(store) == START + DAY


async def test_a_check_asked_for_while_it_runs_is_due_at_once_again(store: Store) -> None:
    sent = await stored_in(store, Status.CONFIRMING)
    await store.keep_checks(["sendblue"], at=START)
    claimed, check = await a_check(store)
    await moved(store, a_move(sent, Status.PROVISIONED, START))  # at the very instant
    assert await claim(store, START + SECOND) == []  # its lease is left alone
    assert await store.checked(claimed, found_by(check, at=START + SECOND))
    again, check = await a_check(store, START + SECOND)
    assert await store.checked(again, found_by(check, at=START + SECOND))
    assert await due_at(store) == START + EVERY


async def test_a_check_that_runs_keeps_what_was_asked_before_it_was_read(store: Store) -> None:
    sent = await stored_in(store, Status.CONFIRMING)
    await store.keep_checks(["sendblue"], at=START)
    await moved(store, a_move(sent, Status.PROVISIONED, START))
    claimed, check = await a_check(store)
    assert await store.checked(claimed, found_by(check))
    assert await claim(store, START + EVERY - SECOND) == []


# ── What they found ──────────────────────────────────────────────────────────────────────────────
async def test_a_check_that_is_done_is_due_again_then_and_its_attempts_begin_anew(
    store: Store,
) -> None:
    await store.keep_checks(["sendblue"], at=START)
    await store.put_off(await claimed_one(store, Queue.CHECKS, now=START), START)
    claimed, check = await a_check(store)
    assert claimed.attempts == 1
    failing = found_by(check, failing_since=LONG_AGO, messages=[a_message(id="said")])
    assert await store.checked(claimed, failing)
    assert await store.check("sendblue") == Check(
        provider="sendblue", due_at=START + EVERY, failing_since=LONG_AGO
    )
    assert (await claimed_one(store, Queue.OWED, now=START)).id == "said"
    assert await claim(store, START + EVERY - SECOND) == []
    claimed, check = await a_check(store, START + EVERY)
    assert claimed.attempts == 0
    assert await store.checked(claimed, found_by(check, at=START + EVERY))
    found = await store.check("sendblue")
    assert found is not None
    assert found.failing_since is None


@pytest.mark.parametrize("lost", ["taken over", "run out", "given back"])
async def test_a_check_whose_lease_has_gone_stores_nothing(store: Store, lost: str) -> None:
    waiting = await stored_in(store, Status.PENDING)
    await store.keep_checks(["sendblue"], at=START)
    claimed, check = await a_check(store)
    done = found_by(
        check,
        failing_since=LONG_AGO,
        raised=[an_alert()],
        standings={waiting.id: (LIMITS, {"rivals": 2})},
        messages=[a_message()],
    )
    if lost == "taken over":
        assert not await store.checked(foreign(claimed), done)
    elif lost == "run out":
        assert not await store.checked(claimed, replace(done, at=claimed.lease.until))
    else:
        await store.put_off(claimed, START)
        assert not await store.checked(claimed, done)
    assert await store.check("sendblue") == check
    assert await store.alerts("sendblue") == []
    assert await purchase_now(store, waiting) == waiting
    assert await next_due(store, [Queue.OWED, Queue.CARDS]) is None


async def test_of_two_that_finish_one_counts(store: Store) -> None:
    await store.keep_checks(["sendblue"], at=START)
    claimed, check = await a_check(store)
    ended = await asyncio.gather(
        *(store.checked(claimed, found_by(check, raised=[an_alert()])) for _ in range(4))
    )
    assert sorted(ended) == [False, False, False, True]
    assert len(await store.alerts("sendblue")) == 1


async def with_card(store: Store, status: Status) -> Purchase:
    """A purchase whose one card Slack shows as it is."""
    requested = await stored_in(store, Status.REQUESTED)
    before = await moved(
        store, a_move(requested, Status.PENDING, changes=PREVIEWED, card_in=PHONES)
    )
    if status is Status.APPROVED:
        before = await moved(store, a_move(before, Status.APPROVED))
    claimed = await claimed_one(store, Queue.CARDS)
    card = await card_of(store, claimed.id)
    assert card is not None
    await store.card_posted(claimed, replace(card, ts="1.0", drawn_version=before.version))
    assert await next_due(store, [Queue.CARDS]) is None
    return before


Standings = Mapping[str, tuple[Limits | None, Mapping[str, Any]]]


async def tell(store: Store, standings: Standings) -> None:
    await store.keep_checks(["sendblue"], at=START)
    claimed, check = await a_check(store)
    assert await store.checked(claimed, found_by(check, standings=standings))


@pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED])
async def test_cards_that_still_wait_are_told_how_things_stand(
    store: Store, status: Status
) -> None:
    before = await with_card(store, status)
    await tell(store, {before.id: (LIMITS, {"rivals": 2, "names": ("A", "B"), "nearby": None})})
    after = await purchase_now(store, before)
    assert after == replace(
        before,
        limits=LIMITS,
        details={"locality": "Denver", "nearby": None, "rivals": 2, "names": ["A", "B"]},
        version=before.version + 1,
    )
    assert await next_due(store, [Queue.CARDS]) == START
    assert len(await store.audit(before.id)) == before.version  # no row for what is only told


@pytest.mark.parametrize(
    ("limits", "details"),
    [
        (PREVIEWED["limits"], {}),
        (PREVIEWED["limits"], {"nearby": (1, 2.5, None)}),
        (PREVIEWED["limits"], {"locality": "Denver"}),
    ],
)
async def test_what_a_card_says_already_is_not_drawn_anew(
    store: Store, limits: Limits, details: dict[str, Any]
) -> None:
    before = await with_card(store, Status.PENDING)
    await tell(store, {before.id: (limits, details)})
    assert await purchase_now(store, before) == before
    assert await next_due(store, [Queue.CARDS]) is None


async def test_a_request_without_a_preview_is_told_too(store: Store) -> None:
    before = await stored_in(store, Status.REQUESTED)
    await tell(store, {before.id: (LIMITS, {})})
    assert await purchase_now(store, before) == replace(
        before, limits=LIMITS, version=before.version + 1
    )


@pytest.mark.parametrize(
    "status", sorted(set(Status) - {Status.REQUESTED, Status.PENDING, Status.APPROVED})
)
async def test_a_purchase_that_waits_no_more_is_left_as_it_is(store: Store, status: Status) -> None:
    before = await stored_in(store, status)
    await tell(store, {before.id: (LIMITS, {"rivals": 2})})
    assert await purchase_now(store, before) == before


async def test_being_told_does_not_stand_in_the_way_of_a_decision(store: Store) -> None:
    before = await stored_in(store, Status.PENDING)
    await tell(store, {before.id: (LIMITS, {"rivals": 2})})
    approved = await moved(store, a_move(before, Status.APPROVED))
    assert (approved.limits, approved.version) == (LIMITS, before.version + 2)


async def test_checks_and_moves_at_once_lose_nothing(store: Store) -> None:
    """Each purchase is bought while its card is told: neither undoes the other."""
    sent = [await stored_in(store, Status.CONFIRMING) for _ in range(5)]
    waiting = [await stored_in(store, Status.PENDING) for _ in range(5)]
    await store.keep_checks(["sendblue"], at=START)
    claimed, check = await a_check(store)
    standings = {each.id: (LIMITS, {"rivals": 2}) for each in waiting}
    done, *after = await asyncio.gather(
        store.checked(claimed, found_by(check, standings=standings)),
        *(store.move(a_move(each, Status.PROVISIONED)) for each in sent),
        *(store.move(a_move(each, Status.CANCELLED)) for each in waiting),
    )
    assert done is True
    assert None not in after
    for each in waiting:
        found = await purchase_now(store, each)
        was_told = found.limits == LIMITS and found.details["rivals"] == 2
        assert found.version == each.version + 1 + was_told
    for each in sent:
        assert (await purchase_now(store, each)).status is Status.PROVISIONED


_OLD_DAY = (
    '{"length_s": 86400.0, "limit": 3, "used": 1, "limit_source": "provider",'
    ' "used_source": "own count"}'
)


async def test_limits_of_older_rows_are_read_without_when_the_next_frees_up(
    sql_store: SqlStore, database: Database
) -> None:
    before = await stored_in(sql_store, Status.PENDING)
    limits = f'{{"day": {_OLD_DAY}, "month": {_OLD_DAY}}}'
    database.execute(f"UPDATE purchases SET limits = '{limits}'")  # noqa: S608 nobody's
    day = combine(DAY, Reading(limit=3), [], 3, START)
    assert day.frees_at is None
    assert (await purchase_now(sql_store, before)).limits == Limits(
        day=replace(day, used=1), month=replace(day, used=1)
    )
