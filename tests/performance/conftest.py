from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stories.office import Office, office_at


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A workspace and both providers, and a bot that has settled in."""
    async with office_at(tmp_path) as made, made.open():
        await made.quiet()
        yield made
