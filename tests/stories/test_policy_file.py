"""The policy's file, at the start and while the bot runs."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from bot.sandbox.slack.people import MORGAN, PHONE_MANAGERS, RILEY
from bot.storage import open_store
from tests.stories.bot_process import BotProcess
from tests.stories.office import Office, drawn

RULE = '[[rule]]\nname = "{name}"\napprovers = ["{who}"]\n'


def write(file: Path, text: str) -> None:
    file.write_text(text)


@pytest.fixture
def file(office: Office) -> Path:
    made = office.folder / "policy.toml"
    made.write_text(RULE.format(name="everything", who=MORGAN))
    office.settings["POLICY_FILE"] = str(made)
    return made


async def test_a_faulty_file_stops_the_start_with_its_line(office: Office, file: Path) -> None:
    write(file, RULE.format(name="everything", who="@morgan"))
    process = BotProcess(office.environment(), office.folder)
    try:
        await process.start()
        assert await process.ended() == 2
        [said] = process.said
    finally:
        await process.close()
    assert said == (
        f"POLICY_FILE: {file} line 3: approvers wants Slack ids, U… or W… for people and S… for"
        " user groups, but '@morgan' is not a Slack user id or user group id."
    )


async def test_on_sighup_the_file_is_read_anew_and_a_faulty_one_is_not_taken(
    office: Office, file: Path
) -> None:
    process = BotProcess(office.environment(), office.folder)
    try:
        await process.start()
        assert await process.says("started"), process.said
        write(file, "[[rule]]\n")
        os.kill(process.pid, signal.SIGHUP)
        refused = await process.says("policy.refused")
        assert refused
        assert refused["level"] == "ERROR"
        assert refused["why"] == (
            f"{file} line 1: name is missing from this rule. The old policy stays."
        )
        write(file, RULE.format(name="leaders", who=PHONE_MANAGERS))
        os.kill(process.pid, signal.SIGHUP)
        read = await process.says("policy.read")
        assert read
        assert read["rules"] == 1
        process.terminate()
        assert await process.ended() == 0
    finally:
        await process.close()
    store = await open_store(office.settings["DATABASE_URL"])
    try:
        [row] = await store.logbook(office.clock.now() - timedelta(days=1))
    finally:
        await store.close()
    assert (row.actor_id, row.action, row.outcome) == ("dialtone", "policy", "done")
    assert row.detail == {"file": str(file), "rules": ["leaders"]}


async def test_people_are_told_which_rule_counts_where_they_ask(office: Office, file: Path) -> None:
    write(
        file,
        '[[rule]]\nname = "dear"\nprice_over = "99 USD"\nquorum = 2\n'
        f'approvers = ["{PHONE_MANAGERS}"]\n' + RULE.format(name="rest", who=MORGAN),
    )
    async with office.open():
        await office.buy("policy")
        said = drawn(await office.told(RILEY, "Approval policy"))
        assert "at $100.00 per month, falls under *dear*" in said
        assert "• Needed: 2 different people" in said
        await office.number("policy")
        said = drawn(await office.told(RILEY, "with `/number`"))
        assert "at $2.00 per month, falls under *rest*" in said
