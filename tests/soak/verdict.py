"""What must be true in the end, of the record, of both providers' books and of what Slack shows."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.bootstrap import rules
from bot.domain.purchase import Purchase, Status
from bot.ports import Filter
from bot.settings import load
from bot.storage import open_store
from handlers.cards import card
from tests.soak.database import Database
from tests.soak.people import People
from tests.stories.office import Office

_AT_ONCE = 5  # as many connections as a store has
_OPEN_TO_PEOPLE = {Status.UNKNOWN, Status.CHARGED}  # they wait for a person
_MAY_HAVE_BOUGHT = _OPEN_TO_PEOPLE | {Status.PROVISIONED}


@dataclass
class Verdict:
    """What was done twice, what was lost, which cards do not show the record; all as words."""

    purchases: Sequence[Purchase] = ()
    twice: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    wrong_cards: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not (self.twice or self.lost or self.wrong_cards)

    def of(self, provider: str) -> list[Purchase]:
        return [each for each in self.purchases if each.provider == provider]


async def judge(office: Office, database: Database, people: People) -> Verdict:
    """Compare everything with everything; raises AuditBroken as well."""
    verdict = Verdict(await _all_purchases(database))
    sent = Counter(
        purchase_id
        for (purchase_id,) in await database.rows(
            "SELECT purchase_id FROM audit WHERE to_status = 'confirming'"
        )
    )
    verdict.twice += [f"sent {each}" for each in _repeated(sent)]
    known = {each.code for each in verdict.purchases}
    verdict.lost += [f"command {code}" for code in people.accepted.keys() - known]
    verdict.lost += [f"{n} of {name}" for name, n in (await database.under_way()).items()]
    for each in verdict.purchases:
        if each.is_open and each.status not in _OPEN_TO_PEOPLE:
            verdict.lost.append(f"{each.code} is still {each.status}")
    numbers = [n for p in verdict.purchases for n in (p.number, p.second_number) if n]
    verdict.twice += [f"number {each} in two records" for each in _repeated(Counter(numbers))]
    _judge_sendblue(office, verdict, sent)
    _judge_magpipe(office, verdict, sent)
    await _judge_cards(office, database, verdict)
    return verdict


def _judge_sendblue(office: Office, verdict: Verdict, sent: Counter[str]) -> None:
    account, purchases = office.sendblue, verdict.of("sendblue")
    received = account.confirms_received
    verdict.twice += [f"confirm of …{token[-4:]}" for token in _repeated(received)]
    if received.total() > sum(sent[each.id] for each in purchases):
        verdict.twice.append("Sendblue received more confirms than were sent")
    charged = [charge.phone_number for charge in account.ledger if charge.phone_number]
    verdict.twice += [f"line {each} charged" for each in _repeated(Counter(charged))]
    numbers = {each.number for each in purchases if each.number}
    verdict.lost += [f"line {each} was never charged" for each in numbers - set(charged)]
    waiting = sum(each.status in _OPEN_TO_PEOPLE for each in purchases)
    unexplained = len(set(charged) - numbers) - waiting
    if unexplained > 0:
        verdict.lost.append(f"{unexplained} charges of Sendblue's that no purchase knows of")


def _judge_magpipe(office: Office, verdict: Verdict, sent: Counter[str]) -> None:
    account, purchases = office.magpipe, verdict.of("magpipe")
    verdict.twice += [f"provision of {name}" for name in _repeated(account.provisions_by_name)]
    if account.provisions_by_name.total() > sum(sent[each.id] for each in purchases):
        verdict.twice.append("Magpipe received more purchases than were sent")
    charged = Counter(charge.phone_number for charge in account.ledger)
    verdict.twice += [f"number {each} charged" for each in _repeated(charged)]
    explained = {p.order.number for p in purchases if p.status in _MAY_HAVE_BOUGHT}
    came_with = {charge.phone_number: charge.bought_for for charge in account.ledger}
    for number, first in came_with.items():
        if (first or number) not in explained:
            verdict.lost.append(f"the charge for {number} that no purchase knows of")
    for each in purchases:
        if each.number and each.number not in charged:
            verdict.lost.append(f"number {each.number} was never charged")
        if each.second_number and came_with.get(each.second_number) != each.number:
            verdict.lost.append(f"{each.second_number} did not come with {each.number}")


async def _judge_cards(office: Office, database: Database, verdict: Verdict) -> None:
    """Every copy of a card that the bot knows of says what the record says."""
    by_id = {each.id: each for each in verdict.purchases}
    asked = rules(load(office.settings, env_file=None))
    shown = {(post.channel, post.ts): post.text for post in office.slack.workspace.posts}
    rows = await database.rows("SELECT purchase_id, channel_id, ts FROM cards")
    for purchase_id, channel_id, ts in rows:
        purchase = by_id[purchase_id]
        there = shown.get((channel_id, ts))
        if there != card(purchase, asked).text:
            verdict.wrong_cards.append(f"{purchase.code} is {purchase.status}, shown: {there!r}")


async def _all_purchases(database: Database) -> Sequence[Purchase]:
    """… with their audits verified."""
    store = await open_store(database.url)
    try:
        found = await store.list_purchases(Filter(limit=1_000_000))
        for start in range(0, len(found), _AT_ONCE):
            some = found[start : start + _AT_ONCE]
            await asyncio.gather(*(store.verify(each.id) for each in some))
    finally:
        await store.close()
    return found


def _repeated(counted: Counter[str]) -> Iterable[str]:
    return (each for each, count in counted.items() if count > 1)
