"""Which purchases look like the same one asked for twice: those of one requester, those for one
reason and those under one name, whatever their case and spaces."""

from collections import defaultdict
from collections.abc import Iterable

from bot.domain.purchase import Purchase

MOST_ALIKE = 20  # codes, the oldest; a card names a few and counts the others

Mark = tuple[str, ...]


def words(text: str | None) -> list[str]:
    """What counts when texts are compared."""
    return (text or "").casefold().split()


def marks(requester_id: str, reason: str | None, name: str | None) -> list[Mark]:
    """Those who share one are alike. Nothing is not the same as nothing."""
    given = (("reason", *words(reason)), ("name", *words(name)))
    return [("requester", requester_id), *(each for each in given if len(each) > 1)]


class Lookalikes:
    """Of many purchases, which are alike."""

    def __init__(self, purchases: Iterable[Purchase]) -> None:
        """Oldest first."""
        self._marked: defaultdict[Mark, list[tuple[int, str]]] = defaultdict(list)
        for age, each in enumerate(purchases):
            for mark in _marks(each):
                if len(self._marked[mark]) <= MOST_ALIKE:  # one of them may be who asks
                    self._marked[mark].append((age, each.code))

    def of(self, purchase: Purchase) -> list[str]:
        """The others' codes: the oldest, at most MOST_ALIKE."""
        found = {each for mark in _marks(purchase) for each in self._marked[mark]}
        return [code for _, code in sorted(found) if code != purchase.code][:MOST_ALIKE]


def _marks(purchase: Purchase) -> list[Mark]:
    return marks(purchase.requester_id, purchase.reason, purchase.order.name)
