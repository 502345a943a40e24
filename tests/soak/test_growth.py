"""What the loop asks the database takes no longer with a million finished purchases: the plans are
compared, and the times printed, for they are the machine's."""

import json
import statistics
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from bot.ports import Queue
from bot.storage import SqlStore, open_store, upgrade, work
from bot.storage.engine import build_engine, parse_url
from tests.storage.conftest import Database
from tests.storage.values import START, a_purchase

FEW, MANY = 1_000, 1_000_000
CALLS = 50
LASTING = timedelta(seconds=10)
_COLUMNS = (
    'id, code, trigger_id, status, revision, version, provider, "order", requester_id, channel_id,'
    " reason, requested_at, details, provider_ids, look_ups, number, sent_at, settled_at,"
    " closed_at, audit_seq, audit_hash, attempts"
)
_VALUES = (
    "'old-' || n, 'OLD' || n, 'old-' || n, 'provisioned', 1, 5, 'sendblue', '{}', 'URILEY',"
    " 'CPHONES', 'desk', n, '{}', '{}', 0, '+1' || (2000000000 + n), n, n, n, 0, '', 0"
)
_CARD = "'old-' || n, 'old-' || n, 'CPHONES', n || '.0', 5, 0"
_OWED = "'old-' || n, 'report', 'URILEY', 'old-' || n, '{}', n, 0"


def fill(database: Database, since: int, until: int) -> None:
    """Add finished purchases, each with its card and its report."""
    numbers = (
        f"WITH RECURSIVE s(n) AS (SELECT {since} UNION ALL SELECT n + 1 FROM s WHERE n < {until})"  # noqa: S608 the same
        if database.is_sqlite
        else f"WITH s AS (SELECT generate_series({since}, {until}) AS n)"
    )
    tables = (
        ("purchases", _COLUMNS, _VALUES),
        ("cards", "id, purchase_id, channel_id, ts, drawn_version, attempts", _CARD),
        ("owed", "id, kind, user_id, purchase_id, body, created_at, attempts", _OWED),
    )
    engine = build_engine(parse_url(database.url))
    with engine.begin() as connection:
        for table, columns, values in tables:
            select = f"SELECT {values} FROM s"  # noqa: S608 nothing here is anybody's
            head = f"INSERT INTO {table} ({columns})"
            connection.execute(text(f"{head} {numbers} {select}"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


async def median_ms(store: SqlStore) -> dict[str, float]:
    """Of a claim on each queue, and of a look at all of them."""
    took: dict[str, list[float]] = {"claim": [], "take": []}
    for _ in range(CALLS):
        began = time.perf_counter()
        for queue in Queue:
            await store._write(work.claim, queue, 10, now=START, lasting=LASTING)
        took["claim"].append((time.perf_counter() - began) / len(Queue))
        began = time.perf_counter()
        await store.take(dict.fromkeys(Queue, 10), now=START, lasting=LASTING)
        took["take"].append(time.perf_counter() - began)
    return {name: 1000 * statistics.median(times) for name, times in took.items()}


async def plans(store: SqlStore, *, is_sqlite: bool) -> list[str]:
    """How the database carries these statements out, a line per access to a table."""
    seen: list[tuple[str, Any]] = []

    def remember(_c: Connection, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", remember)
    for queue in Queue:
        await store._write(work.claim, queue, 10, now=START, lasting=LASTING)
    await store.take(dict.fromkeys(Queue, 10), now=START, lasting=LASTING)
    event.remove(store._engine, "before_cursor_execute", remember)
    lines: list[str] = []
    with store._engine.connect() as connection:
        for statement, parameters in seen:
            if is_sqlite:
                found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                lines += [row[3] for row in found]
            else:
                found = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
                lines += [row[0] for row in found]
    return lines


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sqlite", "empty_postgresql"])
async def test_the_loop_does_not_slow_down_with_a_million_finished_purchases(
    name: str, request: pytest.FixtureRequest
) -> None:
    database: Database = request.getfixturevalue(name)
    upgrade(database.url)
    fill(database, 1, FEW)
    store = await open_store(database.url)
    await store.add_request(a_purchase(), "trigger")
    few = await median_ms(store)
    await store.close()
    fill(database, FEW + 1, MANY)
    store = await open_store(database.url)
    try:
        many = await median_ms(store)
        found = await plans(store, is_sqlite=database.is_sqlite)
    finally:
        await store.close()
    print(json.dumps({"database": name, str(FEW): few, str(MANY): many}))
    for table in ("purchases", "cards", "owed"):
        assert any(f"ix_{table}_due" in line for line in found), found
        walked = f"SCAN {table}" if database.is_sqlite else f"Seq Scan on {table}"
        whole = [line for line in found if walked in line and " ix_" not in line]
        assert whole == [], found
