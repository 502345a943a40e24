from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desk import Desk, desk_at


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path) as made:
        yield made
