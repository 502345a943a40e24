import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Index, inspect

from bot.domain.purchase import Status
from bot.storage import NotMigrated, check_schema, migrate, open_store, upgrade
from bot.storage.engine import build_engine, parse_url
from bot.storage.tables import metadata
from tests.storage.conftest import Database
from tests.storage.values import an_entry, stored_in, with_alert


def test_the_migrations_make_the_tables_that_the_code_expects(database: Database) -> None:
    upgrade(database.url)
    engine = build_engine(parse_url(database.url))
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_migrations_make_the_same_partial_indexes(database: Database) -> None:
    """Alembic compares indexes by their columns only."""
    upgrade(database.url)
    engine = build_engine(parse_url(database.url))
    option = "sqlite" if database.is_sqlite else "postgresql"
    for table in metadata.tables.values():
        made = {
            each["name"]: str(each.get("dialect_options", {}).get(f"{option}_where", ""))
            for each in inspect(engine).get_indexes(table.name)
        }
        for index in table.indexes:
            condition = _condition(index)
            assert bool(made[index.name]) == bool(condition)
            if database.is_sqlite:  # PostgreSQL rewrites the condition
                assert made[index.name] == condition.replace(f"{table.name}.", "")
    engine.dispose()


def _condition(index: Index) -> str:
    found = index.dialect_options["sqlite"]["where"]
    return "" if found is None else str(found)


# What earlier versions lack: a database is taken back to them by hand, with its rows.
_SINCE_THE_SECOND = (
    "DROP TABLE homes",
    "DROP TABLE logbook",
    "DROP TABLE logbooks",
    "DROP TABLE mutes",
    "DROP TABLE freezes",
    "DROP TABLE absences",
    "DROP TABLE votes",
    "DROP INDEX ix_purchases_spent",
    "DROP INDEX ix_purchases_status",
    "DROP INDEX ix_purchases_auto",
    "DROP INDEX ix_audit_at",
    "DROP INDEX ix_alert_audit_at",
    "ALTER TABLE purchases DROP COLUMN auto_scope",
    "UPDATE alembic_version SET version_num = '0002'",
)
_SINCE_THE_FIRST = (
    *_SINCE_THE_SECOND,
    "DROP TABLE alert_audit",
    "DROP TABLE alerts",
    "DROP TABLE checks",
    "UPDATE alembic_version SET version_num = '0001'",
)


@pytest.mark.parametrize("taken_back", [_SINCE_THE_FIRST, _SINCE_THE_SECOND])
@pytest.mark.parametrize("name", ["empty_sqlite", "empty_postgresql"])
async def test_an_earlier_version_becomes_this_one_with_all_it_holds(
    name: str, taken_back: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    database: Database = request.getfixturevalue(name)
    upgrade(database.url)
    store = await open_store(database.url)
    before = await stored_in(store, Status.PENDING)
    await store.close()
    database.execute(*taken_back)
    with pytest.raises(NotMigrated, match="older version"):
        check_schema(database.url)
    upgrade(database.url)
    store = await open_store(database.url)
    assert await store.purchase(before.id) == before
    await store.verify(before.id)
    raised = await with_alert(store)
    await store.record_alert(raised.id, an_entry())
    await store.verify_alert(raised.id)
    await store.log(an_entry())
    assert await store.verify_all() == []
    await store.close()


@pytest.mark.parametrize("name", ["empty_sqlite", "empty_postgresql"])
def test_the_first_version_can_be_made_alone(name: str, request: pytest.FixtureRequest) -> None:
    """What is taken back by hand above is what the first migration makes."""
    database: Database = request.getfixturevalue(name)
    config = migrate._config()
    engine = build_engine(parse_url(database.url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with engine.begin() as connection:
        first = set(inspect(connection).get_table_names())
    engine.dispose()
    upgrade(database.url)
    assert set(metadata.tables) - first == {
        *("checks", "alerts", "alert_audit", "homes"),
        *("votes", "absences", "freezes", "mutes", "logbook", "logbooks"),
    }
