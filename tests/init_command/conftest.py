import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.init_command.newcomer import Newcomer
from tests.stories.office import office_at


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Leave the process's loggers as other tests expect them."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    known = [each for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    levels = [each.level for each in known]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for each, was in zip(known, levels, strict=True):
        each.setLevel(was)


@pytest.fixture
async def newcomer(tmp_path: Path) -> AsyncIterator[Newcomer]:
    async with office_at(tmp_path) as office:
        office.slack.state.may_write_in_public_channels = True
        yield Newcomer(office)
