"""A PostgreSQL that is away when the bot starts: waited for, said once, then it goes on."""

from pathlib import Path

import psycopg
import pytest

from tests.storage.conftest import Database
from tests.stories.bot_process import BotProcess
from tests.stories.office import office_at


def _is_open(server: str, database: Database, is_open: bool) -> None:
    name = database.url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {is_open}".encode())


@pytest.fixture
def address(empty_postgresql: Database) -> str:
    return empty_postgresql.url.replace("+psycopg", "")


async def test_migrate_and_run_wait_for_it_say_so_once_and_go_on(
    tmp_path: Path, empty_postgresql: Database, postgresql: str, address: str
) -> None:
    async with office_at(tmp_path) as office:
        environment = office.environment(DATABASE_URL=address)
        for verb, until in (("migrate", "database.back"), ("run", "started")):
            _is_open(postgresql, empty_postgresql, False)
            bot = BotProcess(environment, tmp_path, verb=[verb])
            await bot.start()
            try:
                away = await bot.says("database.away")
                assert away, bot.said
                assert "not currently accepting connections" in away["why"]
                _is_open(postgresql, empty_postgresql, True)
                assert await bot.says(until), bot.said
                if verb == "run":
                    bot.terminate()
                assert await bot.ended() == 0, bot.said
                assert sum('"database.away"' in line for line in bot.said) == 1
            finally:
                await bot.close()


async def test_waiting_for_it_the_bot_can_be_stopped(
    tmp_path: Path, empty_postgresql: Database, postgresql: str, address: str
) -> None:
    async with office_at(tmp_path) as office:
        _is_open(postgresql, empty_postgresql, False)
        bot = BotProcess(office.environment(DATABASE_URL=address), tmp_path)
        await bot.start()
        try:
            assert await bot.says("database.away"), bot.said
            bot.terminate()
            assert await bot.ended() == 0, bot.said
        finally:
            await bot.close()


async def test_a_wrong_database_name_is_not_waited_for(
    tmp_path: Path, empty_postgresql: Database, address: str
) -> None:
    name = empty_postgresql.url.partition("?")[0].rpartition("/")[2]
    async with office_at(tmp_path) as office:
        wrong = office.environment(DATABASE_URL=address.replace(name, "nowhere"))
        bot = BotProcess(wrong, tmp_path)
        await bot.start()
        try:
            assert await bot.ended() == 1
            assert "does not exist" in "\n".join(bot.said)
        finally:
            await bot.close()
