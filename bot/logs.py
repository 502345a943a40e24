"""Structured logs on the standard `logging`, with secrets taken out at the last moment.

Modules log events with fields, `log.info("purchase.claimed", extra={"purchase": code})`, on a
logger of their own name. Names that `LogRecord` uses itself (`name`, `message`, `args` …) are no
field names: `logging` refuses them where the call is made, and ruff's G101 before that.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from bot import story

REDACTED = "[redacted]"

# A shorter value would tear holes into ordinary words; patterns below still know most of them.
_SHORTEST_SECRET = 6
_LARGEST = 2**63  # numbers beyond it, and NaN, become text: not every reader of JSON takes them
_DEEPEST = 6  # levels of nesting written as JSON, what lies below as text

# In the order they are applied; what a group holds stays.
_PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"lpv_[\w-]+",  # Sendblue's preview token
        r"xox[a-z](?:\.xox[a-z])?-[\w.%-]+",
        r"xapp-[\w.%-]+",
        r"(https://hooks\.slack(?:-gov)?\.com/)[^\s\"'<>\\|]+",  # response_url
        r"(bearer\s+)[^\s\"',\\]+",
        # As header line, as JSON, as dict and as list of pairs of bytes.
        r"(sb-api-(?:key-id|secret-key)[\"'\\]*\s*[:=,]\s*(?:b(?=[\"']))?[\"'\\]*)[^\s\"',;)}\\]+",
        r"(\bpassword[\"'\\]*\s*[=:]\s*[\"'\\]*)[^\s\"',&\\]+",
        r"(postgres\w*(?:\+\w+)?://[^\s:/@\"']*:)[^\s\"']+(?=@)",
        r"(://[^\s:/@\"']*:)[^\s/\"']+(?=@)",
    )
]
_ANY = re.compile("|".join(each.pattern for each in _PATTERNS), re.IGNORECASE)
_SECRET_NAME = re.compile(
    r"(?:^|[_-])(?:token|secret|password|authorization|response_url|key-id|(?:api|secret)[_-]key)$",
    re.IGNORECASE,
)
_NOT_FIELDS = logging.makeLogRecord({}).__dict__.keys() | {"message", "asctime", "taskName"}
_OTHERS = ("aiohttp", "alembic", "apscheduler", "httpcore", "httpx", "slack_bolt", "slack_sdk")


class _Redactor:
    """The one list of secrets of this process; `configure` fills it."""

    def __init__(self) -> None:
        self._known: re.Pattern[str] | None = None

    def learn(self, secrets: Iterable[str]) -> None:
        # Longest first: a secret that begins with another one goes whole.
        values = sorted({s for s in secrets if len(s) >= _SHORTEST_SECRET}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, values))) if values else None

    def redact(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(REDACTED, text)
        if _ANY.search(text):  # hardly ever, and one look is cheaper than nine replacements
            for pattern in _PATTERNS:
                text = pattern.sub(rf"\g<1>{REDACTED}" if pattern.groups else REDACTED, text)
        return text


_redactor = _Redactor()


def redact(text: str) -> str:
    """Replace every known secret, and all that looks like one, by "[redacted]"."""
    return _redactor.redact(text)


def configure(
    level: str,
    format: Literal["json", "text"],  # noqa: A002 - the variable is called LOG_FORMAT
    secrets: Iterable[str],
    stream: TextIO | None = None,
) -> None:
    """Send all logging to `stream` (standard error by default); may be called again."""
    _redactor.learn(secrets)
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, _Handler):
            root.removeHandler(handler)
    handler = _Handler(sys.stderr if stream is None else stream)
    handler.addFilter(_with_story)
    handler.setFormatter(_JsonLines() if format == "json" else _Text())
    root.addHandler(handler)
    root.setLevel(level)
    for name in _OTHERS:  # they tell every request at INFO; their warnings are worth reading
        quiet = root.level > logging.DEBUG
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING) if quiet else root.level)


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Do nothing: the standard report prints the record, secrets included, to stderr."""


def _with_story(record: logging.LogRecord) -> bool:
    """Say whom the line concerns, where it does not say so itself."""
    code = story.code()
    if code is not None and not hasattr(record, "purchase"):
        record.purchase = code
    return True


class _Redacting(logging.Formatter):
    """What both formats share: values that are plain, redacted and never raise."""

    def event(self, record: logging.LogRecord) -> str:
        try:
            return redact(record.getMessage())
        except Exception:  # noqa: BLE001 - a wrong argument must not lose the event
            return f"{_plain(record.msg)} (its arguments do not fit)"

    def fields(self, record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
        for name, value in record.__dict__.items():
            if name not in _NOT_FIELDS:
                yield redact(str(name)), _plain_field(name, value)

    def trace(self, record: logging.LogRecord) -> str:
        parts = []
        try:
            if record.exc_info:
                parts.append(self.formatException(record.exc_info))
            if record.stack_info:
                parts.append(record.stack_info)
        except Exception as error:  # noqa: BLE001 - an exception may fail to print itself
            parts.append(f"(no traceback: {type(error).__name__} while it was written)")
        return redact("\n".join(parts))

    def instant(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _JsonLines(_Redacting):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "ts": self.instant(record),
            "level": record.levelname,
            "event": self.event(record),
            "logger": record.name,
        }
        for name, value in self.fields(record):
            line[f"{name}_" if name in line or name == "exc" else name] = value
        if trace := self.trace(record):
            line["exc"] = trace
        return json.dumps(line)  # ASCII: no stream can refuse it


class _Text(_Redacting):
    def format(self, record: logging.LogRecord) -> str:
        # A line break in what somebody typed must not look like a line of the log.
        event = self.event(record).replace("\r", "\\r").replace("\n", "\\n")
        fields = [f"{name}={self._shown(value)}" for name, value in self.fields(record)]
        head = f"{self.instant(record)} {record.levelname:<8} {event}"
        line = " ".join([head, *fields, f"[{record.name}]"])
        trace = self.trace(record)
        whole = f"{line}\n{trace}" if trace else line
        return whole.encode(errors="backslashreplace").decode()  # half a surrogate pair

    @staticmethod
    def _shown(value: Any) -> str:
        if isinstance(value, str) and re.fullmatch(r"[^\s\"=]+", value):
            return value
        return json.dumps(value, ensure_ascii=False)


def _plain_field(name: object, value: Any, depth: int = 0) -> Any:
    if value is not None and _SECRET_NAME.search(str(name)):
        return REDACTED
    return _plain(value, depth)


def _plain(value: Any, depth: int = 0) -> Any:
    """Turn anything into redacted values that JSON can hold."""
    if value is None or (isinstance(value, int | float) and abs(value) < _LARGEST):
        return value
    try:
        if isinstance(value, Mapping) and depth < _DEEPEST:
            return {
                redact(str(key)): _plain_field(key, item, depth + 1) for key, item in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset) and depth < _DEEPEST:
            return [_plain(item, depth + 1) for item in value]
        if isinstance(value, datetime):
            return value.isoformat()
        return redact(str(value))
    except Exception as error:  # noqa: BLE001 - any object may be logged, also one without text
        return f"({type(value).__name__} without text: {type(error).__name__})"
