"""How `.env` is written."""

from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.init_command.env_file import BACKUP, can_hold, render, write
from bot.settings import Settings
from tests.init_command.newcomer import Newcomer

ROOT = Path(__file__).parents[2]


def test_with_nothing_answered_it_is_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    without_head = example.partition("\n\n")[2]

    assert render({}).partition("\n\n")[2] == without_head


@pytest.mark.parametrize(
    "value",
    [
        *("plain", "95.00 USD", "a b", "it's", 'say "so"', "a#b", "a #b", "a\\b\\'", "$A", "`x`"),
        *("postgresql://u:p%40ss@h:5432/d?sslmode=require", "tail\\", "é", "=", "a$"),
    ],
)
def test_every_value_is_read_as_it_was_written(tmp_path: Path, value: str) -> None:
    file = tmp_path / ".env"
    write(file, render({"INSTANCE_NAME": value}))

    assert can_hold(value)
    assert dotenv_values(file)["INSTANCE_NAME"] == value
    assert list(dotenv_values(file)) == [name.upper() for name in Settings.model_fields]


def test_a_value_that_would_be_read_otherwise_is_known() -> None:
    assert not can_hold("pass${HOME}word")


async def test_a_value_that_would_be_read_otherwise_is_refused(newcomer: Newcomer) -> None:
    key_id, secret, *rest = newcomer.keys
    await newcomer.goes_through(keys=(key_id, "a${b}", secret, *rest))

    assert "wrong: cannot be written into .env as it is" in newcomer.said


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    there, link = tmp_path / "elsewhere" / "dialtone.env", tmp_path / ".env"
    there.write_text("old\n")
    link.symlink_to(there)

    assert write(link, "new\n") == there.with_name(f"dialtone.env{BACKUP}")
    assert link.is_symlink()
    assert there.read_text() == "new\n"
