"""What became of a confirm: by its answer, or, when that was lost, by looking at the account.

Evidence wins: an answer is taken from whatever state the purchase has got into meanwhile.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from bot.domain.errors import AnswerLost, ChargedWithoutNumber, FoundOnAccount, ProviderError
from bot.domain.purchase import Purchase, Receipt, Status, may_move
from bot.ports import Claimed, Entry, Holding, Move, Ports
from bot.use_cases import moves

log = logging.getLogger(__name__)

# Every few seconds at first, then slower, for a day. The question on the card stays after that.
INTERVALS = (2, 2, 3, 5, 5, 10, 10, 20, 30, 60, 120)
SLOWEST = timedelta(minutes=5)
LOOK_FOR = timedelta(days=1)


async def settle(ports: Ports, purchase: Purchase, outcome: Receipt | ProviderError) -> None:
    """Write down what an answer to the confirm says.

    When the purchase has moved on without it (taken over, settled by a person), the answer
    corrects the record where the table of moves allows it, and is audited in any case.
    """
    current: Purchase | None = purchase
    while current is not None:
        move = _outcome_move(ports, current, outcome)
        if move is None:
            await ports.store.record(current, _observation(ports, outcome))
            log.warning(
                "confirm.answer_changes_nothing",
                extra={"purchase": current.code, "status": current.status.value},
            )
            return
        if await moves.make(ports, move) is not None:
            return
        current = await ports.store.purchase(purchase.id)


def _outcome_move(ports: Ports, current: Purchase, outcome: Receipt | ProviderError) -> Move | None:
    now = ports.clock.now()
    changes: dict[str, Any]
    if isinstance(outcome, Receipt):
        target = Status.PROVISIONED
        changes = {**_receipt(outcome), "settled_by": None}
        entry = moves.entry("answer", now, **_bought(outcome))
    else:
        target = _target(outcome)
        changes = {"why": moves.about(current, outcome)}
        entry = moves.entry("answer", now, **moves.why(outcome))
    if not may_move(current.status, target) or current.status is target:
        return None
    return Move(
        purchase=current,
        target=target,
        entry=entry,
        changes=changes,
        due_at=now + timedelta(seconds=INTERVALS[0]) if target is Status.UNKNOWN else None,
        messages=[moves.report(current, target.value, now)],
    )


def _target(error: ProviderError) -> Status:
    if isinstance(error, AnswerLost):
        return Status.UNKNOWN
    if isinstance(error, ChargedWithoutNumber):
        return Status.CHARGED
    return Status.FAILED


def _observation(ports: Ports, outcome: Receipt | ProviderError) -> Entry:
    now = ports.clock.now()
    if isinstance(outcome, Receipt):
        return moves.entry("answer", now, outcome="observed", **_bought(outcome))
    return moves.entry("answer", now, outcome="observed", **moves.why(outcome))


async def look_up(ports: Ports, purchase: Purchase, claimed: Claimed) -> None:
    """The loop's step for a lost answer: is it on the account? Found settles, absent does not."""
    now = ports.clock.now()
    provider = ports.providers.get(purchase.provider)
    if purchase.sent_at is None or now - purchase.sent_at > LOOK_FOR:
        await ports.store.put_off(claimed, None)
        return
    if provider is None:  # its credentials may come back
        await ports.store.put_off(claimed, now + SLOWEST)
        return
    try:
        holdings = await provider.holdings()
    except ProviderError as error:
        log.info("look_up.failed", extra={"purchase": purchase.code, "error": type(error).__name__})
        holdings = []
    found = await _not_another_s(ports, purchase, candidates(purchase, holdings))
    if len(found) == 1 and (purchase.order.number or await ports.store.is_alone(purchase)):
        await _settle_found(ports, purchase, provider.receipt(found[0], holdings))
        return
    due_at = ports.clock.now() + interval(purchase.look_ups + 1)
    await ports.store.looked_up(claimed, due_at)


async def _not_another_s(ports: Ports, purchase: Purchase, numbers: list[str]) -> list[str]:
    """Without those that another purchase is known to have bought, as its second number, say."""
    bought = await ports.store.by_numbers(numbers)
    return [each for each in numbers if each not in bought or bought[each].id == purchase.id]


def marks(holding: Holding) -> frozenset[str]:
    """Everything a line can be recognised by: it may get its number after its worker."""
    return frozenset({holding.key, *holding.ids.values()})


def candidates(purchase: Purchase, holdings: Iterable[Holding]) -> list[str]:
    """The numbers on the account that this purchase may have become.

    An ordered number is recognised by itself. A line, whose number nobody knew beforehand, only
    as one of which nothing was there before; without the list from before, nothing is.
    """
    numbered = {held.number: held for held in holdings if held.number}
    if purchase.order.number:
        return [number for number in numbered if number == purchase.order.number]
    if purchase.baseline is None:
        return []
    before = frozenset(purchase.baseline)
    return [number for number, held in numbered.items() if marks(held).isdisjoint(before)]


def interval(look_ups: int) -> timedelta:
    """How long to wait after that many look-ups."""
    if look_ups < len(INTERVALS):
        return timedelta(seconds=INTERVALS[look_ups])
    return SLOWEST


async def _settle_found(ports: Ports, purchase: Purchase, receipt: Receipt) -> None:
    now = ports.clock.now()
    await moves.make(
        ports,
        Move(
            purchase=purchase,
            target=Status.PROVISIONED,
            entry=moves.entry("look_up", now, **_bought(receipt)),
            changes={**_receipt(receipt), "settled_by": None, "why": FoundOnAccount().reason},
            messages=[moves.report(purchase, Status.PROVISIONED.value, now)],
        ),
    )


def _receipt(receipt: Receipt) -> dict[str, Any]:
    """What a receipt changes on the purchase."""
    return {
        "number": receipt.number,
        "second_number": receipt.second_number,
        "provider_ids": dict(receipt.ids),
        "why": None,
    }


def _bought(receipt: Receipt) -> dict[str, Any]:
    """A receipt as audit detail."""
    return {
        "number": receipt.number,
        "second_number": receipt.second_number,
        "ids": dict(receipt.ids),
    }
