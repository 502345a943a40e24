"""Sendblue and Magpipe keep the contract of all providers."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.purchase import Order
from bot.providers.client import Options
from bot.providers.magpipe import Magpipe
from bot.providers.sendblue import Sendblue
from bot.sandbox import magpipe as magpipe_paths
from bot.sandbox import sendblue as sendblue_paths
from bot.sandbox.magpipe import BASE
from bot.sandbox.magpipe import Magpipe as MagpipeSimulator
from bot.sandbox.sendblue import Sendblue as SendblueSimulator
from bot.sandbox.serve import serve
from tests.fakes import FakeClock
from tests.providers.account import KEY_ID, PRICE, SECRET_KEY
from tests.providers.contract import Bench, ProviderContract
from tests.providers.magpipe_account import DENVER, TOKEN

QUICK = Options(backoff=0.001)


class TestSendblue(ProviderContract):
    @pytest.fixture
    async def bench(self, clock: FakeClock) -> AsyncIterator[Bench]:
        simulator = SendblueSimulator(clock.now)
        served = await serve(simulator.app())

        def account(secret_key: str) -> Sendblue:
            return Sendblue(served.url, KEY_ID, secret_key, PRICE, clock, QUICK)

        provider = account(SECRET_KEY)
        yield Bench(
            provider=provider,
            stranger=lambda: account("another"),
            order=Order(),
            clock=clock,
            served=served,
            faults=simulator.faults,
            confirm=sendblue_paths.CONFIRM,
            asked=sendblue_paths.PREVIEW,
            credentials=(KEY_ID, SECRET_KEY),
            confirms=simulator.confirms_received.total,
            charges=lambda: len(simulator.ledger),
        )
        await provider.aclose()
        await served.close()


class TestMagpipe(ProviderContract):
    @pytest.fixture
    async def bench(self, clock: FakeClock) -> AsyncIterator[Bench]:
        simulator = MagpipeSimulator(clock.now)
        served = await serve(simulator.app())

        def account(token: str) -> Magpipe:
            return Magpipe(served.url + BASE, token, PRICE, 10, clock, QUICK)

        provider = account(TOKEN)
        yield Bench(
            provider=provider,
            stranger=lambda: account("another"),
            order=Order(number=DENVER),
            clock=clock,
            served=served,
            faults=simulator.faults,
            confirm=magpipe_paths.PROVISION,
            asked=magpipe_paths.SEARCH,
            credentials=(TOKEN,),
            confirms=simulator.provisions_received.total,
            charges=lambda: len(simulator.ledger),
        )
        await provider.aclose()
        await served.close()
