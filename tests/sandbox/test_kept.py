"""`--keep DIR`: the simulators remember what the bot's kept database tells of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.kept import Kept, KeptUnreadable
from bot.sandbox.magpipe import Magpipe
from bot.sandbox.run import NotHere, Options, running
from bot.sandbox.sendblue import Sendblue
from bot.sandbox.sendblue_records import Charge, Line, Preview
from bot.sandbox.slack import SlackSimulator
from bot.sandbox.slack.people import BOT_USER_ID, PHONES, RILEY

NOW = datetime(2026, 5, 18, 14, 20, tzinfo=UTC)
BUTTON = {"type": "actions", "elements": []}


class Remembered:
    """Simulators with a memory in the file, as after another start."""

    def __init__(self, file: Path) -> None:
        self.slack = SlackSimulator(lambda: NOW)
        self.sendblue = Sendblue(lambda: NOW)
        self.magpipe = Magpipe(lambda: NOW)
        self.kept = Kept(file, self.slack, self.sendblue, self.magpipe)


async def test_messages_charges_and_knobs_are_there_again(tmp_path: Path) -> None:
    file = tmp_path / "simulators.json"
    first = Remembered(file)
    async with first.kept.going_on():
        card = first.slack.workspace.post(PHONES, BOT_USER_ID, "a card", [BUTTON])
        im = first.slack.workspace.im_of(RILEY)
        first.slack.workspace.post(im.id, BOT_USER_ID, "psst", only_for=RILEY)
        view = first.slack.workspace.add_view("home", RILEY, {"type": "home", "blocks": []})
        first.slack.workspace.homes[RILEY] = view.id
        first.sendblue.ledger.append(Charge(NOW, "+14152007986", "w1", "s1", "abcd"))
        first.sendblue.lines.append(Line("+14152007986", "w1"))
        first.sendblue.previews["token"] = Preview("account", NOW + timedelta(minutes=10))
        first.sendblue.daily_limit = 7
        first.magpipe.save_fails = True
        first.magpipe.stock.pop()

    again = Remembered(file)
    async with again.kept.going_on():
        assert again.slack.messages(PHONES) == [card]
        assert again.slack.messages(im.id, RILEY)[0].is_ephemeral
        assert again.slack.workspace.home(RILEY) == view
        assert again.slack.workspace.next_number() > first.slack.workspace.next_number() - 2
        assert again.sendblue.ledger == first.sendblue.ledger
        assert again.sendblue.lines == first.sendblue.lines
        assert again.sendblue.previews == first.sendblue.previews
        assert again.sendblue.daily_limit == 7
        assert again.magpipe.save_fails
        assert again.magpipe.stock == first.magpipe.stock


async def test_a_first_start_has_nothing_to_remember(tmp_path: Path) -> None:
    new = Remembered(tmp_path / "simulators.json")
    async with new.kept.going_on():
        assert new.slack.messages(PHONES) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"knobs": {}, "slack": {"posts": 1}}'])
async def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "simulators.json"
    file.write_text(text)
    with pytest.raises(KeptUnreadable, match=r"cannot be read: delete it"):
        async with Remembered(file).kept.going_on():
            pass
    assert file.read_text() == text


async def test_two_sandboxes_do_not_share_a_folder(tmp_path: Path) -> None:
    options = Options(keep=tmp_path)
    async with running(options) as (sandbox, _):
        with pytest.raises(NotHere, match=f"running with --keep .*: {sandbox.page_url}. Use that"):
            async with running(options):
                pass


async def test_a_clock_that_cannot_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "skipped-seconds").write_text("a while")
    with pytest.raises(NotHere, match="holds no number of seconds: delete it"):
        async with running(Options(keep=tmp_path)):
            pass
