import asyncio
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import pytest

from bot import story
from bot.logs import configure, redact

SECRETS = ["s3cr3t-signing", "s3cr3t", 'quoted"and\\back', "abc"]
log = logging.getLogger("bot.tests")


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Leave the process's loggers as other tests expect them."""
    root = logging.getLogger()
    level = root.level
    known = [logging.getLogger(name) for name in ("httpx", "slack_bolt", "slack_sdk", "aiohttp")]
    levels = [logger.level for logger in known]
    yield
    configure("INFO", "json", [])
    root.removeHandler(root.handlers[-1])
    root.setLevel(level)
    for logger, was in zip(known, levels, strict=True):
        logger.setLevel(was)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def start(
    stream: io.StringIO, format_: Literal["json", "text"] = "json", level: str = "INFO"
) -> None:
    configure(level, format_, SECRETS, stream)


@contextmanager
def alone() -> Iterator[None]:
    """Set pytest's own handlers aside: they raise where a record is broken."""
    handlers = logging.getLogger().handlers
    everybody = handlers[:]
    handlers[:] = everybody[-1:]
    try:
        yield
    finally:
        handlers[:] = everybody


def only_line(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    read: dict[str, Any] = json.loads(line)
    return read


def test_an_event_is_one_line_of_json_with_its_fields(stream: io.StringIO) -> None:
    start(stream)

    log.info("purchase.claimed", extra={"purchase": "K7Q2", "revision": 2, "is_new": True})

    line = only_line(stream)
    assert datetime.fromisoformat(line.pop("ts")).tzinfo is not None
    assert line == {
        "level": "INFO",
        "event": "purchase.claimed",
        "logger": "bot.tests",
        "purchase": "K7Q2",
        "revision": 2,
        "is_new": True,
    }


def test_values_of_any_type_become_plain_ones(stream: io.StringIO) -> None:
    start(stream)
    circle: list[Any] = []
    circle.append(circle)

    log.info(
        "x",
        extra={
            "at": datetime(2026, 5, 18, tzinfo=UTC),
            "price": Decimal("1.50"),
            "share": 0.5,
            "nan": float("nan"),
            "huge": 10**30,
            "vast": 10**5000,
            "none": None,
            "people": ("U1", {"U2"}),
            "nested": {1: {"a": [object]}},
            "circle": circle,
        },
    )

    line = only_line(stream)
    assert line["at"] == "2026-05-18T00:00:00+00:00"
    assert line["price"] == "1.50"
    assert line["share"] == 0.5
    assert (line["nan"], line["huge"]) == ("nan", "1" + "0" * 30)
    assert line["vast"] == "(int without text: ValueError)"
    assert line["none"] is None
    assert line["people"] == ["U1", ["U2"]]
    assert line["nested"] == {"1": {"a": ["<class 'object'>"]}}
    assert "[...]" in json.dumps(line["circle"])


def test_a_field_cannot_take_the_place_of_the_lines_own(stream: io.StringIO) -> None:
    start(stream)

    log.info("real", extra={"event": "fake", "exc": "fake"})

    line = only_line(stream)
    assert (line["event"], line["event_"], line["exc_"]) == ("real", "fake", "fake")
    assert "exc" not in line


def test_text_is_one_readable_line(stream: io.StringIO) -> None:
    start(stream, "text")

    log.warning("card.late", extra={"purchase": "K7Q2", "reason": "new desk", "seconds": 2})

    assert stream.getvalue().endswith(
        'Z WARNING  card.late purchase=K7Q2 reason="new desk" seconds=2 [bot.tests]\n'
    )


def test_what_people_typed_cannot_forge_a_line(stream: io.StringIO) -> None:
    start(stream, "text")

    log.info("typed %s", "a\r\nb", extra={"reason": "c\nd"})

    assert len(stream.getvalue().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("token lpv_aB3-_x.", "token [redacted]."),
        ("xoxb-12-34-abC", "[redacted]"),
        ("xoxe.xoxp-1-abc", "[redacted]"),
        ("xapp-1-A0-1-ff", "[redacted]"),
        ("Authorization: Bearer ey.J0-x", "Authorization: Bearer [redacted]"),
        (
            "{'authorization': 'bearer abc', 'a': 1}",
            "{'authorization': 'bearer [redacted]', 'a': 1}",
        ),
        (
            "at https://hooks.slack.com/commands/T1/2/tok3n failed",
            "at https://hooks.slack.com/[redacted] failed",
        ),
        (
            "sb-api-key-id: k1\r\nsb-api-secret-key: k2",
            "sb-api-key-id: [redacted]\r\nsb-api-secret-key: [redacted]",
        ),
        ("{'sb-api-key-id': 'k1', 'x': 'y'}", "{'sb-api-key-id': '[redacted]', 'x': 'y'}"),
        ("(b'sb-api-secret-key', b'k2')", "(b'sb-api-secret-key', b'[redacted]')"),
        (r"{\"sb-api-key-id\": \"k1\"}", r"{\"sb-api-key-id\": \"[redacted]\"}"),
        ("postgresql://user:p@/w@host/db", "postgresql://user:[redacted]@host/db"),
        ("postgresql+psycopg://u:p%40w@h/d?a=b", "postgresql+psycopg://u:[redacted]@h/d?a=b"),
        ("http://u:pw@proxy:80/", "http://u:[redacted]@proxy:80/"),
        ("host=h password=pw dbname=d", "host=h password=[redacted] dbname=d"),
        ("http://127.0.0.1:80/a for a@b", "http://127.0.0.1:80/a for a@b"),
        ("purchase.claimed K7Q2 U012ABC abc", "purchase.claimed K7Q2 U012ABC abc"),
        ("s3cr3t-signing and s3cr3t", "[redacted] and [redacted]"),
    ],
)
def test_secrets_known_or_recognised_are_replaced(
    stream: io.StringIO, text: str, left: str
) -> None:
    start(stream)

    assert redact(text) == left
    assert redact(left) == left


@pytest.mark.parametrize("format_", ["json", "text"])
def test_no_secret_reaches_the_log_by_any_way(
    stream: io.StringIO, format_: Literal["json", "text"]
) -> None:
    start(stream, format_)

    def fail(token: str) -> None:
        raise ValueError(f"bad token {token}")

    try:
        try:
            fail("lpv_inner")
        except ValueError as error:
            raise RuntimeError("s3cr3t in the outer one") from error
    except RuntimeError:
        log.exception(
            "failed %s",
            {"t": "xoxb-1-aa"},
            stack_info=True,
            extra={
                "preview_token": "opaque-1",
                "headers": {"sb-api-key-id": "opaque-2", "s3cr3t": 'quoted"and\\back'},
                "raw": b"Bearer opaque-3",
                "chain": [ValueError("lpv_inner")],
            },
        )

    said = stream.getvalue()
    for secret in ("lpv_inner", "xoxb-1", "s3cr3t in", "opaque", "and\\\\back", "and\\back"):
        assert secret not in said
    assert "RuntimeError: [redacted] in the outer one" in said
    assert "test_logs.py" in said
    assert "Stack (most recent call last)" in said


class _Broken(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class _NoName:
    def __iter__(self) -> Iterator[str]:
        raise TypeError

    def __repr__(self) -> str:
        raise TypeError("s3cr3t")


@pytest.mark.parametrize("format_", ["json", "text"])
def test_a_broken_log_call_still_logs_and_never_raises(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str], format_: Literal["json", "text"]
) -> None:
    start(stream, format_)

    with alone():
        log.info("count %d s3cr3t", "three")
        log.info("half \ud800 pair")
        log.info("odd", extra={"value": _NoName()})
        log.info("raised", exc_info=_Broken())

    said = stream.getvalue()
    assert "count %d [redacted] (its arguments do not fit)" in said
    assert "half" in said
    assert "(_NoName without text: TypeError)" in said
    assert "_Broken" in said
    assert capsys.readouterr().err == ""


def test_an_exception_that_cannot_be_written_costs_only_the_traceback(
    stream: io.StringIO,
) -> None:
    start(stream)

    with alone():
        log.info("raised", exc_info=(ValueError, ValueError(), 1))  # type: ignore[arg-type]

    assert only_line(stream)["exc"].startswith("(no traceback: ")


def test_a_closed_stream_is_no_error_and_shows_nothing(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    start(stream)
    stream.close()

    log.error("s3cr3t %s", "xoxb-1-aa")

    assert capsys.readouterr().err == ""


def test_the_log_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO", "json", [])

    log.info("started")

    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err)["event"] == "started"


def test_configuring_again_replaces_the_output_and_the_secrets(stream: io.StringIO) -> None:
    start(io.StringIO())
    configure("ERROR", "json", ["another-one"], stream)

    log.warning("quiet")
    log.error("another-one s3cr3t")

    assert only_line(stream)["event"] == "[redacted] s3cr3t"


# Not `slack_bolt.AsyncApp`: Bolt gives that one a level of its own whenever an app is built.
@pytest.mark.parametrize("name", ["httpx", "slack_bolt.child", "slack_sdk", "aiohttp.access"])
def test_other_peoples_loggers_are_quiet_unless_debugging(stream: io.StringIO, name: str) -> None:
    theirs = logging.getLogger(name)

    start(stream)
    theirs.info("every request")
    assert stream.getvalue() == ""

    theirs.warning("trouble")
    assert only_line(stream)["event"] == "trouble"

    start(stream, level="ERROR")
    theirs.warning("less trouble")
    assert "less trouble" not in stream.getvalue()

    start(stream, level="DEBUG")
    theirs.debug("sent Bearer opaque-1")
    assert "sent Bearer [redacted]" in stream.getvalue()


# ── The story ────────────────────────────────────────────────────────────────────────────────────
async def test_lines_of_a_task_carry_the_purchase_that_it_works_on(stream: io.StringIO) -> None:
    start(stream)

    async def step(code: str) -> None:
        story.tell_of(code)
        await asyncio.sleep(0)
        logging.getLogger("bot.tests.elsewhere").info("slack.later")

    await asyncio.gather(step("K7Q2"), step("M3XA"))
    log.info("tidied")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line.get("purchase") for line in lines] == ["K7Q2", "M3XA", None]


async def test_a_line_that_names_its_purchase_itself_is_left_alone(stream: io.StringIO) -> None:
    start(stream)

    async def step() -> None:
        story.tell_of("K7Q2")
        log.info("number.taken", extra={"purchase": "M3XA"})

    await asyncio.create_task(step())
    assert only_line(stream)["purchase"] == "M3XA"
