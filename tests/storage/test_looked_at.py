"""What `doctor` says of a PostgreSQL; of SQLite the stories tell."""

from bot.doctor import _database
from bot.domain.finding import Level
from bot.settings import load
from tests.storage.conftest import Database

SETTINGS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "APPROVERS": "U0MORGAN01"}


async def looked_at(database: Database) -> tuple[Level, str]:
    settings = load({**SETTINGS, "DATABASE_URL": database.url}, env_file=None)
    [finding] = [each async for each in _database(settings)]
    return finding.level, finding.said


async def test_a_postgresql_that_is_migrated(migrated_postgresql: Database) -> None:
    expected = (Level.OK, "reachable, with the tables of this version")
    assert await looked_at(migrated_postgresql) == expected


async def test_a_postgresql_that_must_be_migrated_first(empty_postgresql: Database) -> None:
    level, said = await looked_at(empty_postgresql)
    assert level is Level.WRONG
    assert "run `python -m bot migrate`" in said
    assert empty_postgresql.execute("SELECT * FROM pg_tables WHERE schemaname = 'public'") == []
