"""Each purchase's audit on the page: from the bot's own database, read as it grows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.lives import Life, Lives, Step
from tests.sandbox.page_talk import panel
from tests.sandbox.page_world import World, page_world

AT = datetime(2026, 5, 18, 14, 20, tzinfo=UTC)
STEP = Step(1, AT, "U0RILEY001", "request", None, "requested", "done", {"reason": "desk"})
LIFE = Life("K7Q2", "a line", "requested", [STEP])


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with page_world(tmp_path) as made:
        yield made


async def test_the_page_shows_what_the_audit_says(world: World) -> None:
    world.audit.is_of = [LIFE]
    assert (await panel(world.url))["purchases"] == [
        {
            "code": "K7Q2",
            "what": "a line",
            "status": "requested",
            "life": [
                {
                    "seq": 1,
                    "at": "2026-05-18T14:20:00.000Z",
                    "actor_id": "U0RILEY001",
                    "action": "request",
                    "from": None,
                    "to": "requested",
                    "outcome": "done",
                    "detail": {"reason": "desk"},
                }
            ],
        }
    ]


async def test_a_page_that_listens_hears_of_a_new_row(world: World) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{world.url}/events") as events:
        await world.slack.wait_for(lambda: world.bot.state == "ready" or None, 10)
        before = world.slack.workspace.version
        world.audit.is_of = [LIFE]
        async with asyncio.timeout(10):
            while True:
                event = await events.content.readuntil(b"\n\n")
                if event.startswith(b"data") and int(event.split()[1]) > before:
                    break


async def test_nothing_is_read_while_nobody_listens() -> None:
    class Counting:
        def __init__(self) -> None:
            self.reads = 0
            self.life = LIFE

        async def lives(self, most: int) -> Sequence[Life]:
            self.reads += 1
            return [self.life][:most]

        async def close(self) -> None:
            return

    reader, changed = Counting(), asyncio.Event()
    lives = Lives(reader, changed.set)
    async with lives.listening(), lives.listening():
        await asyncio.wait_for(changed.wait(), 10)
        changed.clear()
        reader.life = replace(LIFE, status="pending")
        await asyncio.wait_for(changed.wait(), 10)
    after = reader.reads
    for _ in range(5):
        await asyncio.sleep(0)
    assert reader.reads == after
