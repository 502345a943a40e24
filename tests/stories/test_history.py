"""What was, seen by command: filtered, in pages, as a table or as a list; and what a card knows of
it."""

from bot.sandbox.magpipe import LIST
from bot.sandbox.magpipe_records import Number
from bot.sandbox.slack.people import MORGAN, NORA, PHONES, RILEY
from bot.sandbox.slack.workspace import Message
from bot.use_cases.history import PAGE
from tests.stories.office import Office, buttons, drawn


async def history(office: Office, words: str, what: str, user: str = NORA) -> Message:
    await office.slack.command("/line", f"history {words}".strip(), user=user, channel=PHONES)
    return await office.told(user, what)


def tables(message: Message) -> list[dict[str, object]]:
    return [block for block in message.blocks if block["type"] == "data_table"]


async def test_history_is_a_table_and_a_list_where_slack_knows_no_tables(office: Office) -> None:
    async with office.open():
        await office.bought()
        code = (await office.purchase()).code
        shown = await history(office, "status bought since 7d", "newest first")
        [table] = tables(shown)
        assert code in str(table)
        assert f"'user_id': '{RILEY}'" in str(table)
        office.slack.state.refused_blocks = {"data_table"}
        plain = await history(office, "", "newest first", MORGAN)
        assert not tables(plain)
        assert code in drawn(plain)
        assert "new desk in Denver" in drawn(plain)
        await history(office, "status expired", "There are none.")
        await history(office, "statos bought", "Did you mean `/line history status`?")


async def test_pages_are_turned_with_their_filters(office: Office) -> None:
    async with office.open():
        for ordinal in range(PAGE + 1):
            await office.buy(f"buy desk {ordinal}")
            office.later(seconds=1)
        await office.quiet()
        first = await history(office, f"<@{RILEY}>", "1 to 15")
        assert buttons(first) == ["More"]
        await office.press(first, "More", NORA)
        second = await office.told(NORA, "16 to 16")
        assert buttons(second) == ["Back"]
        assert f"<@{RILEY}>" in second.text
        before = len(office.slack.workspace.ephemerals(NORA))
        await office.press(second, "Back", NORA)
        await office.until(lambda: len(office.slack.workspace.ephemerals(NORA)) > before or None)
        assert "1 to 15" in drawn(office.slack.workspace.ephemerals(NORA)[-1])


async def test_a_card_knows_its_requester_its_double_and_an_idle_number(office: Office) -> None:
    async with office.open():
        await office.bought()
        await office.buy("buy another desk")
        first = await office.card("Approval wanted")
        assert "The requester's purchases this month: 1 line for $100.00 per month." in drawn(first)
        assert "Looks like" not in drawn(first)
        code = next(each.code for each in await office.purchases() if each.is_open)
        await office.buy("buy another desk")
        await office.card(f"Looks like `{code}`, which is waiting.")


async def test_an_idle_number_of_the_same_area_is_named_first(office: Office) -> None:
    idle = ("+13036520001", "+16045550001")
    office.magpipe.numbers += [
        Number(f"id-{each}", each, None, None, office.clock.now()) for each in idle
    ]
    async with office.open():
        await office.number("provision (604) 555-1234")
        card = await office.card()
        assert "+1 604-555-0001 and +1 303-652-0001 on the account have no agent" in drawn(card)
        listed = [each for each in office.magpipe.requests if LIST in str(each)]
        assert len(listed) == 1
