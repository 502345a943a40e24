"""How it starts, how it refuses to, and how it stops while money is moving."""

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.domain.purchase import Status
from bot.sandbox.sendblue import CONFIRM
from bot.sandbox.slack.people import MORGAN, PHONES
from bot.storage import open_store
from bot.storage.errors import DatabaseInUse
from tests.stories.bot_process import BotProcess
from tests.stories.office import Office, buttons

ROOT = Path(__file__).parents[2]
SENTENCE = 2  # exit status: what you gave me is wrong
WORLD = 1  # exit status: the world is


@asynccontextmanager
async def process(office: Office, *verb: str, **changed: str) -> AsyncIterator[BotProcess]:
    made = BotProcess(office.environment(**changed), office.folder, verb=verb or ("run",))
    try:
        await made.start()
        yield made
    finally:
        await made.close()


async def refusal(office: Office, *verb: str, **changed: str) -> tuple[int, str]:
    """The exit status, and what it said; never a traceback."""
    async with process(office, *verb, **changed) as bot:
        status = await bot.ended()
        said = "\n".join(line for line in bot.said if '"level": "INFO"' not in line)
        assert "Traceback" not in said
        return status, said


async def test_from_a_shell_it_becomes_ready_and_stops_when_it_is_told_to(office: Office) -> None:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot"),
        env={**os.environ, **office.environment(), "PYTHONPATH": str(ROOT)},
        cwd=office.folder,
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stderr is not None
    try:
        async with asyncio.timeout(20):
            line = (await child.stderr.readuntil(b"}\n")).decode()
            url = line.split('"url": "')[1].split('"')[0]
            async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
                assert answer.status == 200
            child.terminate()
            assert await child.wait() == 0
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"APPROVERS": ""}, "APPROVERS"),
        ({"APPROVERS": "@morgan"}, "APPROVERS"),
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN"),
        ({"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET"),
        ({"SENDBLUE_API_SECRET_KEY": ""}, "SENDBLUE_API_SECRET_KEY"),
        ({"PORT": "many"}, "PORT"),
        ({"DATABASE_URL": "mysql://localhost/x"}, "DATABASE_URL"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
    ],
    ids=str,
)
async def test_a_wrong_setting_is_named_in_one_sentence(
    office: Office, changed: dict[str, str], names: str
) -> None:
    status, said = await refusal(office, **changed)
    assert status == SENTENCE
    assert names in said
    assert said.count("\n") == 0


async def test_a_token_that_slack_refuses_stops_the_start(office: Office) -> None:
    office.slack.state.token_is_revoked = True
    status, said = await refusal(office)
    assert status == SENTENCE
    assert "SLACK_BOT_TOKEN is refused by Slack (token_revoked)" in said
    assert office.slack.state.bot_token not in said


async def test_an_app_token_that_slack_refuses_stops_the_start(office: Office) -> None:
    status, said = await refusal(office, SLACK_APP_TOKEN="xapp-somebody-else-s")
    assert status == SENTENCE
    assert "SLACK_APP_TOKEN" in said
    assert "somebody" not in said


async def test_a_slack_that_is_away_does_not(office: Office) -> None:
    office.slack.faults.queue("auth.test", office.slack_away())
    async with process(office) as bot:
        assert await bot.says("started"), bot.said
        bot.terminate()
        assert await bot.ended() == 0


async def test_a_port_that_is_taken_is_named(office: Office) -> None:
    port = office.slack.api_url.split(":")[2].split("/")[0]
    status, said = await refusal(office, PORT=port)
    assert status == SENTENCE
    assert f"PORT {port}" in said


async def test_a_verb_it_does_not_know_is_answered_with_those_it_knows(office: Office) -> None:
    status, said = await refusal(office, "bye")
    assert status == SENTENCE
    assert "migrate" in said


async def test_migrate_makes_the_tables_and_may_be_repeated(office: Office) -> None:
    assert await refusal(office, "migrate") == (0, "")
    assert await refusal(office, "migrate") == (0, "")
    async with office.open():
        await office.bought()


def _garbage(file: Path) -> None:
    file.write_bytes(b"this was a spreadsheet once\n" * 400)


def _somebody_else_s(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()


def _folder(file: Path) -> None:
    file.mkdir()


def _read_only(file: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    sqlite3.connect(file).close()
    file.touch()
    file.chmod(0o444)


def _pages(file: Path) -> bytes:
    """What is in it, without the header, which says how it was last opened."""
    return file.read_bytes()[100:] if file.is_file() else b""


@pytest.mark.parametrize("verb", ["run", "migrate"])
@pytest.mark.parametrize("spoil", [_garbage, _somebody_else_s, _folder, _read_only])
async def test_a_database_it_cannot_use_stops_the_start_and_stays_as_it_was(
    office: Office, spoil: Callable[[Path], None], verb: str
) -> None:
    file = office.folder / "dialtone.db"
    file.unlink()
    spoil(file)
    before = _pages(file)
    status, said = await refusal(office, verb)
    assert status == WORLD
    assert "database" in said
    assert said.count("\n") == 0
    assert _pages(file) == before


async def test_two_at_one_file_the_second_waits_until_the_first_has_gone(office: Office) -> None:
    async with process(office) as first:
        assert await first.says("started")
        with pytest.raises(DatabaseInUse, match="Another Dialtone is using"):
            await open_store(office.settings["DATABASE_URL"], wait_s=0)
        async with process(office) as second:
            first.terminate()
            assert await first.ended() == 0
            assert await second.says("started")
            second.terminate()
            assert await second.ended() == 0


async def _approved(office: Office, count: int) -> Sequence[str]:
    """Cards that wait for approval; the last `count` of them, by ts."""
    for _ in range(count):
        await office.buy()
    return await office.until(
        lambda: (
            cards if len(cards := [m.ts for m in office.cards() if buttons(m)]) == count else None
        )
    )


async def test_told_to_stop_it_takes_the_answer_that_is_on_its_way_and_sends_no_other(
    office: Office,
) -> None:
    held = office.sendblue.faults.hold(CONFIRM, "after")
    async with process(office) as bot:
        started = await bot.says("started")
        assert started
        office.slack.deliver_to(f"{started['url']}/slack/events")
        first, second = [
            office.slack.workspace.find(PHONES, ts) for ts in await _approved(office, 2)
        ]
        assert first
        assert second
        await office.press(first, "Approve", MORGAN)
        await held.reached()
        bot.terminate()
        assert await bot.says("loop.draining")

        # Still written down, and answered by whoever comes next.
        assert (await office.press(second, "Approve", MORGAN)).ok
        assert (await office.buy("buy one more")).ok
        held.release()

        await office.now_shows(first, "+1 415-200-7986")
        assert await bot.ended() == 0
        assert office.sendblue.confirms_received.total() == 1

    office.catch_up()
    async with office.open():
        await office.card("+1 303-487-2216")
        await office.card("one more")
        assert office.sendblue.confirms_received.total() == 2
        assert {purchase.status for purchase in await office.purchases()} == {
            Status.PROVISIONED,
            Status.PENDING,
        }


async def test_an_answer_that_does_not_come_in_time_leaves_the_purchase_unknown(
    office: Office,
) -> None:
    held = office.sendblue.faults.hold(CONFIRM)
    async with office.open(0.05):
        await office.buy()
        card = await office.card()
        await office.press(card, "Approve")
        await held.reached()
    told = await office.now_shows(card, "Not known")
    assert buttons(told) == ["It was bought…", "Nothing was bought"]
    async with office.open():
        assert (await office.purchase()).status is Status.UNKNOWN
        assert office.sendblue.confirms_received.total() == 1
