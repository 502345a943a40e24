"""Imaginary Telephone keeps the contract of all providers."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.price import Price
from bot.domain.purchase import Order
from bot.providers.client import Options
from bot.sandbox.serve import serve
from tests.fakes import FakeClock
from tests.providers.contract import Bench, ProviderContract
from tests.third_provider.hiring import hire
from tests.third_provider.imaginary import Imaginary
from tests.third_provider.imaginary_simulator import ORDERS, QUOTES, ImaginarySimulator


class TestImaginary(ProviderContract):
    @pytest.fixture
    async def bench(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
        hire(monkeypatch)
        clock = FakeClock()
        simulator = ImaginarySimulator(clock.now)
        served = await serve(simulator.app())
        price, quick = Price.parse("7.50 GBP"), Options(backoff=0.001)

        def account(token: str) -> Imaginary:
            return Imaginary(served.url, token, price, clock, quick)

        provider = account(simulator.api_token)
        yield Bench(
            provider=provider,
            stranger=lambda: account("another"),
            order=Order(),
            clock=clock,
            served=served,
            faults=simulator.faults,
            confirm=ORDERS,
            asked=QUOTES,
            credentials=(simulator.api_token,),
            confirms=simulator.orders_received.total,
            charges=lambda: len(simulator.ledger),
        )
        await provider.aclose()
        await served.close()
