"""Magpipe's purchase when its answer is lost: sent once, never again. Counted at the simulator."""

import pytest

from bot.domain import errors
from bot.domain.purchase import Order
from bot.providers.client import Options, Wait
from bot.providers.magpipe import Magpipe
from bot.sandbox.faults import Fault, When
from bot.sandbox.magpipe import PROVISION
from bot.sandbox.magpipe import Magpipe as Simulator
from bot.sandbox.serve import Served
from tests.fakes import FakeClock
from tests.providers.magpipe_account import (
    DENVER,
    VANCOUVER,
    magpipe_at,
    received,
)

ORDER = Order(number=DENVER)
CANADIAN = Order(number=VANCOUVER)
UNKNOWN = {
    "cut before the work": Fault(cut="before"),
    "cut after the work": Fault(cut="after"),
    "reset before the work": Fault(cut="before", reset=True),
    "reset after the work": Fault(cut="after", reset=True),
    "truncated": Fault(body=b'{"success":true', announced_length=99, after=True),
    "html": Fault(body=b"<html>Sign in</html>", content_type="text/html"),
    "empty": Fault(body=b"", after=True),
    "huge": Fault(body=b'{"x":"' + b"x" * 2 * 1024 * 1024 + b'"}', after=True),
    "redirect": Fault(status=307, headers={"Location": PROVISION}),
    "created without a field": Fault(status=201, body={"success": True}, after=True),
    "404": Fault(status=404, body={"error": "Not Found"}),
    "500": Fault(status=500, body={"error": "fetch failed"}, after=True),
    "500 object": Fault(status=500, body={"error": {"code": "internal"}, "data": None}),
    "502": Fault(status=502, body=b"<html>Bad Gateway</html>", after=True),
    "503": Fault(status=503, headers={"Retry-After": "1"}),
    "504": Fault(status=504, after=True),
    "no object": Fault(body=[1, 2]),
}


@pytest.mark.parametrize("fault", UNKNOWN.values(), ids=UNKNOWN.keys())
@pytest.mark.parametrize("order", [ORDER, CANADIAN])
async def test_a_purchase_whose_answer_is_lost_was_sent_once(
    magpipe: Magpipe, shop: Simulator, fault: Fault, order: Order
) -> None:
    shop.faults.queue(PROVISION, fault)

    with pytest.raises(errors.AnswerLost) as caught:
        await magpipe.confirm(order, None)

    assert shop.provisions_received == {order.number: 1}
    assert received(shop, PROVISION) == 1
    assert caught.value.fields["what"]
    # The list tells what became of it.
    is_held = order.number in {held.number for held in await magpipe.holdings()}
    assert is_held is bool(shop.ledger) is fault.does_the_work_first


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_purchase_that_takes_too_long_is_lost_and_was_sent_once(
    shop_served: Served, shop: Simulator, clock: FakeClock, when: When
) -> None:
    options = Options(confirm=Wait(read=0.05, total=0.2))
    magpipe = magpipe_at(shop_served.url, clock, options)
    hold = shop.faults.hold(PROVISION, when)

    with pytest.raises(errors.AnswerLost):
        await magpipe.confirm(ORDER, None)

    await hold.reached()
    await magpipe.aclose()
    assert shop.provisions_received == {DENVER: 1}
    assert len(shop.ledger) == (1 if when == "after" else 0)


def test_a_purchase_may_take_a_minute() -> None:
    assert Options().confirm.read >= 60
