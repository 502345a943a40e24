import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.purchase import Order, Status
from bot.ports import AuditRow, Holding
from bot.sandbox.slack.validate import check_blocks, is_too_long
from bot.use_cases.answers import (
    Content,
    Held,
    Help,
    Holdings,
    OpenPurchases,
    Story,
)
from bot.use_cases.history import History
from handlers.answers import draw, help_page
from tests.handlers.purchases import NOW, purchase


def row(seq: int, **changes: object) -> AuditRow:
    known: dict[str, object] = {
        "purchase_id": "7f" * 16,
        "seq": seq,
        "at": NOW + timedelta(seconds=seq),
        "actor_id": "U0MORGAN01",
        "action": "approve",
        "from_status": Status.PENDING,
        "to_status": Status.APPROVED,
        "outcome": "done",
        "detail": {},
        "hash": "",
    }
    return AuditRow(**(known | changes))  # type: ignore[arg-type]  # each test names real fields


LONG = purchase(Status.PROVISIONED, reason='<&>"' * 125, number="+14152007986", settled_at=NOW)
NAMED = replace(
    LONG,
    order=Order(number="+16045551234", name='<&>"' * 125),
    number="+16045551234",
    second_number="+14152007986",
)
HELD = Held(Holding(key="x", number="+14152007986", state="ONLINE"), LONG)
ROWS = [row(n, detail={"note": '<&>"' * 125}) for n in range(200)]


@pytest.mark.parametrize(
    "content",
    [
        Help(),
        OpenPurchases([]),
        OpenPurchases([LONG] * 300),
        History([NAMED] * 15, "U0RILEY001", Status.UNKNOWN, NOW, 3, True, {"since": "7d"}),
        History([], None),
        Story(LONG, ROWS),
        Story(LONG, []),
        Holdings("Sendblue", [HELD] * 300),
        Holdings("Sendblue", []),
    ],
    ids=lambda content: type(content).__name__,
)
def test_slack_takes_every_answer_however_long(content: Content) -> None:
    drawing = draw(content)

    assert check_blocks(drawing.blocks) == []
    assert not is_too_long(drawing.blocks)
    assert 0 < len(drawing.text) < 4000


def test_what_does_not_fit_is_counted() -> None:
    said = json.dumps(draw(OpenPurchases([purchase()] * 40)).blocks, ensure_ascii=False)

    assert "… and 4 more" in said


def test_of_a_long_story_the_latest_is_shown() -> None:
    said = json.dumps(
        draw(Story(purchase(), [row(n, action=f"step {n}") for n in range(100)])).blocks,
        ensure_ascii=False,
    )

    assert "step 99" in said
    assert "step 0" not in said
    assert "earlier" in said


def test_a_line_says_who_asked_when_and_why() -> None:
    said = draw(OpenPurchases([purchase()])).text

    assert "`K7Q2` a Sendblue line · *waiting for approval* · <@U0RILEY001>" in said
    assert "<!date^" in said
    assert "new desk in Denver" in said


def test_the_list_joins_the_account_with_who_bought() -> None:
    holdings = Holdings("Sendblue", [HELD, Held(Holding(key="y", number=None), None)])

    said = draw(holdings).text

    assert "*+1 415-200-7986* (ONLINE) · `K7Q2` bought for <@U0RILEY001>, <!date^" in said
    assert "*a line without a number* · not bought here" in said


def test_the_audit_reads_as_sentences() -> None:
    refused = row(
        1,
        actor_id="U0NORA0001",
        to_status=None,
        outcome="refused",
        detail={"error": "NotAnApprover", "fields": {"code": "K7Q2", "approvers": ["U0MAX"]}},
    )
    closed = row(2, action="close", detail={"note": "<paid back>"})
    bought = row(3, action="bought", detail={"number": "+14152007986"}, actor_id="dialtone")
    odd = row(4, action="new <thing>", detail={"error": "NotAnApprover", "fields": None})

    said = draw(Story(purchase(), [row(0), refused, closed, bought, odd])).text

    assert "<@U0MORGAN01> approved it. Now: approved" in said
    assert "<@U0NORA0001> wanted to approve it: refused. Only approvers may do that" in said
    assert "closed it. Now: approved, about to be bought. “&lt;paid back&gt;”" in said
    assert "Dialtone said which number it became." in said
    assert "Number: +1 415-200-7986." in said
    assert "did this: new &lt;thing&gt;" in said


def test_help_names_every_command_and_what_was_not_understood() -> None:
    said = help_page("I do not know `/line by`.").text

    assert "I do not know `/line by`." in said
    for verb in ("buy", "limits", "list", "pending", "history", "show", "approve", "cancel"):
        assert f"`/line {verb}" in said
    for verb in ("search", "provision", "assign", "list", "limits"):
        assert f"`/number {verb}" in said
