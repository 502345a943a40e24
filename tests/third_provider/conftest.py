"""An office in which Imaginary Telephone sells too."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.serve import serve
from tests.stories.office import Office, office_at
from tests.third_provider.hiring import hire
from tests.third_provider.imaginary_simulator import ImaginarySimulator


@pytest.fixture
async def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """Slack and the other two; the test opens the bot itself."""
    hire(monkeypatch)
    async with office_at(tmp_path) as made:
        yield made


@pytest.fixture
async def imaginary(office: Office) -> AsyncIterator[ImaginarySimulator]:
    """Imaginary Telephone, with credentials in the settings."""
    simulator = ImaginarySimulator(office.clock.now)
    served = await serve(simulator.app())
    office.settings |= {
        "IMAGINARY_API_TOKEN": simulator.api_token,
        "IMAGINARY_API_URL": served.url,
    }
    yield simulator
    await served.close()
