"""Each call to Slack is told with what became of it."""

from collections.abc import Callable

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.ports import TryLater
from bot.sandbox.faults import Fault
from bot.sandbox.slack import SlackSimulator
from handlers.drawing import Drawing
from handlers.response_url import ResponseUrls
from handlers.timed_client import TimedClient

Told = list[tuple[str, str]]


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def on_call(told: Told) -> Callable[[str, str, float], None]:
    def remember(method: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        told.append((method, outcome))

    return remember


@pytest.fixture
def timed(
    slack: SlackSimulator,
    session: aiohttp.ClientSession,
    on_call: Callable[[str, str, float], None],
) -> TimedClient:
    return TimedClient(
        on_call,
        token=slack.state.bot_token,
        base_url=slack.api_url,
        session=session,
        retry_handlers=[],
    )


def refusal(error: str) -> Fault:
    return Fault(body=b'{"ok": false, "error": "%s"}' % error.encode())


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(status=429, headers={"Retry-After": "1"}), "limited"),
        (refusal("ratelimited"), "limited"),
        (refusal("token_revoked"), "unauthorized"),
        (refusal("channel_not_found"), "refused"),
        (refusal("internal_error"), "broken"),
        (Fault(status=503, body=b"upstream trouble", content_type="text/plain"), "broken"),
    ],
    ids=str,
)
async def test_a_refused_call_is_told_in_one_word(
    slack: SlackSimulator, timed: TimedClient, told: Told, fault: Fault, outcome: str
) -> None:
    slack.faults.queue("auth.test", fault)
    with pytest.raises(SlackApiError):
        await timed.auth_test()
    assert told == [("auth.test", outcome)]


async def test_good_calls_and_cut_connections_are_told(
    slack: SlackSimulator, timed: TimedClient, told: Told
) -> None:
    await timed.auth_test()
    slack.faults.queue("auth.test", Fault(cut="before"))
    with pytest.raises(aiohttp.ClientError):
        await timed.auth_test()
    assert told == [("auth.test", "ok"), ("auth.test", "no_answer")]


async def test_a_client_may_go_untimed(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    client = TimedClient(None, token=slack.state.bot_token, base_url=slack.api_url, session=session)
    assert (await client.auth_test())["ok"]


async def test_a_response_url_that_does_not_serve_is_told(
    slack: SlackSimulator,
    session: aiohttp.ClientSession,
    told: Told,
    on_call: Callable[[str, str, float], None],
) -> None:
    urls = ResponseUrls(session, slack.api_url, on_call)
    assert not await urls.post(slack.api_url + "no/such/address", Drawing([], "hello"))
    closed = aiohttp.ClientSession()
    await closed.close()
    with pytest.raises((TryLater, RuntimeError)):
        await ResponseUrls(closed, slack.api_url, on_call).post(slack.api_url, Drawing([], "x"))
    assert told == [("response_url", "refused"), ("response_url", "no_answer")]
