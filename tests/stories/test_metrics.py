"""What /metrics, /readyz and the log say of purchases that really went through."""

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import health
from bot.bootstrap import PROVIDERS
from bot.domain.purchase import Status
from bot.logs import configure
from bot.ports import Kind, Message
from bot.sandbox.faults import Fault
from bot.sandbox.sendblue import CONFIRM, PREVIEW
from bot.sandbox.slack.people import MORGAN, PHONES, RILEY
from bot.storage import StorageUnavailable
from handlers import identity
from tests.stories.office import Office

Figures = dict[str, dict[tuple[str, ...], float]]


async def figures(office: Office) -> Figures:
    """Every sample by its name and the values of its labels, sorted by the labels' names."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(office.bot.url + "/metrics") as answer,
    ):
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        text = await answer.text()
    found: Figures = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(value for name, value in sorted(sample.labels.items()) if name != "le")
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


@asynccontextmanager
async def three_purchases(office: Office) -> AsyncIterator[None]:
    """One bought, one refused, and one whose answer was lost before the work was done."""
    async with office.open():
        await office.bought()
        await office.quiet()
        office.sendblue.faults.queue(PREVIEW, Fault(status=402, body=NO_CARD))
        await office.buy("buy a second")
        await office.told(RILEY, "card on file")
        office.sendblue.faults.queue(CONFIRM, Fault(cut="before"))
        await office.buy("buy a third")
        card = await office.card("a third")
        await office.now_shows(card, "Approve")
        await office.press(card, "Approve")
        await office.report(await office.now_shows(card, "Not known"), "Not known")
        await office.quiet()
        yield


NO_CARD = b'{"status": "ERROR", "error": "no_card_on_file", "message": "Add a card."}'


async def test_one_bought_one_refused_and_one_unknown_are_told_apart(office: Office) -> None:
    async with three_purchases(office):
        found = await figures(office)
    sendblue = ("sendblue",)

    still_open = {k: v for k, v in found["dialtone_open_purchases"].items() if v}
    assert still_open == {("sendblue", "unknown"): 1}
    assert found["dialtone_open_purchases"]["magpipe", "pending"] == 0
    nobody_else = {(name,): 0 for name in PROVIDERS}
    assert found["dialtone_confirms_total"] == {**nobody_else, sendblue: 2}
    assert found["dialtone_moves_total"] == {
        ("sendblue", "requested", "pending"): 2,
        ("sendblue", "requested", "refused"): 1,
        ("sendblue", "pending", "approved"): 2,
        ("sendblue", "approved", "confirming"): 2,
        ("sendblue", "confirming", "provisioned"): 1,
        ("sendblue", "confirming", "unknown"): 1,
    }
    assert found["dialtone_command_to_card_seconds_count"] == {sendblue: 2}
    assert found["dialtone_card_to_decision_seconds_count"] == {("approve", "sendblue"): 2}
    assert found["dialtone_decision_to_report_seconds_count"] == {
        ("sendblue", "provisioned"): 1,
        ("sendblue", "unknown"): 1,
    }
    assert found["dialtone_limit"] == {("sendblue", "day"): 3, ("sendblue", "month"): 10}
    assert found["dialtone_limit_used"][("sendblue", "day")] == 1
    assert set(found["dialtone_owed_due"].values()) == {0}
    assert found["dialtone_ready"] == {(): 1}
    assert "dialtone_socket_mode_up" not in found


async def test_every_call_is_timed_by_what_became_of_it(office: Office) -> None:
    async with three_purchases(office):
        found = await figures(office)
    providers = found["dialtone_provider_call_seconds_count"]
    slack = found["dialtone_slack_call_seconds_count"]

    assert providers["ok", "sendblue", "preview"] == 2
    assert providers["refused", "sendblue", "preview"] == 1
    assert providers["ok", "sendblue", "confirm"] == 1
    assert providers["no_answer", "sendblue", "confirm"] == 1
    assert providers["unauthorized", "sendblue", "read"] == 0
    assert slack["auth.test", "ok"] >= 1
    assert slack["users.info", "ok"] >= 1
    assert slack["chat.update", "ok"] >= 2
    assert slack["response_url", "ok"] == 1


async def test_a_form_is_timed_too(office: Office) -> None:
    async with office.open():
        office.sendblue.faults.queue(CONFIRM, Fault(cut="before"))
        card = await office.approved()
        card = await office.now_shows(card, "Not known")
        await office.press(card, "It was bought…", MORGAN)
        await office.quiet()
        found = await figures(office)
    assert found["dialtone_slack_call_seconds_count"]["views.open", "ok"] == 1


async def test_times_are_those_of_the_record(office: Office) -> None:
    async with office.open():
        await office.buy()
        card = await office.card()
        await office.quiet()
        office.later(minutes=3)
        await office.press(card, "Approve")
        await office.card("+1 415")
        await office.quiet()
        found = await figures(office)
    assert found["dialtone_command_to_card_seconds_sum"]["sendblue",] == 0
    took = found["dialtone_card_to_decision_seconds_sum"]["approve", "sendblue"]
    assert took == pytest.approx(180, abs=1)
    assert found["dialtone_decision_to_report_seconds_sum"]["sendblue", "provisioned"] == 0


async def test_with_socket_mode_the_age_of_the_connection_is_told(office: Office) -> None:
    async with office.open(SLACK_APP_TOKEN=office.slack.state.app_token):
        await office.until(lambda: office.slack.socket.connections or None)
        found = await figures(office)
        while not found["dialtone_socket_mode_up"][()]:  # accepted there, not yet known here
            found = await figures(office)
        age = found["dialtone_socket_mode_connection_age_seconds"][()]
        assert 0 <= age < 60
        assert {name for name in found if name.startswith("dialtone_socket")} == {
            "dialtone_socket_mode_up",
            "dialtone_socket_mode_connection_age_seconds",
        }


# ── Owed ─────────────────────────────────────────────────────────────────────────────────────────
async def test_old_work_that_nobody_does_makes_it_not_ready(office: Office) -> None:
    async with office.open() as bot:
        await bot.loop.stop(0)  # it stands, so that the message stays owed
        now = office.clock.now()
        message = Message(
            id="m1",
            kind=Kind.ANSWER,
            user_id=RILEY,
            channel_id=PHONES,
            created_at=now - timedelta(seconds=150),
        )
        await bot.ports.store.add_message(message)
        assert await office.probe() == (503, "work has been due for 150 seconds")
        found = await figures(office)
        assert found["dialtone_ready"] == {(): 0}
        assert found["dialtone_owed_due"]["owed",] == 1
        assert found["dialtone_owed_oldest_seconds"]["owed",] == 150
        assert found["dialtone_owed_oldest_seconds"]["cards",] == 0


async def test_what_is_put_off_on_purpose_is_seen_and_no_reason_not_to_be_ready(
    office: Office,
) -> None:
    async with office.open():
        office.slack.faults.queue("chat.postMessage", office.slack_away(), times=2)
        await office.buy()
        await office.quiet()
        found = await figures(office)
        assert found["dialtone_owed_put_off"]["cards",] == 1
        assert found["dialtone_slack_call_seconds_count"]["chat.postMessage", "broken"] == 1
        assert await office.probe() == (200, "")


async def test_without_its_database_figures_are_left_out_and_the_others_stay(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(**_: object) -> None:
        raise StorageUnavailable("away")

    async with office.open() as bot:
        assert (await figures(office))["dialtone_owed_due"]
        monkeypatch.setattr(bot.ports.store, "backlog", away)
        found = await figures(office)
        assert "dialtone_owed_due" not in found
        assert found["dialtone_confirms_total"]


async def test_a_slack_that_hangs_holds_up_neither_probe_nor_figures(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "GOOD_FOR_S", 0)  # ask every time
    async with office.open():
        monkeypatch.setattr(health, "PATIENCE_S", 1.0)
        first, second = (office.slack.faults.hold("auth.test") for _ in range(2))
        assert await office.probe() == (503, "slack: no answer")
        found = await figures(office)
        assert found["dialtone_ready"] == {(): 0}
        assert found["dialtone_slack_call_seconds_count"]["auth.test", "no_answer"] == 2
        first.release()
        second.release()


async def test_a_refused_token_is_counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "GOOD_FOR_S", 0)  # ask every time
    async with office.open():
        office.slack.state.token_is_revoked = True
        await office.probe()
        found = await figures(office)
        assert found["dialtone_slack_call_seconds_count"]["auth.test", "unauthorized"] == 2
        assert found["dialtone_ready"] == {(): 0}


# ── The log ──────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    names = ("aiohttp", "alembic", "apscheduler", "httpcore", "httpx", "slack_bolt", "slack_sdk")
    known = [root, *map(logging.getLogger, names)]
    levels = [logger.level for logger in known]
    configure("INFO", "json", [], stream)
    yield stream
    root.removeHandler(root.handlers[-1])
    for logger, was in zip(known, levels, strict=True):  # as other tests expect them
        logger.setLevel(was)


async def test_every_line_of_a_story_carries_the_code(office: Office, lines: io.StringIO) -> None:
    office.sendblue.limits_shape = "unreadable"
    async with office.open():
        office.slack.faults.queue("chat.postMessage", Fault(body=b"[]"))
        office.sendblue.faults.queue(CONFIRM, Fault(cut="before"))
        await office.buy()
        await office.quiet()
        office.later(seconds=1)
        await office.press(await office.card(), "Approve")
        purchase = await office.reaches(Status.UNKNOWN)
        await office.quiet()
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    story = [line["event"] for line in told if line.get("purchase") == purchase.code]
    assert {"purchase.requested", "purchase.moved", "slack.later", "confirm.answered"} <= set(story)
    assert "sendblue.limits_not_understood" in story  # a line that knows nothing of purchases
    others = {line["event"] for line in told if "purchase" not in line}
    of_checks = {"alerts.off", "sendblue.limits_not_understood"}
    assert others <= {"started", "stopped", "loop.draining"} | of_checks
