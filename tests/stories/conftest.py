from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.migrated import migrated
from tests.stories.office import Office, office_at


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A workspace and a provider; the test opens the bot itself."""
    migrated(tmp_path / "dialtone.db")
    async with office_at(tmp_path) as made:
        yield made
