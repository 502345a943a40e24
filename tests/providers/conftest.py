"""The client against servers on this machine, and the providers' against their simulators."""

from collections.abc import AsyncIterator

import pytest

from bot.providers.client import Client, Options
from bot.providers.magpipe import Magpipe
from bot.providers.sendblue import Sendblue
from bot.sandbox.magpipe import Magpipe as MagpipeSimulator
from bot.sandbox.sendblue import Sendblue as Simulator
from bot.sandbox.serve import Served, serve
from tests.fakes import FakeClock
from tests.providers.account import KEY_ID, PRICE, SECRET_KEY
from tests.providers.calls import Connect
from tests.providers.magpipe_account import magpipe_at


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Make a client for an address; all are closed at the end."""
    clients: list[Client] = []

    def connect(url: str, options: Options | None = None) -> Client:
        options = options or Options(attempts=3, backoff=0.001)
        clients.append(Client("Sendblue", url, {"x-key": "s3cret-key"}, FakeClock(), options))
        return clients[-1]

    yield connect
    for client in clients:
        await client.aclose()


@pytest.fixture
def account() -> Simulator:
    return Simulator(api_key_id=KEY_ID, api_secret_key=SECRET_KEY)


@pytest.fixture
async def served(account: Simulator) -> AsyncIterator[Served]:
    served = await serve(account.app())
    yield served
    await served.close()


@pytest.fixture
async def sendblue(served: Served, clock: FakeClock) -> AsyncIterator[Sendblue]:
    sendblue = Sendblue(served.url, KEY_ID, SECRET_KEY, PRICE, clock, Options(backoff=0.001))
    yield sendblue
    await sendblue.aclose()


@pytest.fixture
def shop() -> MagpipeSimulator:
    return MagpipeSimulator()


@pytest.fixture
async def shop_served(shop: MagpipeSimulator) -> AsyncIterator[Served]:
    served = await serve(shop.app())
    yield served
    await served.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def magpipe(shop_served: Served, clock: FakeClock) -> AsyncIterator[Magpipe]:
    magpipe = magpipe_at(shop_served.url, clock)
    yield magpipe
    await magpipe.aclose()
