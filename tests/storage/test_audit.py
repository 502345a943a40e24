import pytest
from sqlalchemy.exc import DBAPIError

from bot.domain.purchase import Status
from bot.storage import SqlStore, open_store
from bot.storage.errors import AuditBroken
from tests.storage.conftest import Database
from tests.storage.values import START, AuditedStore, a_decision, a_message, an_entry, stored_in

_SWAP = (
    "UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3);"
    "UPDATE audit SET seq = -seq WHERE seq < 0"
)


async def whole_story(store: AuditedStore) -> str:
    """A purchase whose audit has seven rows, with everything in them that a row can have."""
    purchase = await stored_in(store, Status.PROVISIONED)
    click = a_decision(purchase)
    await store.add_decision(click)
    await store.dismiss(click, an_entry("approve", fields={"code": "🙂 \0 \ud800"}), [a_message()])
    await store.record(purchase, an_entry("answer", price=1.1, big=2**70, nothing=None))
    return purchase.id


async def test_the_audit_tells_the_story_in_order(store: AuditedStore) -> None:
    purchase_id = await whole_story(store)
    rows = await store.audit(purchase_id)
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [row.to_status for row in rows] == [
        Status.REQUESTED,
        Status.PENDING,
        Status.APPROVED,
        Status.CONFIRMING,
        Status.PROVISIONED,
        None,
        None,
    ]
    assert rows[5].detail == {"fields": {"code": "🙂 \0 \ud800"}}
    assert {row.at for row in rows} == {START}
    assert len({row.hash for row in rows}) == 7
    await store.verify(purchase_id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor_id = 'UEVIL'",
        "UPDATE audit SET hash = hash",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 7",
    ],
)
async def test_the_database_refuses_to_change_the_audit(
    sql_store: SqlStore, database: Database, statement: str
) -> None:
    purchase_id = await whole_story(sql_store)
    with pytest.raises(DBAPIError, match="append-only"):
        database.execute(statement)
    await sql_store.verify(purchase_id)


async def test_sqlite_refuses_to_replace_an_audit_row(sqlite: Database) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        await _tampered(sqlite, "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2")


async def test_postgresql_refuses_to_truncate_the_audit(migrated_postgresql: Database) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        await _tampered(migrated_postgresql, "TRUNCATE audit")


async def _tampered(database: Database, *statements: str) -> None:
    """Tell a story, run the statements, and verify."""
    store = await open_store(database.url)
    try:
        purchase_id = await whole_story(store)
        database.execute(*statements)
        await store.verify(purchase_id)
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET actor_id = 'UEVIL' WHERE seq = 3", "Row 3 .* was changed"),
        ("UPDATE audit SET at = at + 1 WHERE seq = 3", "Row 3 .* was changed"),
        ("UPDATE audit SET action = 'cancel' WHERE seq = 7", "Row 7 .* was changed"),
        ("UPDATE audit SET outcome = 'done!' WHERE seq = 1", "Row 1 .* was changed"),
        ("UPDATE audit SET from_status = NULL WHERE seq = 4", "Row 4 .* was changed"),
        ("UPDATE audit SET to_status = 'failed' WHERE seq = 5", "Row 5 .* was changed"),
        ("UPDATE audit SET detail = '{}' WHERE seq = 6", "Row 6 .* was changed"),
        ("UPDATE audit SET hash = 'x' WHERE seq = 2", "Row 2 .* was changed"),
        ("UPDATE audit SET seq = 9 WHERE seq = 7", "lacks row 7"),
        ("DELETE FROM audit WHERE seq = 1", "lacks row 1"),
        ("DELETE FROM audit WHERE seq = 4", "lacks row 4"),
        ("DELETE FROM audit WHERE seq = 7", "has 6 rows and should end with row 7"),
        ("DELETE FROM audit", "has 0 rows"),
        (_SWAP, "Row 2 .* was changed"),
    ],
)
async def test_tampering_is_found(
    sql_store: SqlStore, database: Database, statement: str, said: str
) -> None:
    purchase_id = await whole_story(sql_store)
    if database.is_sqlite:
        protection = [
            f"DROP TRIGGER audit_refuses_{each}" for each in ("update", "delete", "replace")
        ]
    else:
        protection = ["SET LOCAL session_replication_role = replica"]
    database.execute(*protection, *statement.split(";"))
    with pytest.raises(AuditBroken, match=said):
        await sql_store.verify(purchase_id)


async def test_the_audit_of_nothing_cannot_be_verified(sql_store: SqlStore) -> None:
    with pytest.raises(AuditBroken, match="no purchase"):
        await sql_store.verify("x")
