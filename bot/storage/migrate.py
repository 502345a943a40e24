"""The tables' versions: Alembic, set up by code, always on a connection that somebody else opened
in a transaction, so that a migration happens whole or not at all on both databases."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from bot.storage.errors import NotMigrated, UnknownSchema
from bot.storage.tables import metadata

_MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x4469616C  # any number that only Dialtone uses: "Dial"


def check_connection(connection: Connection) -> None:
    """Raises UnknownSchema unless the tables are this version's."""
    found, head = _revision(connection), _scripts().get_current_head()
    if found is None:
        raise NotMigrated(
            "The database has no tables yet: run `python -m bot migrate` (SQLite files are"
            " migrated when Dialtone starts)."
        )
    if found != head:
        raise NotMigrated(
            "The database is from an older version of Dialtone: run `python -m bot migrate`"
            " (SQLite files are migrated when Dialtone starts)."
        )


def upgrade_connection(connection: Connection) -> None:
    """Raises UnknownSchema for a newer schema and for somebody else's database."""
    if connection.dialect.name == "postgresql":
        # Until the transaction ends; whoever comes second finds the work done.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    if _revision(connection) == _scripts().get_current_head():
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    """The schema's version, one that this Dialtone knows; None for an empty database."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    versions: list[str] = []
    if "alembic_version" in tables:
        stored = connection.execute(text("SELECT version_num FROM alembic_version"))
        versions = list(stored.scalars())
    if not versions or not tables >= {"purchases", "decisions", "audit"}:
        raise UnknownSchema(
            "The database holds other tables than Dialtone's: give it one of its own"
            " (DATABASE_URL)."
        )
    known = {script.revision for script in _scripts().walk_revisions()}
    if not known >= set(versions):
        raise UnknownSchema(
            "The database is from a newer version of Dialtone than this one: install that"
            " version or newer."
        )
    return versions[0]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["metadata"] = metadata
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
