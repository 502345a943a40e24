from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.approval import Roster, Rules
from bot.sandbox.slack import SlackSimulator
from bot.storage import open_store
from tests.desk import Desk
from tests.fakes import FakeClock
from tests.migrated import migrated


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SlackSimulator]:
    async with SlackSimulator(clock.now) as simulator:
        yield simulator


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as opened:
        yield opened


@pytest.fixture
def client(slack: SlackSimulator, session: aiohttp.ClientSession) -> AsyncWebClient:
    token = slack.state.bot_token
    return AsyncWebClient(token, slack.api_url, session=session, retry_handlers=[])


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """The ports with a real store; the loop stands still, so that what was stored can be seen."""
    store = await open_store(migrated(tmp_path / "dialtone.db"))
    yield Desk(store, Rules(approvers=Roster(frozenset({"UMORGAN"}))))
    await store.close()
