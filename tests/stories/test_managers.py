"""Approval as people do it: several approvers, a clock that reminds, a policy in a file."""

from pathlib import Path

import pytest

from bot.domain.purchase import Status
from bot.sandbox.slack.people import MAX, MORGAN, NORA, RILEY
from bot.sandbox.slack.workspace import Message
from tests.stories.office import Office, buttons, drawn

POLICY = f"""
[[rule]]
name = "dear"
price_over = "50.00 USD"
approvers = ["{MORGAN}", "{MAX}", "{NORA}"]
ping = ["{MORGAN}"]
quorum = 2
escalate = [{{ after = 0.5, to = ["{NORA}"] }}]

[[rule]]
name = "the rest"
approvers = ["{MORGAN}"]
"""


@pytest.fixture
def ruled(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)
    return {"POLICY_FILE": str(file)}


def threads(office: Office, card: Message) -> list[Message]:
    return [m for m in office.cards(card.channel) if m.thread_ts == card.ts]


async def test_the_deputy_is_asked_it_expires_and_two_approve_the_next_one(
    office: Office, ruled: dict[str, str]
) -> None:
    """Nobody reacts, the next one is pinged, the card expires, is requested again, is approved by
    two people, and the audit verifies."""
    async with office.open(**ruled):
        await office.buy()
        card = await office.card()
        assert f"<@{MORGAN}>" in drawn(card)
        assert f"<@{NORA}>" not in drawn(card)
        assert "It takes 2 people" in drawn(card)
        office.later(minutes=5)
        await office.now_shows(card, f"<@{NORA}>")
        await office.until(lambda: threads(office, card) or None)
        assert f"<@{NORA}>" in threads(office, card)[0].text
        office.later(minutes=4)
        await office.told(RILEY, "expires within a minute")
        office.later(minutes=1)
        card = await office.now_shows(card, "Expired")
        await office.press(card, "Request again", RILEY)
        anew = await office.card("the same price as")
        await office.press(anew, "Approve", MAX)
        await office.now_shows(anew, f"Approved by <@{MAX}>; 1 more is needed")
        assert not office.sendblue.ledger
        office.later(seconds=1)
        await office.press(anew, "Approve", MAX)
        await office.told(MAX, "You have approved")
        await office.press(anew, "Approve", NORA)
        anew = await office.now_shows(anew, "Bought:")
        assert f"Approved by <@{MAX}> and <@{NORA}>" in drawn(anew)
        await office.quiet()
        assert len(office.sendblue.ledger) == 1
        assert {each.status for each in await office.purchases()} == {
            Status.EXPIRED,
            Status.PROVISIONED,
        }
        await office.verify()


async def test_who_is_pinged_is_not_all_who_may_approve_and_the_price_chooses_the_rule(
    office: Office, ruled: dict[str, str]
) -> None:
    async with office.open(**ruled, SENDBLUE_LINE_PRICE="50.00 USD"):
        await office.buy()
        card = await office.card()
        assert "It takes" not in drawn(card)
        await office.press(card, "Approve", MAX)
        await office.told(MAX, "Only approvers")
        await office.press(card, "Approve", MORGAN)
        await office.now_shows(card, "Bought:")


async def test_a_restart_in_between_loses_no_vote_and_reminds_of_nothing_twice(
    office: Office, ruled: dict[str, str]
) -> None:
    async with office.open(**ruled):
        await office.buy()
        card = await office.card()
        await office.press(card, "Approve", MORGAN)
        await office.now_shows(card, "1 more is needed")
        office.later(minutes=6)
        await office.until(lambda: threads(office, card) or None)
        await office.quiet()
    async with office.open(**ruled):
        await office.quiet()
        assert len(threads(office, card)) == 1
        await office.press(card, "Approve", MAX)
        await office.now_shows(card, "Bought:")
        assert office.sendblue.confirms_received.total() == 1


async def test_a_price_kept_alive_is_approved_hours_later(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "keep.toml"
    file.write_text(f'[[rule]]\nname = "keep"\napprovers = ["{MORGAN}"]\nkeep_trying_hours = 2\n')
    async with office.open(POLICY_FILE=str(file)):
        await office.buy()
        card = await office.card()
        assert "asked for again whenever it runs out" in drawn(card)
        for _ in range(8):
            office.later(minutes=9, seconds=45)
            await office.quiet()
        card = await office.now_shows(card, "Approve")
        assert buttons(card) == ["Approve", "Cancel"]
        await office.press(card, "Approve", MORGAN)
        await office.now_shows(card, "Bought:")
        assert len(office.sendblue.ledger) == 1
        await office.verify()


async def test_within_a_budget_nobody_is_asked(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "budget.toml"
    file.write_text(
        f'[[rule]]\nname = "small ones"\napprovers = ["{MORGAN}"]\n'
        'auto_approve = { per = "requester", month = "200.00 USD" }\n'
    )
    async with office.open(POLICY_FILE=str(file)):
        for _ in range(3):
            await office.buy()
        await office.until(lambda: len(office.sendblue.ledger) == 2 or None)
        asked = await office.card("Approval wanted")
        bought = await office.card("Approved by itself")
        assert "small ones" in drawn(bought)
        await office.press(asked, "Approve", MORGAN)
        await office.now_shows(asked, "Bought:")
        await office.verify()
