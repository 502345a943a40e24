"""What the page shows and moves beside the workspace: the providers' ledgers, faults, the bot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.sandbox import magpipe, sendblue
from bot.sandbox.bot_process import BotProcess
from bot.sandbox.faults import Fault
from bot.sandbox.instants import iso
from bot.sandbox.magpipe import Magpipe
from bot.sandbox.sendblue import Sendblue

_LISTED_ERRORS = {
    "no_card_on_file": (402, "No card on file."),
    "no_lines_available": (503, "No lines are available right now."),
    "daily_limit_reached": (429, "Daily limit reached."),
}


def _listed(code: str) -> Fault:
    status, message = _LISTED_ERRORS[code]
    return Fault(status=status, body={"status": "ERROR", "error": code, "message": message})


LINE_FAILS = "provisioning_failed"
CONFIRM_FAULTS: dict[str, tuple[str, Fault]] = {
    "cut_after": ("cut the connection after the charge", Fault(cut="after")),
    "cut_before": ("cut the connection before the charge", Fault(cut="before")),
    "slow": ("answer after 8 seconds", Fault(delay=8, after=True)),
    "html": (
        "answer 502 with a web page, after the charge",
        Fault(status=502, body=b"<html>Bad gateway</html>", content_type="text/html", after=True),
    ),
    **{code: (f"refuse: {code}", _listed(code)) for code in _LISTED_ERRORS},
}
SHORTEST_PREVIEW, LONGEST_PREVIEW = 5, 3600


class Panel:
    """Reads and turns the knobs. Every `act_…` raises ValueError with a sentence when it cannot."""

    def __init__(self, line_seller: Sendblue, number_seller: Magpipe, bot: BotProcess) -> None:
        self._sendblue = line_seller
        self._magpipe = number_seller
        self._bot = bot
        self.actions: dict[str, Callable[[dict[str, Any]], None]] = {
            "fault": self.act_fault,
            "clear_faults": self.act_clear_faults,
            "preview_seconds": self.act_preview_seconds,
            "kill": self.act_kill,
        }

    def state(self) -> dict[str, Any]:
        return {
            "charges": self._charges(),
            "limits": {
                "daily": [self._sendblue.daily().used, self._sendblue.daily_limit],
                "monthly": [self._sendblue.monthly().used, self._sendblue.monthly_limit],
            },
            "preview_seconds": self._sendblue.preview_seconds,
            "waiting_faults": self._waiting(),
            "fault_choices": [
                *([key, label] for key, (label, _) in CONFIRM_FAULTS.items()),
                [LINE_FAILS, "charge the card and give no line, until cleared"],
            ],
            "bot": {
                "pid": self._bot.pid,
                "state": self._bot.state,
                "starts": self._bot.starts,
                "news": self._bot.news,
            },
        }

    def _charges(self) -> list[dict[str, Any]]:
        charges = [
            {"at": iso(c.at), "what": c.phone_number or "no line", "seller": "Sendblue"}
            for c in self._sendblue.ledger
        ]
        charges += [
            {"at": iso(c.at), "what": c.phone_number or "no number", "seller": "Magpipe"}
            for c in self._magpipe.ledger
        ]
        return sorted(charges, key=lambda charge: str(charge["at"]))

    def _waiting(self) -> list[str]:
        fails = [LINE_FAILS] if self._sendblue.provisioning_fails else []
        return fails + self._sendblue.faults.waiting() + self._magpipe.faults.waiting()

    def act_fault(self, args: dict[str, Any]) -> None:
        key, seller = str(args.get("fault")), str(args.get("seller", "sendblue"))
        if key == LINE_FAILS:
            self._sendblue.provisioning_fails = True
        elif key not in CONFIRM_FAULTS or seller not in {"sendblue", "magpipe"}:
            raise ValueError("There is no such fault.")
        elif seller == "sendblue":
            self._sendblue.faults.queue(sendblue.CONFIRM, CONFIRM_FAULTS[key][1])
        else:
            self._magpipe.faults.queue(magpipe.PROVISION, CONFIRM_FAULTS[key][1])

    def act_clear_faults(self, _args: dict[str, Any]) -> None:
        self._sendblue.provisioning_fails = False
        self._sendblue.faults.clear()
        self._magpipe.faults.clear()

    def act_preview_seconds(self, args: dict[str, Any]) -> None:
        seconds = args.get("seconds")
        if not isinstance(seconds, int) or not SHORTEST_PREVIEW <= seconds <= LONGEST_PREVIEW:
            raise ValueError(f"Give {SHORTEST_PREVIEW} to {LONGEST_PREVIEW} seconds.")
        self._sendblue.preview_seconds = seconds

    def act_kill(self, _args: dict[str, Any]) -> None:
        if not self._bot.kill():
            raise ValueError("The bot is not running at this moment.")


def announcing(app: web.Application, changed: Callable[[], None]) -> web.Application:
    """Let `changed` know of every answer this application gives."""

    async def answered(_request: web.Request, _response: web.StreamResponse) -> None:
        changed()

    app.on_response_prepare.append(answered)
    return app
