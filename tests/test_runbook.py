"""What the runbook says to do at three in the morning, done: back up, and restore without buying
twice."""

import asyncio
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.domain.purchase import Status
from bot.sandbox.slack.people import MORGAN
from tests.markdown_pages import ROOT, section, shell_lines
from tests.stories.office import Office, office_at

POLICY = f"""
[[rule]]
name = "everything"
approvers = ["{MORGAN}"]
keep_trying_hours = 8
"""


@pytest.fixture
async def office(tmp_path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN201 as in stories/conftest
    async with office_at(tmp_path) as made:
        yield made


def backup_command() -> list[str]:
    """As the page has it, for the files of the working directory."""
    [line] = [each for each in shell_lines(ROOT / "docs" / "runbook.md") if "VACUUM" in each]
    [program, *arguments] = shlex.split(line)
    assert program == "python"
    assert arguments[-2:] == ["dialtone.db", "backup.db"]
    return [sys.executable, *arguments]


async def back_up(folder: Path) -> None:
    child = await asyncio.create_subprocess_exec(*backup_command(), cwd=folder)
    assert await child.wait() == 0


def restore(folder: Path) -> None:
    """Steps 1 and 2."""
    (folder / "dialtone.db").rename(folder / "old.db")
    for beside in ("dialtone.db-wal", "dialtone.db-shm"):
        (folder / beside).unlink(missing_ok=True)
    shutil.copy(folder / "backup.db", folder / "dialtone.db")


async def test_a_backup_beside_the_running_bot_is_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with office.open():
        await office.buy()
        await office.card()
        await back_up(office.folder)
        await office.press(await office.card(), "Approve")
        await office.card("+1 415")
    monkeypatch.chdir(office.folder)
    for name, value in office.settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///backup.db")

    assert await asyncio.to_thread(main, ["audit", "verify"]) == 0
    assert capsys.readouterr().out.startswith("Every row of the audit is as it was written")


async def test_what_was_bought_after_the_backup_is_not_bought_again(
    office: Office, tmp_path: Path
) -> None:
    """The worst case: what waited in the backup is renewed for hours, and people are asked anew."""
    (tmp_path / "policy.toml").write_text(POLICY)
    policy = {"POLICY_FILE": str(tmp_path / "policy.toml")}
    without = dict.fromkeys(
        ("SENDBLUE_API_KEY_ID", "SENDBLUE_API_SECRET_KEY", "MAGPIPE_API_TOKEN"), ""
    )
    text = section((ROOT / "docs" / "runbook.md").read_text(), "## Back up and restore")
    assert [name for name in without if name not in text] == []

    async with office.open(**policy):
        await office.buy()
        card = await office.card()
        await back_up(office.folder)
        await office.press(card, "Approve")
        await office.card("+1 415")
        assert len(office.sendblue.ledger) == 1
    restore(office.folder)
    office.clock.advance(minutes=20)

    async with office.open(**policy, **without):
        purchase = await office.purchase()
        assert purchase.status is Status.PENDING
        await office.buy("freeze restoring a backup", user=MORGAN)
        await office.told(MORGAN, "Buying is frozen")
        await office.quiet()
    async with office.open(**policy):
        await office.buy(f"approve {purchase.code}", user=MORGAN)
        await office.told(MORGAN, "Buying is frozen: ")
        await office.buy("list", user=MORGAN)
        await office.told(MORGAN, "not bought here")
        await office.buy(f"cancel {purchase.code} bought already", user=MORGAN)
        await office.reaches(Status.CANCELLED)
        await office.buy("thaw", user=MORGAN)
        await office.quiet()
        await office.verify()
    assert len(office.sendblue.ledger) == 1
