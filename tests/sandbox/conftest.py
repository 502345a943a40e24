"""The browser tests' fixtures. Starting Chromium takes a second: a module's tests share one, each
with a profile of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.sandbox.chromium import opened, started
from tests.sandbox.page_world import World, page_world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with started() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with page_world(tmp_path) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def page(world: World, chromium: Browser) -> AsyncIterator[Page]:
    async with opened(chromium, world.url) as page:
        yield page
