"""A Socket Mode connection that dies, or only looks alive, is replaced."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import bootstrap
from bot.sandbox.slack.people import PHONES
from bot.socket_link import SocketLink, Times
from tests.stories.office import Office


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> list[SocketLink]:
    """Socket Mode in a hurry; the links that were made."""
    made: list[SocketLink] = []
    hurried = Times(look=0.02, look_when_down=0.02, ping=0.1, patience=0.3, connect=1)

    def link(app: AsyncApp, token: str, client: Callable[[], AsyncWebClient]) -> SocketLink:
        made.append(SocketLink(app, token, client, hurried))
        return made[-1]

    monkeypatch.setattr(bootstrap, "SocketLink", link)
    return made


async def connected(office: Office, *, other_than: Any = None) -> Any:
    """The connection, once there is one (and only it)."""
    return await office.until(
        lambda: (
            office.slack.socket.connections[-1]
            if office.slack.socket.connections
            and office.slack.socket.connections[-1] is not other_than
            else None
        )
    )


@pytest.mark.parametrize("how", ["dropped", "recycled", "half-dead", "half-dead, SDK asleep"])
async def test_a_socket_mode_connection_comes_back(
    office: Office, links: list[SocketLink], how: str
) -> None:
    async with office.open(SLACK_APP_TOKEN=office.slack.state.app_token):
        first = await connected(office)
        assert (await office.buy("help")).ok
        if how == "dropped":
            office.slack.socket.drop()
        elif how == "recycled":
            await office.slack.socket.disconnect()
        else:
            if how.endswith("asleep"):
                await put_to_sleep(links[0])
            office.slack.socket.mute = True
        await connected(office, other_than=first)
        office.slack.socket.mute = False

        while not (answer := await office.buy("buy after all")).ok:
            assert answer.error
        await office.press(await office.card("after all"), "Approve")
        await office.card("Bought:")
        assert len(office.sendblue.ledger) == 1


async def put_to_sleep(link: SocketLink) -> None:
    """What its SDK has been seen to do: nothing watches the connection any more."""
    assert link._handler
    client: Any = link._handler.client
    client.current_session_monitor.cancel()
    client.message_receiver.cancel()
    await client.current_session.close()


async def test_without_socket_mode_it_is_not_ready_and_keeps_trying(
    office: Office, links: list[SocketLink]
) -> None:
    issue, office.slack.state.socket_url = office.slack.state.socket_url, None
    async with office.open(SLACK_APP_TOKEN=office.slack.state.app_token):
        assert await office.probe() == (503, "slack: Socket Mode is not connected")
        assert not links[0].is_up
        office.slack.state.socket_url = issue
        await connected(office)
        await office.bought()
        assert await office.probe() == (200, "")
        assert office.slack.workspace.messages(PHONES)


async def test_the_age_is_that_of_the_present_connection(
    office: Office, links: list[SocketLink]
) -> None:
    async with office.open(SLACK_APP_TOKEN=office.slack.state.app_token):
        first = await connected(office)
        assert (await office.buy("help")).ok
        [link] = links
        while link.age is None:  # noqa: ASYNC110 nothing announces it
            await asyncio.sleep(0.01)
        since = link._connected_at
        await office.slack.socket.disconnect()
        await connected(office, other_than=first)
        while link._connected_at == since:  # noqa: ASYNC110 seen at the next look
            await asyncio.sleep(0.01)
        assert link._connected_at > since
    assert link.age is None
