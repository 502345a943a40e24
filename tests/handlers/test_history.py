"""What people type after `history`, and the table they get."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.purchase import Order, Purchase, Status
from bot.sandbox.slack.validate import check_blocks
from bot.use_cases.answers import Ask
from bot.use_cases.history import History
from handlers import paging
from handlers.command_text import parse
from handlers.history import history
from handlers.history_text import STATUSES, Past
from handlers.paging import Page
from handlers.typed_text import Misunderstood
from tests.handlers.purchases import NOW, purchase

RILEY = "<@U0RILEY001|riley>"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Past()),
        (RILEY, Past(of="U0RILEY001")),
        (f"of {RILEY}", Past(of="U0RILEY001")),
        ("<@U0RILEY001|riley of sales>", Past(of="U0RILEY001")),
        ("status bought", Past(status=Status.PROVISIONED)),
        ("Bought", Past(status=Status.PROVISIONED)),
        ("status “canceled”", Past(status=Status.CANCELLED)),
        ("since 2026-11-01", Past(since="2026-11-01")),
        ("since 7d", Past(since="7d")),
        ("since 2w.", Past(since="14d")),
        ("page 3", Past(page=2)),
        ("page 0", Past()),
        (
            f"page 2 since 30d status failed {RILEY}",
            Past(of="U0RILEY001", status=Status.FAILED, since="30d", page=1),
        ),
        (
            f"{RILEY} failed page 2 since 30d",
            Past(of="U0RILEY001", status=Status.FAILED, since="30d", page=1),
        ),
    ],
)
def test_filters_come_in_any_order(text: str, wanted: Past) -> None:
    assert parse("/line", f"history {text}") == wanted
    assert parse("/number", f"history {text}") == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bougth", "I do not understand `bougth`. Did you mean `/line history bought`?"),
        ("statos bought", "Did you mean `/line history status`?"),
        ("xyzzy", "You can type `/line history [@user] [status bought] [since 7d] [page 2]`."),
        ("status faild", "`faild` is no status; there are bought, failed"),
        ("status faild", "Did you mean `/line history status failed`?"),
        ("status", "nothing is no status"),
        ("since yesterday", "`yesterday` is no date. Type `/line history since 2026-11-01`"),
        ("since 0d", "`0d` is no date"),
        ("since 2026-02-30", "is no date"),
        ("since 0001-01-01", "is no date"),
        ("since", "nothing is no date"),
        ("page two", "`two` is no page. Type `/line history page 2`."),
        ("@riley", "I cannot tell who `@riley` is."),
        (f"{RILEY} <@U0NORA0001|nora>", "one person at a time"),
        ("&lt;!here&gt;", "I do not understand `&lt;!here&gt;`."),
    ],
)
def test_what_is_not_understood_gets_a_sentence_and_a_guess(text: str, said: str) -> None:
    typed = parse("/line", f"history {text}")

    assert isinstance(typed, Misunderstood)
    assert said in typed.sentence


def test_every_status_has_a_word() -> None:
    assert set(STATUSES.values()) == set(Status)


ASKED = Past(of="U0RILEY001", status=Status.PROVISIONED, since="7d").details()


def page_of(*purchases: Purchase, **more: Any) -> History:
    return History(purchases, "U0RILEY001", wanted=ASKED, **more)


def test_a_page_is_a_table_with_every_column_and_a_list_beside_it() -> None:
    bought = purchase(
        Status.PROVISIONED,
        provider="magpipe",
        order=Order(number="+16045551234", name="R&D <1>"),
        number="+16045551234",
        second_number="+12135550100",
    )
    drawing = history(page_of(bought, purchase(Status.REFUSED, price=None)))

    [table] = [block for block in drawing.blocks if block["type"] == "data_table"]
    head, first, second = table["rows"]
    assert [cell["text"] for cell in head] == [
        "Code",
        "What",
        "Status",
        "Requested by",
        "When",
        "Per month",
        "Number",
    ]
    assert first[0]["text"] == "K7Q2"
    assert first[1]["text"] == "Magpipe number “R&D <1>”"
    assert first[2]["text"] == "bought"
    assert first[3]["elements"][0]["elements"] == [{"type": "user", "user_id": "U0RILEY001"}]
    assert first[4]["elements"][0]["elements"][0]["timestamp"] == int(NOW.timestamp())
    assert first[5] == {"type": "raw_number", "value": 100.0, "text": "$100.00"}
    assert first[6]["text"] == "+1 604-555-1234, +1 213-555-0100"
    assert [second[5]["text"], second[6]["text"]] == ["–", "–"]  # noqa: RUF001 what stands there
    assert "`K7Q2` the Magpipe number +1 604-555-1234" in drawing.text
    plain = drawing.plain()
    assert all(block["type"] != "data_table" for block in plain.blocks)
    assert "*bought*" in plain.blocks[1]["text"]["text"]


def test_the_headline_says_what_was_asked_for_and_where_the_page_is() -> None:
    found = page_of(
        purchase(),
        status=Status.PROVISIONED,
        since=NOW - timedelta(days=7),
        page=1,
    )
    headline = history(found).text.partition("\n")[0]

    since = int((NOW - timedelta(days=7)).timestamp())
    assert headline.startswith(f"Purchases of <@U0RILEY001>, bought, since <!date^{since}^")
    assert headline.endswith("newest first: 16 to 16")


@pytest.mark.parametrize(
    ("page", "has_more", "labels"),
    [(0, False, []), (0, True, ["More"]), (1, False, ["Back"]), (1, True, ["Back", "More"])],
)
@pytest.mark.parametrize("is_plain", [False, True])
def test_pages_are_turned_with_what_was_asked_for(
    page: int, has_more: bool, labels: list[str], is_plain: bool
) -> None:
    drawing = history(page_of(purchase(), page=page, has_more=has_more))
    drawing = drawing.plain() if is_plain else drawing
    buttons = [each for b in drawing.blocks if b["type"] == "actions" for each in b["elements"]]

    assert [each["text"]["text"] for each in buttons] == labels
    for each, number in zip(reversed(buttons), [page + 1 if has_more else page - 1], strict=False):
        assert paging.read(each["value"]) == Page(Ask.HISTORY, "sendblue", number, ASKED)


def test_nothing_found_is_said_without_a_table() -> None:
    assert history(page_of()).text.endswith("There are none.")
    assert history(History([], None)).text.endswith("There are none yet.")
    assert not check_blocks(history(page_of()).blocks)


@pytest.mark.parametrize(
    "changes",
    [{"of": 7}, {"status": "gone"}, {"status": []}, {"since": "soon"}, {"since": 7}],
)
def test_a_button_that_makes_no_sense_leads_nowhere(changes: dict[str, Any]) -> None:
    value = paging.value(Page(Ask.HISTORY, "sendblue", 1, changes))

    assert paging.read(value) is None
