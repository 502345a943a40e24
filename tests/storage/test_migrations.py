from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Index, inspect

from bot.storage import upgrade
from bot.storage.engine import build_engine, parse_url
from bot.storage.tables import metadata
from tests.storage.conftest import Database


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
