"""What else arrives at the bot's door: forged, broken and stale requests, probes, and a Socket
Mode connection that dies. Nothing of it is a 5xx, and nothing of it is obeyed."""

import io
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.domain.purchase import Status
from bot.sandbox.faults import Fault
from bot.sandbox.slack.delivery import sign
from bot.sandbox.slack.people import MORGAN, RILEY
from bot.sandbox.slack.simulator import rate_limited
from bot.sandbox.slack.workspace import Message
from bot.storage.engine import build_engine, parse_url
from handlers import identity
from tests.stories.office import Office, drawn

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
COMMAND = urlencode({"command": "/line", "text": "buy", "user_id": RILEY, "trigger_id": "1.2.3"})


class Door:
    """Posts to /slack/events as whoever wants to."""

    def __init__(self, office: Office, session: aiohttp.ClientSession) -> None:
        self._secret = office.slack.state.signing_secret
        self._url = f"{office.bot.url}/slack/events"
        self._session = session

    async def post(
        self, body: bytes | str, content_type: str = FORM, **headers: str
    ) -> tuple[int, str]:
        """Rightly signed, now, except for what `headers` say otherwise ("" leaves one out)."""
        content = body.encode() if isinstance(body, str) else body
        timestamp = headers.get("timestamp", str(int(time.time())))
        signature = headers.get("signature", sign(self._secret, timestamp, content))
        sent = {"Content-Type": content_type}
        sent |= {"X-Slack-Request-Timestamp": timestamp} if timestamp else {}
        sent |= {"X-Slack-Signature": signature} if signature else {}
        async with self._session.post(self._url, data=io.BytesIO(content), headers=sent) as answer:
            return answer.status, await answer.text()

    async def interact(self, payload: Any) -> tuple[int, str]:
        return await self.post(urlencode({"payload": json.dumps(payload)}))


@pytest.fixture
async def session() -> Any:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as opened:
        yield opened


# ── What comes in ────────────────────────────────────────────────────────────────────────────────
async def test_what_slack_did_not_sign_just_now_is_not_obeyed(
    office: Office, session: aiohttp.ClientSession
) -> None:
    async with office.open():
        door = Door(office, session)
        for headers in (
            {"signature": ""},
            {"signature": "v0=" + "0" * 64},
            {"signature": "nonsense"},
            {"timestamp": ""},
            {"timestamp": "soon"},
            {"timestamp": "-1"},
            {"timestamp": "1e9"},
            {"timestamp": "9" * 5000},
            {"timestamp": str(int(time.time()) - 301)},
            {"timestamp": str(int(time.time()) + 301)},
        ):
            status, _ = await door.post(COMMAND, **headers)
            assert (headers, status) == (headers, 401)
        assert await office.purchases() == []
        assert (await door.post(COMMAND.replace("text=buy", "text=help")))[0] == 200


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"x" * (1024 * 1024 + 1), FORM, 413),
        (b"payload=%7Bbroken", FORM, 400),
        (b"payload=%5B1%5D", FORM, 400),
        (b"payload=%22text%22", FORM, 400),
        (b"payload=" + b"%5B" * 100_000, FORM, 400),
        (b"\xff\xfe\xfd", FORM, 400),
        (b"[]", JSON, 400),
        (b"{", JSON, 400),
        (b"null", JSON, 400),
        (b'{"a":' * 100_000, JSON, 400),
    ],
    ids=lambda value: f"{value[:12]!r}" if isinstance(value, bytes) else str(value),
)
async def test_a_signed_body_that_is_no_slack_payload_is_sent_back(
    office: Office, session: aiohttp.ClientSession, body: bytes, content_type: str, status: int
) -> None:
    async with office.open():
        assert (await Door(office, session).post(body, content_type))[0] == status


async def test_a_signed_body_that_means_nothing_to_the_bot_is_no_trouble(
    office: Office, session: aiohttp.ClientSession
) -> None:
    who = {"user": {"id": RILEY}, "trigger_id": "1.2.3"}
    async with office.open():
        door = Door(office, session)
        posts = [
            await door.post(b""),
            await door.post(COMMAND, "text/plain"),
            await door.post(COMMAND, "multipart/form-data"),
            await door.post(b"command=%2Fline"),
            await door.post(b"command=%2Fother&user_id=U1&trigger_id=1"),
            await door.post(b"command=%2Fline&command=%2Fline&user_id=U1&user_id=U2"),
            await door.post(b'{"type": "event_callback", "event": {"type": "?"}}', JSON),
            await door.post(b'{"type": "event_callback", "event": []}', JSON),
            await door.post(b'{"type": "url_verification"}', JSON),
            await door.post(b'{"ssl_check": 1}', JSON),
        ]
        payloads: list[Any] = [
            {},
            {"type": None},
            {"type": 3},
            {"type": ["block_actions"]},
            {"type": "block_actions"},
            {"type": "block_actions", "actions": []},
            {"type": "block_actions", "actions": None},
            {"type": "block_actions", "actions": ["x"]},
            {"type": "block_actions", "actions": [{}]},
            {"type": "block_actions", "actions": [{"action_id": 5}], **who},
            {"type": "block_actions", "actions": [{"action_id": "x"}], "user": "U1"},
            {"type": "view_submission"},
            {"type": "view_submission", "view": []},
            {"type": "view_submission", "view": {"callback_id": 4}, **who},
            {"type": "view_submission", "view": {"callback_id": "x", "state": 1}, **who},
            {"type": "view_closed", "view": {"callback_id": "x"}, **who},
            {"type": "shortcut", "callback_id": "x", **who},
            {"type": "message_action", "callback_id": "x", **who},
            {"type": "block_suggestion", "action_id": "x", **who},
            {"type": "dialog_submission", "callback_id": "x", **who},
        ]
        answers = posts + [await door.interact(payload) for payload in payloads]
        sent = [*range(len(posts)), *map(str, payloads)]
        wrong = [
            (what, answer)
            for what, answer in zip(sent, answers, strict=True)
            if answer[0] not in {200, 400, 404}
        ]
        assert wrong == []
        assert await office.purchases() == []


async def test_only_what_there_is_is_served(office: Office, session: aiohttp.ClientSession) -> None:
    async with office.open() as bot:
        for path, status in (("/slack/events", 405), ("/", 404), ("/slack/events/x", 404)):
            async with session.get(bot.url + path) as answer:
                assert answer.status == status


# ── Buttons and forms that were tampered with ────────────────────────────────────────────────────
def with_button(card: Message, **changed: Any) -> Message:
    """The card with its first button altered."""
    block = next(block for block in card.blocks if block["type"] == "actions")
    block["elements"][0] |= changed
    return card


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"action_id": "purchase.explode"}, "not one of mine"),
        ({"value": "nothing"}, "not one of mine"),
        ({"value": ":1"}, "not one of mine"),
        ({"value": "x:minus one"}, "not one of mine"),
        ({"value": "x:-1"}, "not one of mine"),
        ({"value": "no-such-purchase:1"}, "I know no purchase"),
        ({"value": "x" * 1990 + ":1"}, "I know no purchase"),
    ],
    ids=str,
)
async def test_a_button_that_is_not_the_bot_s_is_answered_privately(
    office: Office, changed: dict[str, Any], said: str
) -> None:
    async with office.open():
        await office.buy()
        card = with_button(await office.card(), **changed)
        assert (await office.press(card, "Approve")).ok
        told = await office.told(MORGAN, said)
        assert "othing was changed" in drawn(told)
        assert (await office.purchase()).status is Status.PENDING


@pytest.mark.parametrize("revision", ["2", "0", "9" * 30])
async def test_a_button_of_another_revision_does_not_count(office: Office, revision: str) -> None:
    async with office.open():
        await office.buy()
        purchase = await office.purchase()
        card = with_button(await office.card(), value=f"{purchase.id}:{revision}")
        assert (await office.press(card, "Approve")).ok
        await office.told(MORGAN, "othing was")
        assert (await office.purchase()).status is Status.PENDING


async def test_a_form_that_is_not_the_bot_s_says_so_under_its_input(office: Office) -> None:
    async with office.open():
        office.sendblue.provisioning_fails = True
        await office.buy()
        card = await office.card()
        await office.press(card, "Approve")
        asking = await office.now_shows(card, "Charged")
        await office.press(asking, "Close with a note…")
        [view] = await office.until(lambda: office.slack.workspace.modals(MORGAN) or None)
        good = dict(view.body)
        for changed in (
            {"callback_id": "form.explode"},
            {"private_metadata": "{"},
            {"private_metadata": "[]"},
            {"private_metadata": '{"key": 5}'},
            {"private_metadata": '{"key": "no-such-purchase:1"}'},
        ):
            view.body = {**good, **changed}
            view.errors = {}
            assert (await office.slack.submit(view, {"answer": "sorted out"})).ok
            assert view.errors, changed
        view.body = good
        await office.slack.submit(view, {"answer": "sorted out"})
        await office.now_shows(card, "and closed")


# ── Probes ───────────────────────────────────────────────────────────────────────────────────────
async def test_it_is_alive_and_ready(office: Office) -> None:
    async with office.open():
        assert await office.probe("/healthz") == (200, "")
        assert await office.probe() == (200, "")


async def test_it_is_not_ready_without_slack(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "GOOD_FOR_S", 0)  # ask every time
    away = Fault(status=503, body=b"upstream trouble", content_type="text/plain")
    async with office.open():
        office.slack.state.token_is_revoked = True
        assert await office.probe() == (503, "slack: token_revoked")
        office.slack.state.token_is_revoked = False
        for fault in (away, rate_limited(), Fault(cut="before"), Fault(body=b"[]")):
            office.slack.faults.queue("auth.test", fault)
            status, because = await office.probe()
            assert status == 503
            assert because.startswith("slack: ")
            office.later(seconds=2)  # after a 429 nothing is asked for a second
        assert await office.probe("/healthz") == (200, "")
        assert await office.probe() == (200, "")


async def test_it_is_not_ready_without_its_database(office: Office) -> None:
    async with office.open() as bot:
        store: Any = bot.ports.store
        folder = office.folder / "gone"
        folder.mkdir()
        nowhere = build_engine(parse_url(f"sqlite:///{folder / 'dialtone.db'}"))
        folder.rmdir()
        threads, there = store._threads, store._threads._run
        threads._run = lambda _engine, transaction: there(nowhere, transaction)
        said = "database: The database could not do it: unable to open database file."
        assert await office.probe() == (503, said)
        assert await office.probe("/healthz") == (200, "")
        threads._run = there
        assert await office.probe() == (200, "")
