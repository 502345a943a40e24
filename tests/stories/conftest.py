from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stories.office import Office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A workspace and a provider; the test opens the bot itself."""
    made = Office(tmp_path)
    await made.start()
    yield made
    await made.close()
