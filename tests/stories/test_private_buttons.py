"""The buttons of a private answer count like those of the card, which stays the only one."""

from bot.domain.purchase import Status
from bot.sandbox.faults import Fault
from bot.sandbox.sendblue import CONFIRM
from bot.sandbox.slack.people import MORGAN, PHONES
from tests.stories.office import Office, buttons


async def test_approved_where_it_was_looked_up_there_is_still_one_card(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        purchase = await office.purchase()
        await office.buy(f"show {purchase.code}", user=MORGAN)
        private = await office.told(MORGAN, purchase.code)
        assert "Approve" in buttons(private)

        office.sendblue.faults.queue(CONFIRM, Fault(cut="before"))
        await office.press(private, "Approve")

        await office.reaches(Status.UNKNOWN)  # still open: a card that is gone would come again
        await office.now_shows(card, "It was bought")
        await office.quiet()

        cards = [m for m in office.cards(PHONES) if "It was bought…" in buttons(m)]
        assert [each.ts for each in cards] == [card.ts]
        assert not [call for call in office.slack.calls("chat.update") if not call.ok]
