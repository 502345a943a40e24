"""Who may decide, whether it still counts, and when it came."""

from datetime import timedelta

import pytest

from bot.domain.approval import Roster, Rules, judge
from bot.domain.decision import Action, Decision
from bot.domain.people import Person, Standing
from bot.domain.purchase import FINAL, MOVES, Purchase, Status, may_move
from tests.fakes import START

RILEY, MORGAN = "URILEY", "UMORGAN"
EXPIRES = START + timedelta(minutes=10)


def purchase(status: Status = Status.PENDING, *, revision: int = 1) -> Purchase:
    return Purchase(
        id="p1",
        code="K7Q2",
        status=status,
        revision=revision,
        provider="sendblue",
        requester_id=RILEY,
        channel_id="C1",
        requested_at=START,
        expires_at=EXPIRES,
        approver_id=MORGAN,
        closed_at=START if status in FINAL else None,
    )


def verdict(
    of: Purchase,
    action: Action = Action.APPROVE,
    *,
    actor: str = MORGAN,
    is_approver: bool = True,
    standing: Standing = Standing.MEMBER,
    came_after: float = 60,
    self_approval: bool = False,
    revision: int = 1,
) -> str | None:
    decision = Decision(
        id="d1",
        purchase_id="p1",
        revision=revision,
        action=action,
        actor_id=actor,
        came_at=START + timedelta(seconds=came_after),
        trigger_id="t1",
    )
    refusal = judge(
        of,
        decision,
        actor=Person(actor, standing),
        is_approver=is_approver,
        rules=Rules(approvers=Roster(frozenset({MORGAN})), self_approval=self_approval),
    )
    return refusal.reason.name if refusal else None


def test_an_approver_approves_what_is_pending() -> None:
    assert verdict(purchase()) is None


@pytest.mark.parametrize("standing", [each for each in Standing if each is not Standing.MEMBER])
@pytest.mark.parametrize("action", Action)
def test_nobody_but_a_full_member_decides_anything(action: Action, standing: Standing) -> None:
    assert verdict(purchase(), action, standing=standing) == "NotAnApproverAnyMore"


@pytest.mark.parametrize("action", [each for each in Action if each is not Action.CANCEL])
@pytest.mark.parametrize("status", Status)
def test_who_is_no_approver_is_refused_whatever_the_status(status: Status, action: Action) -> None:
    assert verdict(purchase(status), action, is_approver=False) == "NotAnApprover"


def test_a_requester_does_not_approve_the_own_purchase() -> None:
    assert verdict(purchase(), actor=RILEY) == "OwnPurchase"


def test_a_requester_approves_it_where_the_settings_allow_it() -> None:
    assert verdict(purchase(), actor=RILEY, self_approval=True) is None


def test_self_approval_makes_nobody_an_approver() -> None:
    refused = verdict(purchase(), actor=RILEY, is_approver=False, self_approval=True)
    assert refused == "NotAnApprover"


@pytest.mark.parametrize(
    ("seconds", "expected"), [(599.999999, None), (600, "CameTooLate"), (601, "CameTooLate")]
)
def test_a_click_counts_by_the_time_it_came(seconds: float, expected: str | None) -> None:
    assert verdict(purchase(), came_after=seconds) == expected


def test_a_click_on_an_older_revision_counts_for_nothing() -> None:
    assert verdict(purchase(revision=2), revision=1) == "StaleRevision"
    assert verdict(purchase(revision=2), Action.CANCEL, revision=1) == "StaleRevision"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.REQUESTED, "NotReadyYet"),
        (Status.APPROVED, "AlreadyApproved"),
        (Status.CONFIRMING, "ConfirmUnderWay"),
        (Status.UNKNOWN, "OutcomeNotKnown"),
        (Status.PROVISIONED, "AlreadyEnded"),
        (Status.REFUSED, "AlreadyEnded"),
        (Status.FAILED, "AlreadyEnded"),
        (Status.CHARGED, "AlreadyEnded"),
        (Status.CANCELLED, "AlreadyEnded"),
        (Status.EXPIRED, "AlreadyEnded"),
    ],
)
def test_what_is_not_pending_cannot_be_approved(status: Status, expected: str) -> None:
    assert verdict(purchase(status)) == expected


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize(("actor", "is_approver"), [(RILEY, False), (MORGAN, True)])
def test_requester_and_approvers_cancel_until_the_money_may_move(
    status: Status, actor: str, is_approver: bool
) -> None:
    refused = verdict(purchase(status), Action.CANCEL, actor=actor, is_approver=is_approver)
    assert (refused is None) == may_move(status, Status.CANCELLED)


def test_nobody_else_cancels() -> None:
    refused = verdict(purchase(), Action.CANCEL, actor="UNORA", is_approver=False)
    assert refused == "NotYourPurchase"


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        (Action.BOUGHT, Status.UNKNOWN, None),
        (Action.BOUGHT, Status.CHARGED, None),
        (Action.BOUGHT, Status.CONFIRMING, "NothingToSettle"),
        (Action.BOUGHT, Status.PROVISIONED, "NothingToSettle"),
        (Action.NOTHING_BOUGHT, Status.UNKNOWN, None),
        (Action.NOTHING_BOUGHT, Status.CHARGED, "NothingToSettle"),
        (Action.CLOSE, Status.CHARGED, None),
        (Action.CLOSE, Status.UNKNOWN, "NothingToSettle"),
    ],
)
def test_only_an_open_question_is_settled(
    action: Action, status: Status, expected: str | None
) -> None:
    assert verdict(purchase(status), action) == expected


def test_nothing_leaves_a_final_status_but_by_late_evidence() -> None:
    assert {status for status in FINAL if MOVES[status]} == {Status.FAILED}
    assert MOVES[Status.FAILED] == {Status.PROVISIONED, Status.CHARGED}


def test_every_status_has_its_moves_and_nothing_returns_to_the_beginning() -> None:
    assert set(MOVES) == set(Status)
    assert not any(Status.REQUESTED in targets for targets in MOVES.values())


def test_no_move_leads_to_a_second_confirm() -> None:
    assert [source for source in Status if may_move(source, Status.CONFIRMING)] == [Status.APPROVED]
    reachable: set[Status] = set()
    todo = [Status.CONFIRMING]
    while todo:
        for target in MOVES[todo.pop()] - reachable:
            reachable.add(target)
            todo.append(target)
    assert Status.CONFIRMING not in reachable
    assert Status.APPROVED not in reachable


def test_a_roster_is_read_from_ids() -> None:
    found = Roster.parse(" U0MORGAN, S0MANAGERS ,W0MAX,U0MORGAN,")
    assert found == Roster(frozenset({"U0MORGAN", "W0MAX"}), frozenset({"S0MANAGERS"}))
    assert found.as_ids() == ["S0MANAGERS", "U0MORGAN", "W0MAX"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("morgan", "'morgan'"), (" , ", "names nobody"), ("xoxb-123456789-secret", "'xoxb…'")],
)
def test_what_is_no_roster_is_said_without_repeating_a_secret(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Roster.parse(text)
