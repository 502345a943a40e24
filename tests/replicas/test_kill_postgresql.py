"""kill -9 at any point, on PostgreSQL: nobody ends the leases of the dead, they have to lapse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from bot.sandbox.sendblue import CONFIRM
from tests.storage.conftest import Database
from tests.stories.kill_walk import NewOffice, every_point
from tests.stories.office import Office, office_at
from tests.stories.test_kill import LINE

WITHIN_S = 30  # a lease of 10 s, and then what a start on SQLite has 15 s for


def databases_like(migrated: Database, folder: Path) -> NewOffice:
    """Each office with a copy of that database."""
    template = migrated.url.replace("+psycopg", "")
    server, _, rest = template.rpartition("/dialtone")

    @asynccontextmanager
    async def new_office(name: str) -> AsyncIterator[Office]:
        (folder / name).mkdir()
        async with office_at(folder / name) as office:
            database = f"kill_{name}"
            await run(f"CREATE DATABASE {database} TEMPLATE dialtone")
            office.settings["DATABASE_URL"] = f"{server}/{database}{rest}"
            try:
                yield office
            finally:
                await run(f"DROP DATABASE {database} WITH (FORCE)")

    async def run(statement: str) -> None:
        def execute() -> None:
            with psycopg.connect(f"{server}/postgres{rest}", autocommit=True) as connection:
                connection.execute(statement.encode())

        await asyncio.to_thread(execute)

    return new_office


@pytest.mark.slow
async def test_killed_at_every_point_on_postgresql(
    tmp_path: Path, migrated_postgresql: Database
) -> None:
    """A line's purchase, from the first start to the end. Each wait is mostly for a lease, so
    eight are walked at a time: a minute and a half instead of ten."""
    new_office = databases_like(migrated_postgresql, tmp_path)
    walk = await every_point(new_office, LINE, within_s=WITHIN_S, side_by_side=8)
    print(walk)  # noqa: T201  for whoever runs make crash
    assert {f"before {CONFIRM}", f"after {CONFIRM}"} <= set(walk.survived)
    assert walk.survived.count("after a commit") > 10
    assert len(walk.missed) < len(walk.survived) / 4
