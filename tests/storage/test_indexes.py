"""Nothing the loop asks may take longer as finished purchases pile up, so SQLite is asked how it
would look: through an index, or through whole tables."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bot.domain.price import Price
from bot.domain.purchase import Status
from bot.ports import Absence, Budget, Filter, Freeze, Note, Queue, Vote
from bot.storage import SqlStore, open_store, work
from tests.queues import card_of, claim_due, next_due
from tests.storage.conftest import Database
from tests.storage.values import (
    EVERY,
    LASTING,
    PHONES,
    RILEY,
    START,
    a_check,
    a_decision,
    a_message,
    a_move,
    an_alert,
    an_entry,
    claimed_one,
    found_by,
    moved,
    stored_in,
    with_alert,
)


class Plans:
    """Every statement the store runs, and how SQLite would carry it out."""

    def __init__(self, store: SqlStore) -> None:
        self._engine = store._engine
        self._statements: list[tuple[str, Any]] = []
        event.listen(self._engine, "before_cursor_execute", self._remember)

    def _remember(
        self, _connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        self._statements.append((statement, parameters))

    def forget(self) -> None:
        self._statements.clear()

    def lines(self) -> list[str]:
        """The plans of all statements since the last call; without inserts, whose plans tell of
        the other side of foreign keys, which is looked at only after a violation."""
        asked = [each for each in self._statements if not each[0].startswith(("BEGIN", "INSERT"))]
        assert asked
        found = []
        with self._engine.connect() as connection:
            for statement, parameters in asked:
                one = parameters[0] if isinstance(parameters, list) else parameters
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", one)
                found += [row[3] for row in plan]
        self.forget()
        return found


@pytest.fixture
async def store(sqlite: Database) -> AsyncIterator[SqlStore]:
    opened = await open_store(sqlite.url)
    yield opened
    await opened.close()


@pytest.fixture
def plans(store: SqlStore) -> Plans:
    return Plans(store)


# Walking along one of these is walking along what is due, leased or open, or stops at a limit.
_BOUNDED = r"ix_\w+_(due|leased|open|in_flight|response_url)"


def whole_tables(lines: list[str], bounded: str = _BOUNDED) -> list[str]:
    few = ("CONSTANT ROW", "SCAN compared", "SCAN counted")  # of what waits, so many at most
    scans = [line for line in lines if line.startswith("SCAN") and not line.endswith(few)]
    return [line for line in scans if not re.search(rf"USING (COVERING )?INDEX {bounded}", line)]


def sorts(lines: list[str]) -> list[str]:
    return [line for line in lines if "TEMP B-TREE" in line]


@pytest.mark.parametrize("queue", list(Queue))
async def test_a_claim_walks_along_what_is_due(store: SqlStore, plans: Plans, queue: Queue) -> None:
    await store._write(work.claim, queue, 10, now=START, lasting=LASTING)
    lines = plans.lines()
    assert any(f"ix_{queue.value}_due" in line for line in lines)
    assert whole_tables(lines) == sorts(lines) == []


async def test_the_next_due_row_leases_and_response_urls_are_found_by_index(
    store: SqlStore, plans: Plans
) -> None:
    await store.add_message(a_message())
    claimed = await claimed_one(store, Queue.OWED)
    plans.forget()
    await next_due(store, list(Queue))
    await store.renew([claimed.lease], now=START, until=START + LASTING)
    await store.tidy(now=START)
    lines = plans.lines()
    assert whole_tables(lines) == sorts(lines) == []
    for table in ("purchases", "decisions", "owed"):
        assert any(f"ix_{table}_response_url" in line for line in lines)
        assert sum(f"ix_{table}_leased" in line for line in lines) >= 2


async def test_what_operators_ask_is_counted_along_what_is_open_and_due(
    store: SqlStore, plans: Plans
) -> None:
    await store.oldest_due()
    lines = plans.lines()
    assert whole_tables(lines) == sorts(lines) == []
    await store.backlog(now=START)
    lines = plans.lines()
    assert whole_tables(lines) == []
    for queue in Queue:
        assert sum(f"ix_{queue.value}_due" in line for line in lines) == 2
    assert any("ix_purchases_open_provider" in line for line in lines)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "requested"),
        ({"is_open": False}, "requested"),
        ({"provider": "x"}, "provider"),
        ({"requester_id": "x"}, "requester"),
        ({"is_open": True}, "open"),
        ({"is_open": True, "provider": "x"}, "open_provider"),
        ({"is_open": True, "requester_id": "x"}, "open_requester"),
        ({"is_open": True, "requester_id": "x", "provider": "y"}, r"open_\w+"),
        ({"status": Status.FAILED}, "status"),
        ({"status": Status.FAILED, "since": START, "until": START}, "status"),
        ({"since": START, "offset": 40}, "requested"),
        ({"requester_id": "x", "since": START, "until": START}, "requester"),
        ({"requester_id": "x", "status": Status.FAILED}, "requester|status"),
    ],
)
async def test_lists_are_read_from_an_index_in_order(
    store: SqlStore, plans: Plans, wanted: dict[str, Any], index: str
) -> None:
    await store.list_purchases(Filter(**wanted))
    (line,) = plans.lines()
    assert re.search(rf"INDEX ix_purchases_({index})\b", line)


async def test_reading_never_walks_through_whole_tables(store: SqlStore, plans: Plans) -> None:
    purchase = await stored_in(store, Status.UNKNOWN)
    plans.forget()
    await store.is_alone(purchase)
    await store.bought_since("sendblue", START)
    await store.by_numbers(["+14155551234", "+16045551234"])
    await store.by_code(purchase.code)
    await store.audit(purchase.id)
    await store.verify(purchase.id)
    lines = plans.lines()
    assert whole_tables(lines) == []
    for index in ("in_flight", "settled", "(sent|spent)", "number", "second_number"):
        assert any(re.search(f"ix_purchases_{index} ", line) for line in lines), (index, lines)


async def test_limits_and_alerts_are_read_from_what_was_asked_for(
    store: SqlStore, plans: Plans
) -> None:
    raised = await with_alert(store)
    bought = await stored_in(store, Status.PROVISIONED)
    plans.forget()
    for asked, index in (
        (store.bought_since("sendblue", START), r"ix_purchases_sp?ent \(provider=\? AND sent_at>"),
        (store.spent("sendblue", START, START), r"COVERING INDEX ix_purchases_spent .* sent_at>"),
        (
            store.spent("sendblue", START, START, RILEY),
            r"COVERING INDEX ix_purchases_spent .* sent",
        ),
        (store.per_day("sendblue", START), r"ix_purchases_provider .* requested_at>"),
        (store.waiting("sendblue"), r"ix_purchases_open_provider \(provider=\?\)"),
        (store.waiting("sendblue", bought), r"ix_purchases_open_provider .* requested_at>"),
        (store.others(bought), r"ix_purchases_open_provider \(provider=\?\)"),
        (store.alerts("sendblue"), r"uq_alerts_in_force \(provider=\?\)"),
        (store.alert(raised.id), "autoindex_alerts"),
        (store.alert_audit(raised.id), r"autoindex_alert_audit\w+ \(alert_id=\?\)"),
        (store.check("sendblue"), "autoindex_checks"),
    ):
        await asked
        lines = plans.lines()
        assert whole_tables(lines) == []
        assert any(re.search(index, line) for line in lines), lines


async def test_checking_never_walks_through_whole_tables(store: SqlStore, plans: Plans) -> None:
    waiting = await stored_in(store, Status.PENDING)
    raised = await with_alert(store)
    await store.snooze(raised.id, START + LASTING, an_entry(), [a_message()])
    await store.record_alert(raised.id, an_entry())
    await store.alert_posted(raised.id, "1.0")
    await store.verify_alert(raised.id)
    claimed, check = await a_check(store, START + EVERY)
    done = found_by(
        check,
        at=START + EVERY,
        changed=[raised],
        raised=[an_alert()],
        standings={waiting.id: (None, {"rivals": 2})},
        messages=[a_message()],
    )
    assert await store.checked(claimed, done)
    lines = [line for line in plans.lines() if "SCAN checks" not in line]  # a row per provider
    assert whole_tables(lines) == []
    await stored_in(store, Status.PROVISIONED)
    assert whole_tables(plans.lines()) == []


async def test_writing_never_walks_through_whole_tables(store: SqlStore, plans: Plans) -> None:
    purchase = await stored_in(store, Status.PENDING)
    first = a_decision(purchase, channel_id=PHONES, message_ts="1.0")
    second = a_decision(purchase)
    await store.add_decision(first)
    await store.add_decision(second)
    await store.dismiss(first, an_entry(), [a_message()])
    approval = a_move(
        purchase,
        Status.APPROVED,
        due_at=START,
        settles=second.id,
        unless_clicked=False,
        card_in=PHONES,
        messages=[a_message()],
    )
    await moved(store, approval)
    await store.move(a_move(purchase, Status.EXPIRED, unless_clicked=True))
    await store.record(purchase, an_entry())
    claimed = await claimed_one(store, Queue.CARDS)
    card = await card_of(store, claimed.id)
    assert card is not None
    await store.card_posted(claimed, card)
    await store.card_lost(claimed, repost=False)
    await store.put_off(claimed, None)
    await store.looked_up(await claimed_one(store, Queue.PURCHASES), None)
    for owed in await claim_due(store, Queue.OWED, 10, now=START, lasting=LASTING):
        await store.message_sent(owed)
    assert whole_tables(plans.lines()) == []


async def test_what_waits_for_several_is_found_by_index(store: SqlStore, plans: Plans) -> None:
    details = {"terms": {"auto": "requester URILEY"}}
    purchase = await stored_in(store, Status.PENDING, changes={"details": details})
    click = a_decision(purchase)
    await store.add_decision(click)
    plans.forget()
    vote = Vote(purchase_id=purchase.id, revision=1, approver_id="UMORGAN", came_at=START)
    await store.add_vote(vote)
    await store.votes(purchase.id, 1)
    await store.count_vote(click, an_entry())
    await store.note(Note(purchase=purchase, lease=None, entry=an_entry(), messages=[a_message()]))
    price = Price.parse("900.00 USD")
    budget = Budget(
        scope="requester URILEY", day=price, day_since=START, month=price, month_since=START
    )
    approval = a_move(
        purchase,
        Status.APPROVED,
        changes={"decided_at": START},
        within=budget,
        unless_frozen=True,
    )
    await moved(store, approval)
    lines = plans.lines()
    assert whole_tables(lines) == []
    assert any(re.search("autoindex_votes", line) for line in lines), lines
    assert any("uq_freezes_in_force (subject=?)" in line for line in lines), lines
    along = r"ix_purchases_auto \(auto_scope=\? AND decided_at>\?\)"
    assert sum(bool(re.search(along, line)) for line in lines) == 2, lines


async def test_absences_freezes_and_mutes_are_found_by_index(store: SqlStore, plans: Plans) -> None:
    await stored_in(store, Status.APPROVED)
    absence = Absence(user_id="UMORGAN", deputy_id="URILEY", until=START + LASTING)
    freeze = Freeze(by="UMORGAN", at=START, reason="stolen")
    plans.forget()
    for _ in range(2):
        await store.set_absence(absence, an_entry())
    await store.absences(START)
    await store.end_absence("UMORGAN", an_entry())
    await store.mute("UMORGAN", is_muted=True, entry=an_entry())
    await store.muted(["UMORGAN", "URILEY"])
    await store.mute("UMORGAN", is_muted=False, entry=an_entry())
    await store.freeze(freeze, an_entry())
    await store.frozen()
    await store.thaw(an_entry())
    await store.logbook(START)
    await store.verify_logbook()
    lines = plans.lines()
    assert whole_tables(lines) == []
    assert any("ix_absences_until (until>?)" in line for line in lines), lines
    assert any("ix_purchases_status (status=?)" in line for line in lines), lines


async def test_an_export_reads_along_the_time(store: SqlStore, plans: Plans) -> None:
    await stored_in(store, Status.PROVISIONED)
    plans.forget()
    assert [row.seq async for row in store.export_audit(START)] == [1, 2, 3, 4, 5]
    lines = plans.lines()
    assert whole_tables(lines) == sorts(lines) == []
    for table in ("audit", "alert_audit", "logbook"):
        assert any(f"ix_{table}_at (at>?)" in line for line in lines), lines
