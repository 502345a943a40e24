"""The simulator's account as the tests use it."""

from decimal import Decimal

from bot.domain.price import Price
from bot.domain.purchase import Order
from bot.providers.sendblue import Sendblue
from bot.sandbox.sendblue import Sendblue as Simulator

KEY_ID, SECRET_KEY = "sandbox-key-id", "sandbox-secret-key"
PRICE = Price(Decimal("100.00"), "USD")
LINE = Order()


async def token_of(sendblue: Sendblue) -> str:
    token = (await sendblue.preview(LINE)).token
    assert token is not None
    return token


def received(account: Simulator, path: str) -> int:
    return [request.path for request in account.requests].count(path)
