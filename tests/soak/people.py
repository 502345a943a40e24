"""What people do all day: ask for lines and numbers, decide about them, look one up."""

import asyncio
import itertools
import random
import re
from collections import Counter
from collections.abc import Callable

from bot.sandbox.slack.people import MAX, MORGAN, PHONES, User, UserGroup
from bot.sandbox.slack.workspace import Message
from tests.soak.market import Market
from tests.stories.office import Office, buttons

NUMBERS = 0.3  # of the purchases are numbers, the others lines
CANCELLED = 0.05  # of the cards are cancelled, the others approved
LOOKED_UP = 0.1  # of the purchases are asked after at once
AT_ONCE = 40  # people typing at the same time
STAFF = 200  # the bot asks Slack about each of them, and forgets after a minute
PRESSES = 20  # how often somebody presses a button that changes nothing
LOOKS_AGAIN_S = 15.0  # … after so long: the loop needs its time
GROUPS = 8  # of managers, besides the one there is

_CARD = re.compile(r"The card `(\w+)`")
_TAKEN = re.compile(r"is already being bought: `(\w+)`")


class People:
    """`accepted` are the codes people were given; `asked` counts those who got an answer."""

    def __init__(self, office: Office, market: Market, wanted: int) -> None:
        self._office = office
        self._market = market
        self._wanted = wanted
        self._turns = itertools.count()
        self._names = itertools.count()
        self._random = random.Random(1)  # noqa: S311 chance, not secrecy
        self._staff, self._managers = _hire(office)
        self._read = 0
        self._busy: set[asyncio.Task[None]] = set()
        self.asked = 0
        self.accepted: dict[str, str] = {}  # code: provider
        self.taken = 0
        self.refused: Counter[str] = Counter()

    async def ask(self, may_go_on: Callable[[], bool], is_over: Callable[[], bool]) -> None:
        """One of those who type; until all purchases were asked for."""
        while next(self._turns) < self._wanted:
            while not may_go_on():
                if is_over():
                    return
                await asyncio.sleep(0.05)  # people wait for cards, too
            number = self._market.wanted() if self._random.random() < NUMBERS else None
            user = self._random.choice(self._staff)
            while (code := await self._ask(user, number)) is None:  # noqa: ASYNC110 people wait so
                await asyncio.sleep(0.5)
            self.asked += 1
            if self._random.random() < LOOKED_UP:
                await self._office.buy(f"show {code}", user)

    async def _ask(self, user: str, number: str | None) -> str | None:
        """The code of the purchase; None when nobody said that it was written down."""
        if number is None:
            answer = await self._office.buy("buy a line", user)
        else:
            # Each command has a name of its own, by which the provider's side can be told apart.
            answer = await self._office.number(
                f'provision {number} name "soak {next(self._names)}"', user
            )
        said = answer.body["text"] if answer.ok else ""
        if found := _CARD.search(said):
            self.accepted[found[1]] = "sendblue" if number is None else "magpipe"
            return found[1]
        if found := _TAKEN.search(said):
            self.taken += 1
            return found[1]
        self.refused[answer.error or "said so"] += 1
        return None

    def decide(self) -> None:
        """Look at the cards that came since, and press their buttons."""
        posts = self._office.slack.workspace.posts
        while self._read < len(posts):
            card = posts[self._read]
            self._read += 1
            if card.is_ephemeral or "Approve" not in buttons(card):
                continue
            is_cancelled = self._random.random() < CANCELLED
            user = self._random.choice(self._managers)
            self._start(card, "Cancel" if is_cancelled else "Approve", user)

    async def go_home(self) -> None:
        for each in self._busy:
            each.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)

    def _start(self, card: Message, button: str, user: str) -> None:
        pressing = asyncio.create_task(self._press(card, button, user))
        self._busy.add(pressing)
        pressing.add_done_callback(self._busy.discard)

    async def _press(self, card: Message, button: str, user: str) -> None:
        """Until the card says something else: Slack may not have delivered it, the bot may have
        said that its database is away."""
        for _ in range(PRESSES):
            try:
                answer = await self._office.slack.click(card, button, user=user)
            except LookupError:  # the card has moved on meanwhile
                return
            await asyncio.sleep(LOOKS_AGAIN_S if answer.ok else 1)


def _hire(office: Office) -> tuple[list[str], list[str]]:
    """Requesters, and approvers: one is named by the settings, the others are in groups."""
    workspace = office.slack.workspace
    staff = [f"U0STAFF{number:03d}" for number in range(STAFF)]
    managers = [f"U0MANAGER{number:02d}" for number in range(GROUPS)]
    for each in (*staff, *managers):
        workspace.users[each] = User(each, each.lower(), each)
        workspace.channels[PHONES].members.add(each)
    for number, manager in enumerate(managers):
        group = UserGroup(f"S0SOAK{number}", f"group-{number}", f"Group {number}", [manager])
        workspace.groups[group.id] = group
        office.settings["APPROVERS"] += f",{group.id}"
    return staff, [MORGAN, MAX, *managers]
