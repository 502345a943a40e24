"""The Magpipe simulator's account as the tests use it."""

from bot.domain.price import Price
from bot.ports import Clock
from bot.providers.client import Options
from bot.providers.magpipe import Magpipe
from bot.sandbox.magpipe import BASE
from bot.sandbox.magpipe import Magpipe as Simulator

TOKEN = "sandbox-token"
PRICE = Price.parse("3.50 USD")  # the setting; the simulator's search says 2.00
VANCOUVER, OTHER_VANCOUVER, DENVER = "+16045551234", "+16046739021", "+13036524418"
TOLL_FREE = "+18335074462"
FIRST_US_NUMBER = "+14158329047"


def magpipe_at(url: str, clock: Clock, options: Options | None = None) -> Magpipe:
    return Magpipe(
        url + BASE,
        TOKEN,
        price=PRICE,
        preview_minutes=10,
        clock=clock,
        options=options or Options(backoff=0.001),
    )


def received(shop: Simulator, path: str) -> int:
    return [request.path for request in shop.requests].count(BASE + path)
