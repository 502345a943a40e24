"""What the page shows and moves beside the workspace: accounts, faults, the clock, the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.sandbox.bot_process import BotProcess
from bot.sandbox.clock import SkippedClock
from bot.sandbox.fault_choices import (
    MAGPIPE,
    SENDBLUE,
    SLACK,
    FaultDesk,
    endpoints_json,
    faults_json,
)
from bot.sandbox.instants import iso
from bot.sandbox.knobs import Knobs
from bot.sandbox.lives import Lives
from bot.sandbox.magpipe import Magpipe
from bot.sandbox.sendblue import Sendblue
from bot.sandbox.slack import Answer, SlackSimulator, elements

LINE_PRICE = 100.00
"""US dollars a month, as Sendblue's page says; no answer of its API holds a price."""

Said = dict[str, Any]


class Panel:
    """Reads and turns the knobs. Every action raises ValueError with a sentence when it cannot."""

    def __init__(
        self,
        *,
        slack: SlackSimulator,
        sendblue: Sendblue,
        magpipe: Magpipe,
        bot: BotProcess,
        clock: SkippedClock,
        lives: Lives,
    ) -> None:
        self._slack = slack
        self._sendblue = sendblue
        self._magpipe = magpipe
        self._bot = bot
        self._clock = clock
        self.lives = lives
        self._knobs = Knobs(sendblue, magpipe)
        self._faults = FaultDesk(
            {SENDBLUE: sendblue.faults, MAGPIPE: magpipe.faults, SLACK: slack.faults}
        )
        self.actions: dict[str, Callable[[Said], Awaitable[Said] | None]] = {
            "set": self._set,
            "fault": self._fault,
            "clear_faults": lambda _: self._faults.clear(),
            "kill": self._kill,
            "restart": self._restart,
            "skip": self._skip,
            "press_together": self._press_together,
        }

    async def state(self) -> Said:
        return {
            "now": iso(self._clock.now()),
            "skipped_seconds": self._clock.skipped_seconds,
            "knobs": self._knobs.as_json(),
            "limits": {
                "daily": [self._sendblue.daily().used, self._sendblue.daily_limit],
                "monthly": [self._sendblue.monthly().used, self._sendblue.monthly_limit],
            },
            "endpoints": endpoints_json(),
            "faults": faults_json(),
            "armed": self._faults.armed(),
            "charges": self._charges(),
            **await self.lives.now(),
            "bot": {
                "pid": self._bot.pid,
                "state": self._bot.state,
                "starts": self._bot.starts,
                "news": self._bot.news,
            },
        }

    def _charges(self) -> list[Said]:
        charges = [
            (c.at, c.phone_number or "no line", "Sendblue", LINE_PRICE)
            for c in self._sendblue.ledger
        ]
        charges += [(c.at, c.phone_number, "Magpipe", c.monthly_cost) for c in self._magpipe.ledger]
        return [
            {"at": iso(at), "what": what, "seller": seller, "price": price}
            for at, what, seller, price in sorted(charges)
        ]

    def _set(self, args: Said) -> None:
        self._knobs.set(str(args.get("id")), args.get("value"))

    def _fault(self, args: Said) -> None:
        self._faults.arm(str(args.get("endpoint_id")), str(args.get("fault_id")))

    def _kill(self, _args: Said) -> None:
        if not self._bot.kill():
            raise ValueError("The bot is not running at this moment.")

    def _restart(self, _args: Said) -> None:
        if not self._bot.restart():
            raise ValueError("The bot is not running at this moment.")

    async def _skip(self, args: Said) -> Said:
        seconds = args.get("seconds")
        if type(seconds) is not int:
            raise ValueError("Say how many whole seconds to skip.")
        await self._bot.has_spoken()  # a message that is a day late is not sent any more
        self._clock.skip(seconds)
        return {}

    async def _press_together(self, args: Said) -> Said:
        """Several people press the same button in the same moment; their answers, in order."""
        message = self._slack.workspace.find(str(args.get("channel")), str(args.get("ts")))
        if message is None:
            raise ValueError("This message is gone.")
        users, label = args.get("users"), str(args.get("label"))
        people = self._slack.workspace.users
        if not isinstance(users, list) or not users or not all(u in people for u in users):
            raise ValueError("Say who presses it, by their ids.")
        if not any(_label(element) == label for _, element in elements.elements(message.blocks)):
            raise ValueError(f"This message has no button “{label}”.")
        pressing = (self._slack.click(message, label, user=user) for user in users)
        answers: list[Answer] = await asyncio.gather(*pressing)
        return {
            "answers": [
                {"user": user, "status": answer.status, "failed": answer.error}
                for user, answer in zip(users, answers, strict=True)
            ]
        }


def _label(element: elements.Element) -> str | None:
    text = element.get("text")
    return text.get("text") if isinstance(text, dict) else None


def announcing(app: web.Application, changed: Callable[[], None]) -> web.Application:
    """Let `changed` know of every answer this application gives."""

    async def answered(_request: web.Request, _response: web.StreamResponse) -> None:
        changed()

    app.on_response_prepare.append(answered)
    return app
