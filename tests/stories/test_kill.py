"""kill -9 at any point, and started again: a real process, killed for real."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from bot.sandbox.magpipe import BASE, PROVISION
from bot.sandbox.sendblue import CONFIRM, LINES_STATE
from tests.stories.kill_walk import Errand, NewOffice, every_point, live_through
from tests.stories.killed_bot import Death
from tests.stories.office import Office, office_at

BUY_NUMBER = f"{BASE}{PROVISION}"
VANCOUVER = "+16045551234"  # Canadian, so a second one is bought, and charged, along with it
LINE = Errand(
    ask=Office.buy,
    confirms=lambda office: office.sendblue.confirms_received,
    charged=lambda office: [charge.phone_number or "" for charge in office.sendblue.ledger],
)
NUMBER = Errand(
    ask=partial(Office.number, text=f"provision {VANCOUVER}"),
    confirms=lambda office: office.magpipe.provisions_received,
    charged=lambda office: [charge.phone_number for charge in office.magpipe.ledger],
    is_chosen=True,
)
EACH = pytest.mark.parametrize(
    ("errand", "confirm"), [(LINE, CONFIRM), (NUMBER, BUY_NUMBER)], ids=["line", "number"]
)


def files_in(folder: Path) -> NewOffice:
    """Each office with a SQLite file of its own."""

    @asynccontextmanager
    async def new_office(name: str) -> AsyncIterator[Office]:
        (folder / name).mkdir()
        async with office_at(folder / name) as office:
            yield office

    return new_office


@pytest.mark.parametrize(
    "death",
    [
        Death(5, since=f"after {LINES_STATE}"),
        Death(1, since=f"before {CONFIRM}"),
        Death(1, since=f"after {CONFIRM}"),
        Death(3, since=f"after {CONFIRM}"),
    ],
    ids=str,
)
async def test_killed_around_the_confirm(office: Office, death: Death) -> None:
    assert len((await live_through(office, LINE, death)).died_at) == 1


async def test_killed_when_both_numbers_are_bought_and_the_answer_is_in_hand(
    office: Office,
) -> None:
    lived = await live_through(office, NUMBER, Death(1, since=f"after {BUY_NUMBER}"))
    assert len(lived.died_at) == 1
    assert len(office.magpipe.ledger) == 2


@pytest.mark.slow
@EACH
async def test_killed_at_every_point_from_the_first_start_to_the_end(
    tmp_path: Path, errand: Errand, confirm: str
) -> None:
    walk = await every_point(files_in(tmp_path), errand)
    print(walk)  # noqa: T201  for whoever runs make crash
    around = [point for point in walk.survived if point.endswith(confirm)]
    assert len(around) == 2
    assert walk.survived.count("after a commit") > 10
    assert len(walk.missed) < len(walk.survived) / 4


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
@EACH
async def test_killed_again_at_every_point_of_getting_over_it(
    tmp_path: Path, errand: Errand, confirm: str, when: str
) -> None:
    first = Death(1, since=f"{when} {confirm}")
    walk = await every_point(files_in(tmp_path), errand, first)
    print(walk)  # noqa: T201  the same
    assert walk.survived.count("after a commit") > 3
    assert len(walk.missed) < len(walk.survived) / 4
