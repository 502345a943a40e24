"""Figures of cases that a story does not come to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.decision import Action, Decision
from bot.domain.purchase import Purchase, Status
from bot.metrics import Metrics
from tests.fakes import START

PURCHASE = Purchase(
    id="1",
    code="K7Q2",
    status=Status.PENDING,
    provider="sendblue",
    requester_id="URILEY",
    channel_id="CPHONES",
    requested_at=START,
)
CLICK = Decision(
    id="d1",
    purchase_id="1",
    revision=1,
    action=Action.APPROVE,
    actor_id="UMORGAN",
    came_at=START + timedelta(seconds=20),
    trigger_id="t1",
    message_ts=f"{START.timestamp():.6f}",
)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(["sendblue"], is_socket_mode=False)


def figure(metrics: Metrics, sample: str) -> str | None:
    lines = metrics.text().decode().splitlines()
    return next((line.split()[-1] for line in lines if line.startswith(sample)), None)


DECIDED = "dialtone_card_to_decision_seconds_sum"


def test_a_decision_is_timed_from_the_instant_slack_posted_the_card(metrics: Metrics) -> None:
    metrics.decided(PURCHASE, CLICK)
    assert figure(metrics, DECIDED) == "20.0"


def test_clocks_that_differ_make_no_negative_time(metrics: Metrics) -> None:
    metrics.decided(PURCHASE, replace(CLICK, came_at=START - timedelta(seconds=1)))
    metrics.card_posted(PURCHASE, START - timedelta(seconds=1))
    assert figure(metrics, DECIDED) == "0.0"
    assert figure(metrics, "dialtone_command_to_card_seconds_sum") == "0.0"


@pytest.mark.parametrize(
    ("purchase", "decision"),
    [
        (PURCHASE, replace(CLICK, message_ts=None)),
        (PURCHASE, replace(CLICK, message_ts="no instant")),
        (replace(PURCHASE, status=Status.UNKNOWN), replace(CLICK, action=Action.NOTHING_BOUGHT)),
    ],
    ids=["typed", "unreadable", "not whether to buy"],
)
def test_what_was_not_decided_on_a_fresh_card_is_not_timed(
    metrics: Metrics, purchase: Purchase, decision: Decision
) -> None:
    metrics.decided(purchase, decision)
    assert figure(metrics, DECIDED) is None


def test_news_of_what_nobody_decided_is_not_timed(metrics: Metrics) -> None:
    metrics.reported(replace(PURCHASE, status=Status.EXPIRED), START)
    assert figure(metrics, "dialtone_decision_to_report_seconds_sum") is None


def test_two_bots_in_one_process_count_each_for_itself(metrics: Metrics) -> None:
    other = Metrics(["sendblue"], is_socket_mode=True)
    metrics.confirm_sent("sendblue")
    assert figure(metrics, "dialtone_confirms_total") == "1.0"
    assert figure(other, "dialtone_confirms_total") == "0.0"
