"""Magpipe's throttle: reads are held back as its answers say, purchases never."""

import math
import time
from datetime import UTC, datetime

import pytest

from bot.domain.errors import Throttled
from bot.domain.purchase import Order
from bot.ports import Search
from bot.providers.magpipe import Magpipe
from bot.providers.magpipe_throttle import ReadThrottle
from bot.providers.wire import Answer
from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import AGENTS_LIST, LIST
from bot.sandbox.magpipe import Magpipe as Simulator
from tests.providers.magpipe_account import DENVER, received

NOW = datetime(2026, 5, 18, 12, 0, tzinfo=UTC)


def throttle_after(remaining: str, reset: str, **more: str) -> ReadThrottle:
    throttle = ReadThrottle("Magpipe")
    headers = {"X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset, **more}
    throttle.heed(Answer(status=200, headers=headers), NOW)
    return throttle


@pytest.mark.parametrize(
    ("remaining", "reset"),
    [
        ("1", "60"),
        ("", ""),
        ("0", ""),
        ("none", "60"),
        ("0", "soon"),
        ("0", "nan"),
        ("nan", "60"),
        ("0", "-5"),
        ("0", "inf"),
        ("0", str(NOW.timestamp())),
        ("0", str(NOW.timestamp() - 5)),
        ("0", "1234567890"),  # the documentation's example
        ("0", str(NOW.timestamp() * 1000)),
    ],
)
def test_a_read_goes_at_once_unless_the_headers_clearly_say_otherwise(
    remaining: str, reset: str
) -> None:
    assert throttle_after(remaining, reset)._opens == -math.inf


@pytest.mark.parametrize("reset", ["0.03", str(NOW.timestamp() + 0.03)])
async def test_a_read_waits_for_a_reset_that_is_near(reset: str) -> None:
    throttle = throttle_after("0", reset)
    assert throttle._opens > time.monotonic()

    await throttle.admit()

    # The loop wakes a sleeper up to one tick of its clock early.
    assert time.monotonic() >= throttle._opens - time.get_clock_info("monotonic").resolution


@pytest.mark.parametrize("reset", ["3", "60", str(NOW.timestamp() + 60)])
async def test_a_read_is_refused_when_the_reset_is_far(reset: str) -> None:
    with pytest.raises(Throttled) as caught:
        await throttle_after("0", reset).admit()
    assert caught.value.fields["retry_after"] in {3, 60}


async def test_the_reset_is_counted_from_the_providers_own_date() -> None:
    date = "Mon, 18 May 2026 13:00:00 GMT"  # its clock is an hour ahead of ours
    reset = str(datetime(2026, 5, 18, 13, 0, 30, tzinfo=UTC).timestamp())

    with pytest.raises(Throttled) as caught:
        await throttle_after("0", reset, Date=date).admit()
    assert caught.value.fields["retry_after"] == 30


async def test_the_last_read_of_a_window_closes_it_without_another_request(
    magpipe: Magpipe, shop: Simulator
) -> None:
    shop.throttle.per_minute = 1
    await magpipe.agents()

    with pytest.raises(Throttled):
        await magpipe.holdings()
    with pytest.raises(Throttled):
        await magpipe.search(Search(area_code="604"))
    assert [request.path.rpartition("/")[2] for request in shop.requests] == ["list-agents"]


async def test_a_purchase_is_never_held_back(magpipe: Magpipe, shop: Simulator) -> None:
    shop.provision_shape = "code"
    closed = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "60"}
    shop.faults.queue(AGENTS_LIST, Fault(body={"agents": []}, headers=closed))
    await magpipe.agents()

    receipt = await magpipe.confirm(Order(number=DENVER), None)

    assert (receipt.number, receipt.ids) == (DENVER, {})  # only the look-up was
    assert received(shop, LIST) == 0
