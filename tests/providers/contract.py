"""What every provider's client must do, whatever it sells; each is run against its simulator.

A provider joins by a class of its own (`tests/providers/test_contract.py`):

    class TestSendblue(ProviderContract): with a fixture `bench` that gives a `Bench`.

What a case asserts is counted at the simulator, which was written without a look at the client.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bot.bootstrap import Connected
from bot.domain import sellers
from bot.domain.errors import (
    AnswerLost,
    BadCredentials,
    NothingSpent,
    ProviderError,
    ProviderUnreachable,
)
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Status
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.serve import Served
from bot.use_cases.reconcile import candidates, marks
from handlers.wording import say
from tests.fakes import FakeClock

HTML = b"<html><title>Bad gateway</title></html>"
# What a confirm can meet that proves nothing: neither that it was bought nor that it was not. 429
# is not among it, as some document that nothing was done then.
LOST = {
    "cut before the work": Fault(cut="before"),
    "cut after the work": Fault(cut="after"),
    "reset before the work": Fault(cut="before", reset=True),
    "reset after the work": Fault(cut="after", reset=True),
    "truncated": Fault(body=b'{"status":', announced_length=400, after=True),
    "HTML": Fault(body=HTML, content_type="text/html", after=True),
    "empty": Fault(body=b"", after=True),
    "empty object": Fault(body={}, after=True),
    "created, without a number": Fault(status=201, body={"status": "OK"}, after=True),
    "a list": Fault(body=[], after=True),
    "redirect": Fault(status=307, headers={"Location": "/elsewhere"}),
    "a proxy's 402": Fault(status=402, body=HTML, content_type="text/html"),
    "a proxy's 403": Fault(status=403, body=HTML, content_type="text/html"),
    "a proxy's 410": Fault(status=410, body=HTML, content_type="text/html", after=True),
    "404": Fault(status=404, body={"message": "Not Found"}),
    "500": Fault(status=500, body={"message": "Internal"}, after=True),
    "502": Fault(status=502, body=HTML, content_type="text/html", after=True),
    "503": Fault(status=503),
    "504": Fault(status=504, after=True),
}
UNCLEAR = ("cut after the work", "HTML", "empty object", "404", "500")


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A provider's client and the simulator that it talks to."""

    provider: Connected
    stranger: Callable[[], Connected]  # the same with credentials that nobody issued
    order: Order
    clock: FakeClock
    served: Served
    faults: Faults
    confirm: str  # the endpoint that spends money
    asked: str  # an endpoint that a preview asks
    credentials: tuple[str, ...]
    confirms: Callable[[], int]  # how many arrived, whatever became of them
    charges: Callable[[], int]

    async def token(self) -> str | None:
        return (await self.provider.preview(self.order)).token

    async def buy(self) -> str:
        return (await self.provider.confirm(self.order, await self.token())).number


class ProviderContract:
    """One class per provider inherits these; `bench` is its fixture."""

    def test_people_are_told_what_it_calls_itself(self, bench: Bench) -> None:
        seller = sellers.of(bench.provider.name)

        assert bench.provider.name in sellers.SELLERS
        assert (seller.title, seller.command) == (bench.provider.title, bench.provider.command)
        assert seller.credentials
        assert isinstance(bench.provider.price, Price)

    # ── Buying ──
    async def test_a_preview_costs_nothing_and_can_be_confirmed_for_a_while(
        self, bench: Bench
    ) -> None:
        preview = await bench.provider.preview(bench.order)

        assert preview.expires_at.utcoffset() is not None
        assert preview.expires_at > bench.clock.now()
        assert preview.token is None or preview.token not in repr(preview)
        assert (bench.confirms(), bench.charges()) == (0, 0)

    async def test_a_preview_that_gets_no_answer_is_asked_for_again(self, bench: Bench) -> None:
        bench.faults.queue(bench.asked, Fault(cut="before"))

        await bench.provider.preview(bench.order)

        assert bench.charges() == 0

    @pytest.mark.parametrize("fault", UNCLEAR)
    async def test_whatever_a_preview_is_answered_nothing_is_spent(
        self, bench: Bench, fault: str
    ) -> None:
        bench.faults.queue(bench.asked, LOST[fault], times=3)
        try:
            await bench.provider.preview(bench.order)
        except ProviderError as error:
            assert isinstance(error, NothingSpent)  # noqa: PT017 - some say "not checked" instead
        assert (bench.confirms(), bench.charges()) == (0, 0)

    async def test_a_purchase_is_one_confirm_and_one_charge_and_on_the_account(
        self, bench: Bench
    ) -> None:
        number = await bench.buy()
        held = await bench.provider.holdings()

        assert (bench.confirms(), bench.charges()) == (1, 1)
        assert number in {each.number for each in held}
        assert bench.provider.receipt(number, held).number == number

    async def test_the_same_confirm_once_more_is_not_charged_again(self, bench: Bench) -> None:
        token = await bench.token()
        await bench.provider.confirm(bench.order, token)
        with pytest.raises(ProviderError):
            await bench.provider.confirm(bench.order, token)

        assert bench.charges() == 1

    async def test_without_the_token_of_its_preview_nothing_is_sent(self, bench: Bench) -> None:
        if await bench.token() is None:
            pytest.skip("its previews have no token")
        with pytest.raises(NothingSpent):
            await bench.provider.confirm(bench.order, None)

        assert bench.confirms() == 0

    # ── Never sent, or lost ──
    @pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
    async def test_a_confirm_that_was_sent_and_says_nothing_is_lost_and_never_repeated(
        self, bench: Bench, fault: Fault
    ) -> None:
        token = await bench.token()
        bench.faults.queue(bench.confirm, fault)

        with pytest.raises(AnswerLost) as caught:
            await bench.provider.confirm(bench.order, token)

        assert bench.confirms() == 1
        assert bench.charges() == int(fault.does_the_work_first)
        assert caught.value.fields["provider"] == bench.provider.title
        assert caught.value.fields["what"]

    async def test_a_confirm_that_found_no_connection_was_never_sent(self, bench: Bench) -> None:
        token = await bench.token()
        await bench.served.close()

        with pytest.raises(ProviderUnreachable):
            await bench.provider.confirm(bench.order, token)
        with pytest.raises(ProviderUnreachable):
            await bench.provider.preview(bench.order)
        assert bench.confirms() == 0

    async def test_a_confirm_that_is_given_up_was_sent_once(self, bench: Bench) -> None:
        token = await bench.token()
        hold = bench.faults.hold(bench.confirm, "after")
        confirming = asyncio.create_task(bench.provider.confirm(bench.order, token))
        async with asyncio.timeout(10):
            await hold.reached()
        confirming.cancel()

        with pytest.raises(asyncio.CancelledError):
            await confirming
        assert (bench.confirms(), bench.charges()) == (1, 1)

    # ── Looking it up ──
    @pytest.mark.parametrize("when", ["before", "after"])
    async def test_the_account_tells_what_a_lost_confirm_bought_and_nothing_else(
        self, bench: Bench, when: str
    ) -> None:
        before = await bench.provider.holdings()
        token = await bench.token()
        bench.faults.queue(bench.confirm, Fault(cut="after" if when == "after" else "before"))
        with pytest.raises(AnswerLost):
            await bench.provider.confirm(bench.order, token)

        baseline = frozenset[str]().union(*map(marks, before))
        held = await bench.provider.holdings()

        assert len(candidates(self._purchase(bench, baseline), held)) == bench.charges()

    async def test_what_was_there_before_is_recognised_again(self, bench: Bench) -> None:
        await bench.buy()
        first, second = await bench.provider.holdings(), await bench.provider.holdings()

        assert list(map(marks, first)) == list(map(marks, second))
        assert len({held.key for held in first}) == len(first)

    async def test_an_account_that_cannot_be_read_is_no_empty_account(self, bench: Bench) -> None:
        await bench.served.close()

        with pytest.raises(ProviderError):
            await bench.provider.insisting().holdings()

    # ── Secrets ──
    async def test_credentials_that_are_refused_are_named_as_that(self, bench: Bench) -> None:
        stranger = bench.stranger()
        try:
            with pytest.raises(BadCredentials):
                await stranger.preview(bench.order)
            with pytest.raises(BadCredentials):
                await stranger.holdings()
        finally:
            await stranger.aclose()

    async def test_no_secret_is_in_an_error_a_log_or_a_repr(
        self, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        token = await bench.token()
        secrets = [*bench.credentials, *([token] if token else [])]
        echo = {key: " and ".join(secrets) for key in ("message", "error", "problem", "detail")}
        told = [repr(bench.provider)]
        for status in (200, 400, 401, 403, 500):
            for endpoint in (bench.asked, bench.confirm):
                bench.faults.queue(endpoint, Fault(status=status, body=echo))
            for asking in (
                bench.provider.preview(bench.order),
                bench.provider.confirm(bench.order, token),
            ):
                try:
                    told.append(repr(await asking))
                except ProviderError as error:
                    told += [repr(error), str(error.fields), say(error.reason)]

        assert [secret for secret in secrets if secret in "\n".join([*told, caplog.text])] == []

    @staticmethod
    def _purchase(bench: Bench, baseline: frozenset[str]) -> Purchase:
        return Purchase(
            id="p1",
            code="K7Q2",
            status=Status.UNKNOWN,
            provider=bench.provider.name,
            order=bench.order,
            requester_id="U0RILEY001",
            channel_id="C0PHONES01",
            requested_at=bench.clock.now(),
            baseline=tuple(baseline),
        )
