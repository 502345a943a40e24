"""All audits at once: written out page by page, and verified chain by chain."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from bot.domain.purchase import Purchase, Status
from bot.storage import SqlStore, StorageUnavailable, audit_export
from bot.storage.audit_export import Exported
from tests.storage.conftest import Database
from tests.storage.values import (
    EVERY,
    SECOND,
    START,
    a_move,
    an_alert,
    an_entry,
    moved,
    stored_in,
    with_alert,
)


async def exported(store: SqlStore, since: timedelta = timedelta()) -> list[Exported]:
    return [row async for row in store.export_audit(START + since)]


async def a_story(store: SqlStore) -> tuple[Purchase, str]:
    """A purchase, an alert and a logbook, of whose rows two were written at the same instant."""
    purchase = await stored_in(store, Status.PENDING)
    raised = await with_alert(store, an_alert())
    await store.record_alert(raised.id, an_entry("snooze", START + SECOND))
    await store.log(an_entry("freeze", START + SECOND, reason="stolen"))
    await store.log(an_entry("thaw", START + EVERY))
    await moved(store, a_move(purchase, Status.EXPIRED, START + 2 * SECOND))
    return purchase, raised.id


async def test_all_audits_are_written_out_together_oldest_first(sql_store: SqlStore) -> None:
    purchase, alert_id = await a_story(sql_store)
    rows = await exported(sql_store)
    assert [(row.subject, row.seq, row.action) for row in rows] == [
        (purchase.code, 1, "request"),
        (purchase.code, 2, "pending"),
        (alert_id, 1, "snooze"),
        ("logbook", 1, "freeze"),
        (purchase.code, 3, "expired"),
        ("logbook", 2, "thaw"),
    ]
    assert (rows[4].from_status, rows[4].to_status) == (Status.PENDING, Status.EXPIRED)
    assert (rows[3].from_status, rows[3].to_status) == (None, None)
    assert rows[3].detail == {"reason": "stolen"}
    assert [rows[3].hash, rows[5].hash] == [each.hash for each in await sql_store.logbook(START)]
    assert await exported(sql_store, SECOND) == rows[2:]
    assert await exported(sql_store, EVERY + SECOND) == []


@pytest.mark.parametrize("rows_per_page", [1, 2, 3, 5, 7, 100])
async def test_pages_leave_nothing_out_and_bring_nothing_twice(
    sql_store: SqlStore, monkeypatch: pytest.MonkeyPatch, rows_per_page: int
) -> None:
    for _ in range(3):
        await stored_in(sql_store, Status.PROVISIONED)  # five rows, all at one instant
    await a_story(sql_store)
    whole = await exported(sql_store)
    monkeypatch.setattr(audit_export, "ROWS_PER_PAGE", rows_per_page)
    assert await exported(sql_store) == whole
    assert len({row.hash for row in whole}) == len(whole) == 21
    assert [row.at for row in whole] == sorted(row.at for row in whole)


async def test_what_is_as_it_was_written_needs_no_word(sql_store: SqlStore) -> None:
    assert await sql_store.verify_all() == []
    for status in Status:
        await stored_in(sql_store, status)
    await a_story(sql_store)
    assert await sql_store.verify_all() == []


async def test_every_broken_chain_is_named_once(sql_store: SqlStore, database: Database) -> None:
    purchase, alert_id = await a_story(sql_store)
    cut, fine = [await stored_in(sql_store, Status.EXPIRED) for _ in range(2)]
    database.execute(
        *database.unprotected("audit"),
        *database.unprotected("alert_audit"),
        *database.unprotected("logbook"),
        f"UPDATE audit SET actor_id = 'UEVIL' WHERE purchase_id = '{purchase.id}'",  # noqa: S608 ours
        f"DELETE FROM audit WHERE purchase_id = '{cut.id}' AND seq = 3",  # noqa: S608 ours
        "DELETE FROM alert_audit",
        "UPDATE logbook SET detail = '{}' WHERE seq = 1",
    )
    assert set(await sql_store.verify_all()) == {
        f"Row 1 of the audit of purchase {purchase.id} was changed.",
        f"The audit of purchase {cut.id} has 2 rows and should end with row 3.",
        f"The audit of alert {alert_id} has 0 rows and should end with row 1.",
        "Row 1 of the audit of the logbook was changed.",
    }
    await sql_store.verify(fine.id)


async def test_a_missing_end_is_found(sql_store: SqlStore, database: Database) -> None:
    _, alert_id = await a_story(sql_store)
    if database.is_sqlite:
        with closing(sqlite3.connect(database.url.removeprefix("sqlite:///"))) as connection:
            # Without its foreign keys, as most tools open it.
            connection.execute("DELETE FROM logbooks")
            connection.execute("DELETE FROM alerts")
            connection.commit()
    else:
        database.execute(*database.unprotected(""), "DELETE FROM logbooks", "DELETE FROM alerts")
    found = await sql_store.verify_all()
    assert found == [
        f"There is no alert {alert_id}, but there are rows of its audit.",
        "The end of the logbook is missing, so nobody can say whether more of it is.",
    ]


async def test_a_logbook_that_lost_all_its_rows_and_its_end_is_noticed(
    sql_store: SqlStore, database: Database
) -> None:
    database.execute("DELETE FROM logbooks")
    with pytest.raises(StorageUnavailable, match="end of the logbook"):
        await sql_store.log(an_entry())
    (found,) = await sql_store.verify_all()
    assert "The end of the logbook is missing" in found
