"""An office to tell stories in: a Slack workspace, both providers, and the real bot between them.

Everything talks real HTTP on loopback; the database is a real file. Only the clock is ours.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from bot.bootstrap import Dialtone, running
from bot.domain.purchase import Purchase, Status
from bot.ports import Filter
from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import BASE, Magpipe
from bot.sandbox.sendblue import Sendblue
from bot.sandbox.serve import Served, serve
from bot.sandbox.slack import SlackSimulator
from bot.sandbox.slack.delivery import Answer
from bot.sandbox.slack.people import MORGAN, PHONE_MANAGERS, PHONES, RILEY
from bot.sandbox.slack.workspace import Message, View
from bot.settings import load
from bot.storage import SqlStore
from tests.fakes import FakeClock

T = TypeVar("T")


class Office:
    """Slack, Sendblue, Magpipe and, while `open`, a bot."""

    def __init__(self, folder: Path) -> None:
        # Signatures are checked against the wall clock, so the office's starts there.
        self.clock = FakeClock(datetime.now(UTC))
        self.slack = SlackSimulator(self.clock.now)
        self.sendblue = Sendblue(self.clock.now)
        self.magpipe = Magpipe(self.clock.now)
        self.folder = folder
        self.settings: dict[str, str] = {}
        self.bot: Dialtone
        self._provider: Served
        self._provider_port: int
        self._seller: Served

    async def start(self) -> None:
        await self.slack.start()
        self._provider = await serve(self.sendblue.app())
        self._provider_port = int(self._provider.url.rpartition(":")[2])
        self._seller = await serve(self.magpipe.app())
        self.settings = {
            "SLACK_BOT_TOKEN": self.slack.state.bot_token,
            "SLACK_SIGNING_SECRET": self.slack.state.signing_secret,
            "SLACK_API_URL": self.slack.api_url,
            "HOST": "127.0.0.1",
            "PORT": "0",
            "DATABASE_URL": f"sqlite:///{self.folder / 'dialtone.db'}",
            "SENDBLUE_API_KEY_ID": self.sendblue.api_key_id,
            "SENDBLUE_API_SECRET_KEY": self.sendblue.api_secret_key,
            "SENDBLUE_API_URL": self._provider.url,
            "MAGPIPE_API_TOKEN": self.magpipe.api_token,
            "MAGPIPE_API_URL": f"{self._seller.url}{BASE}",
            "APPROVERS": f"{PHONE_MANAGERS},{MORGAN}",
            "LOG_LEVEL": "WARNING",
        }

    async def close(self) -> None:
        await self._provider.close()
        await self._seller.close()
        await self.slack.close()

    @asynccontextmanager
    async def open(self, grace_s: float = 0.2, /, **changed: str) -> AsyncIterator[Dialtone]:
        """Run the bot."""
        settings = load({**self.settings, **changed}, env_file=None)
        async with running(settings, clock=self.clock, grace_s=grace_s) as bot:
            self.bot = bot
            if settings.is_socket_mode:
                self.slack.deliver_by_socket()
            else:
                self.slack.deliver_to(f"{bot.url}/slack/events")
            yield bot

    def environment(self, **changed: str) -> dict[str, str]:
        """For a bot in a process of its own, on the real clock."""
        return {**self.settings, "LOG_LEVEL": "INFO", "LOG_FORMAT": "json", **changed}

    def later(self, **delta: float) -> None:
        """Let time pass, and the bot notice."""
        self.clock.advance(**delta)
        self.bot.ports.wake()

    def catch_up(self) -> None:
        """Set our clock right, after a process of its own went by the real one."""
        self.clock.at = datetime.now(UTC)

    # ── what people do and see ──
    async def buy(
        self, text: str = "buy new desk in Denver", user: str = RILEY, channel: str = PHONES
    ) -> Answer:
        return await self.slack.command("/line", text, user=user, channel=channel)

    async def number(self, text: str, user: str = RILEY) -> Answer:
        return await self.slack.command("/number", text, user=user, channel=PHONES)

    async def until(self, predicate: Callable[[], T | None], seconds: float = 10) -> T:
        return await self.slack.workspace.until(predicate, seconds)

    async def card(self, showing: str = "Approve", channel: str = PHONES) -> Message:
        """The newest message that shows this text, on a button or elsewhere; waits for it."""

        def find() -> Message | None:
            found = [m for m in self.slack.workspace.messages(channel) if showing in drawn(m)]
            return found[-1] if found else None

        return await self.until(find)

    def cards(self, channel: str = PHONES) -> list[Message]:
        """Every message about a purchase that stands there: cards, and reports, in order."""
        return self.slack.workspace.messages(channel)

    async def report(self, card: Message, what: str) -> Message:
        """The message in that channel, other than the card itself, that says this."""

        def find() -> Message | None:
            found = [m for m in self.slack.workspace.messages(card.channel) if what in drawn(m)]
            return next((m for m in found if m.ts != card.ts), None)

        return await self.until(find)

    async def now_shows(self, card: Message, what: str) -> Message:
        """That very message once it shows this; waits for it."""

        def find() -> Message | None:
            found = self.slack.workspace.find(card.channel, card.ts)
            return found if found is not None and what in drawn(found) else None

        return await self.until(find)

    async def told(self, user: str, what: str) -> Message:
        """The private message to that user which says this; waits for it."""

        def find() -> Message | None:
            return next(
                (m for m in self.slack.workspace.ephemerals(user) if what in drawn(m)), None
            )

        return await self.until(find)

    async def press(self, card: Message, button: str, user: str = MORGAN) -> Answer:
        return await self.slack.click(card, button, user=user)

    async def approved(self) -> Message:
        """A card, just approved by Morgan."""
        await self.buy()
        card = await self.card()
        assert (await self.press(card, "Approve")).ok
        return card

    async def bought(self) -> Message:
        """Go the whole way; the card at the end."""
        await self.buy()
        await self.press(await self.card(), "Approve")
        return await self.card("+1 415")

    def slack_away(self) -> Fault:
        """Slack's servers in trouble, to be queued in `slack.faults`."""
        return Fault(status=503, body=b"upstream trouble", content_type="text/plain")

    async def provider_goes(self) -> None:
        """Sendblue's machine is off: connections are refused."""
        await self._provider.close()

    async def provider_comes_back(self) -> None:
        self._provider = await serve(self.sendblue.app(), port=self._provider_port)

    async def probe(self, path: str = "/readyz") -> tuple[int, str]:
        """What an operator's probe gets: status, and why it is not ready."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.bot.url + path) as answer,
        ):
            return answer.status, (await answer.json()).get("because", "")

    # ── what is written down ──
    async def purchases(self) -> list[Purchase]:
        return await self.bot.ports.store.list_purchases(Filter(limit=100))

    async def purchase(self) -> Purchase:
        [only] = await self.purchases()
        return only

    async def reaches(self, status: Status) -> Purchase:
        """Wait until the only purchase has this status (and Slack was told)."""
        while (found := await self.purchase()).status is not status:
            await self.until_changed()
        return found

    async def verify(self) -> None:
        """Raises where the audit is not as it was written."""
        store = self.bot.ports.store
        assert isinstance(store, SqlStore)
        for purchase in await self.purchases():
            await store.verify(purchase.id)

    async def quiet(self) -> None:
        """Wait until the bot has done everything that is due."""
        loop = self.bot.loop
        loop._quiet.clear()
        loop.wake()
        async with asyncio.timeout(10):
            await loop._quiet.wait()

    async def stands(self, status: Status, *, charges: int = 0) -> Purchase:
        """The only purchase, once it stands there: with one confirm at most, and all audited."""
        purchase = await self.reaches(status)
        assert self.sendblue.confirms_received.total() <= 1
        assert len(self.sendblue.ledger) == charges
        await self.verify()
        return purchase

    async def until_changed(self) -> None:
        before = self.slack.workspace.summary()
        await self.until(lambda: self.slack.workspace.summary() != before or None)


@asynccontextmanager
async def office_at(folder: Path) -> AsyncIterator[Office]:
    """A workspace and a provider; the database goes into the folder, which is there."""
    office = Office(folder)
    await office.start()
    try:
        yield office
    finally:
        await office.close()


def drawn(message: Message) -> str:
    """Everything a message shows, in one string."""
    return f"{message.text}\n{_texts(message.blocks)}"


def drawn_view(view: View) -> str:
    """Everything a modal or a Home shows, in one string."""
    return _texts(view.body)


def _texts(part: Any) -> str:
    if isinstance(part, dict):
        own = [value for key, value in part.items() if key == "text" and isinstance(value, str)]
        return "\n".join(own + [_texts(v) for k, v in part.items() if k != "confirm"])
    if isinstance(part, list):
        return "\n".join(_texts(each) for each in part)
    return ""


def buttons(message: Message) -> list[str]:
    """The labels of a message's buttons."""
    return [
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]
