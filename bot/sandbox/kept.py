"""What the simulators remember from one `--keep DIR` to the next: messages, charges, lines, knobs.

Without it the bot's kept database would tell of cards in empty channels and of lines that nobody
ever charged.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from bot.sandbox import magpipe_records, sendblue_records
from bot.sandbox.knobs import Knobs
from bot.sandbox.magpipe import Magpipe
from bot.sandbox.sendblue import Sendblue
from bot.sandbox.slack import Message, SlackSimulator, View

SAVE_EVERY_SECONDS = 2.0
_INSTANTS = ("at", "created_at", "expires_at")

T = TypeVar("T")


class KeptUnreadable(Exception):
    """The message is a sentence for whoever started the sandbox."""


class Kept:
    """The simulators' memory in a file."""

    def __init__(
        self, file: Path, slack: SlackSimulator, sendblue: Sendblue, magpipe: Magpipe
    ) -> None:
        self._file = file
        self._slack = slack
        self._sendblue = sendblue
        self._magpipe = magpipe
        self._knobs = Knobs(sendblue, magpipe)
        self._saved_version = -1

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Recall what the file holds, and keep it up to date until the end. Raises
        KeptUnreadable."""
        self._recall()
        saving = asyncio.create_task(self._save_now_and_then())
        try:
            yield
        finally:
            saving.cancel()
            with suppress(asyncio.CancelledError):
                await saving
            self._save()

    async def _save_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY_SECONDS)
            self._save()

    def _save(self) -> None:
        version = self._slack.workspace.version  # grows with every answer of each simulator
        if version == self._saved_version:
            return
        new = self._file.with_name(f"{self._file.name}.new")
        new.write_text(json.dumps(self._memory(), default=datetime.isoformat))
        os.replace(new, self._file)  # noqa: PTH105  a kill leaves the one or the other
        self._saved_version = version

    def _memory(self) -> dict[str, Any]:
        workspace, sendblue, magpipe = self._slack.workspace, self._sendblue, self._magpipe
        homes = [view for user in workspace.homes if (view := workspace.home(user))]
        return {
            "slack": {
                "posts": [asdict(message) for message in workspace.posts],
                "homes": [asdict(view) for view in homes],
                "members": {c.id: sorted(c.members) for c in workspace.channels.values()},
            },
            "sendblue": {
                "ledger": [asdict(charge) for charge in sendblue.ledger],
                "lines": [asdict(line) for line in sendblue.lines],
                "previews": {t: asdict(preview) for t, preview in sendblue.previews.items()},
                "stock": sendblue.stock,
            },
            "magpipe": {
                "ledger": [asdict(charge) for charge in magpipe.ledger],
                "numbers": [asdict(number) for number in magpipe.numbers],
                "stock": [asdict(offer) for offer in magpipe.stock],
                "credits_balance": magpipe.credits_balance,
                "taken": sorted(magpipe.taken),
            },
            "knobs": {knob["id"]: knob["value"] for knob in self._knobs.as_json()},
        }

    def _recall(self) -> None:
        try:
            memory = json.loads(self._file.read_text())
            self._recall_knobs(memory["knobs"])
            self._recall_slack(memory["slack"])
            self._recall_sendblue(memory["sendblue"])
            self._recall_magpipe(memory["magpipe"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise KeptUnreadable(
                f"{self._file} cannot be read: delete it to begin with empty channels, or keep "
                "everything in another folder."
            ) from error

    def _recall_knobs(self, values: Mapping[str, Any]) -> None:
        for knob_id, value in values.items():
            with suppress(ValueError):  # a knob of another version
                self._knobs.set(knob_id, value)

    def _recall_slack(self, memory: Mapping[str, Any]) -> None:
        workspace = self._slack.workspace
        for person in workspace.users.values():
            if not person.is_bot:
                workspace.im_of(person.id)
        for channel_id, members in memory["members"].items():
            if channel_id in workspace.channels:
                workspace.channels[channel_id].members = set(members)
        workspace.posts[:] = [_made(Message, each) for each in memory["posts"]]
        for each in memory["homes"]:
            view = _made(View, each)
            workspace.views[view.id] = view
            workspace.homes[view.user] = view.id
            workspace.number_after(int(view.id[1:]))

    def _recall_sendblue(self, memory: Mapping[str, Any]) -> None:
        it = self._sendblue
        it.ledger[:] = [_made(sendblue_records.Charge, each) for each in memory["ledger"]]
        it.lines[:] = [_made(sendblue_records.Line, each) for each in memory["lines"]]
        it.stock[:] = memory["stock"]
        for token, each in memory["previews"].items():
            it.previews[token] = _made(sendblue_records.Preview, each)

    def _recall_magpipe(self, memory: Mapping[str, Any]) -> None:
        it = self._magpipe
        it.ledger[:] = [_made(magpipe_records.Charge, each) for each in memory["ledger"]]
        it.numbers[:] = [_made(magpipe_records.Number, each) for each in memory["numbers"]]
        it.stock[:] = [_made(magpipe_records.Offer, each) for each in memory["stock"]]
        it.credits_balance = memory["credits_balance"]
        it.taken = set(memory["taken"])


def _made(of: type[T], values: Mapping[str, Any]) -> T:
    known = {each.name for each in fields(of)}  # type: ignore[arg-type]  # all of these are dataclasses
    return of(
        **{
            name: datetime.fromisoformat(value) if name in _INSTANTS and value else value
            for name, value in values.items()
            if name in known
        }
    )
