"""`python -m bot init` that is stopped, or cannot go on: nothing is written."""

import io
from pathlib import Path

import pytest

from bot.init_command import main
from bot.init_command.command import FAILED, USAGE
from bot.init_command.env_file import BACKUP
from bot.sandbox.slack.people import MORGAN
from tests.init_command.newcomer import Newcomer


@pytest.mark.parametrize("answered", [0, 1, 3, 7, 11])
async def test_when_the_input_ends_nothing_is_written(newcomer: Newcomer, answered: int) -> None:
    old = f"APPROVERS={MORGAN}\n"
    newcomer.file.write_text(old)

    assert await newcomer.answers(*newcomer.conversation()[:answered]) == FAILED
    assert newcomer.said.endswith("The input has ended. Nothing was written.")
    assert newcomer.file.read_text() == old
    assert [each.name for each in newcomer.file.parent.glob(".env*")] == [".env"]


async def test_what_would_be_in_vain_is_said_before_the_first_question(newcomer: Newcomer) -> None:
    newcomer.environ["SLACK_API_URL"] = "slack.com"
    assert await newcomer.answers() == USAGE
    assert newcomer.said.startswith("SLACK_API_URL wants an address such as")

    newcomer.file.write_bytes(b"PORT=\xff\xfe")
    assert await newcomer.answers() == USAGE
    assert newcomer.said.endswith("cannot be read as a text file in UTF-8. Nothing was written.")


async def test_a_file_that_cannot_be_written_is_said(newcomer: Newcomer) -> None:
    newcomer.file.with_name(f".env{BACKUP}").mkdir()
    newcomer.file.write_text("PORT=4000\n")
    assert await newcomer.answers(*newcomer.conversation()) == FAILED
    assert newcomer.said.endswith("): it is as it was.")
    assert newcomer.file.read_text() == "PORT=4000\n"
    assert len(list(newcomer.file.parent.glob(".env*"))) == 2


def test_a_bug_is_told_without_secrets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(io.StringIO):
        def readline(self, _size: int = -1, /) -> str:  # type: ignore[override]  # as TextIOBase
            raise RuntimeError("xoxb-1-secret")

    status = main([], environ={}, file=tmp_path / ".env", lines=Broken(), out=io.StringIO())

    assert status == FAILED
    said = capsys.readouterr().err
    assert "RuntimeError" in said
    assert "xoxb-1-secret" not in said
