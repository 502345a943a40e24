"""What looks like the same asked for twice."""

from datetime import UTC, datetime
from typing import Any

from bot.domain.alike import MOST_ALIKE, Lookalikes, marks
from bot.domain.purchase import Order, Purchase, Status


def purchase(number: int, **fields: Any) -> Purchase:
    given: dict[str, Any] = {
        "id": f"p{number}",
        "code": f"C{number:03}",
        "status": Status.PENDING,
        "provider": "sendblue",
        "requester_id": f"U{number}",
        "channel_id": "C1",
        "requested_at": datetime(2026, 5, 18, tzinfo=UTC),
    }
    return Purchase(**given | fields)


def test_of_many_that_are_alike_the_oldest_others_are_named() -> None:
    many = [purchase(number, requester_id="U1") for number in range(MOST_ALIKE + 5)]
    lookalikes = Lookalikes(many)

    codes = [each.code for each in many]
    assert lookalikes.of(many[-1]) == codes[:MOST_ALIKE]
    assert lookalikes.of(many[0]) == codes[1 : MOST_ALIKE + 1]


def test_each_is_named_once_however_many_things_they_share() -> None:
    one = purchase(1, requester_id="U1", reason="the fair", order=Order(name="Main"))
    two = purchase(2, requester_id="U1", reason=" The  FAIR", order=Order(name="main"))
    three = purchase(3, reason="main")

    lookalikes = Lookalikes([one, two, three])
    assert [lookalikes.of(each) for each in (one, two, three)] == [["C002"], ["C001"], []]


def test_nothing_is_not_the_same_as_nothing() -> None:
    assert marks("U1", " ", None) == [("requester", "U1")]
