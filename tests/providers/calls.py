"""Calls to send, and the error that sending one raises."""

from collections.abc import Callable

import pytest

from bot.domain.errors import ProviderError
from bot.providers.client import Client, Options, Wait
from bot.providers.wire import Call, Purpose

READ = Call(method="GET", path="/read", purpose=Purpose.READ)
PREVIEW = Call(method="POST", path="/preview", purpose=Purpose.PREVIEW)
CONFIRM = Call(method="POST", path="/confirm", purpose=Purpose.CONFIRM, body={"token": "t0ken"})
ONCE = Options(attempts=1)
SHORT = Wait(read=0.05, total=0.2)

Connect = Callable[..., Client]


async def failure(client: Client, call: Call) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await client.send(call)
    assert caught.value.fields["provider"] == "Sendblue"
    assert caught.value.__context__ is None  # it could quote headers or the body
    return caught.value
