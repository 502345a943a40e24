"""What can be made to go wrong from the page: the endpoints, and the faults possible for each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import magpipe, sendblue
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.slack.simulator import rate_limited, slack_error

SLACK = "slack"
SENDBLUE = "sendblue"
MAGPIPE = "magpipe"
EVERYWHERE = "all"


@dataclass(frozen=True)
class Endpoint:
    """`endpoint` is the name by which the simulator's `faults` know it."""

    provider: str
    endpoint: str
    label: str

    @property
    def id(self) -> str:
        return f"{self.provider} {self.endpoint}"


@dataclass(frozen=True)
class Choice:
    """A fault to choose. `goes_with` is `all` or a provider, `only` some of its endpoints."""

    id: str
    label: str
    fault: Fault
    goes_with: str = EVERYWHERE
    only: tuple[str, ...] = field(default=())

    def fits(self, endpoint: Endpoint) -> bool:
        if self.goes_with not in {EVERYWHERE, endpoint.provider}:
            return False
        return not self.only or endpoint.endpoint in self.only

    @property
    def whose(self) -> str:
        some = (f"{self.goes_with} {endpoint}" for endpoint in self.only)
        return ", ".join(some) or self.goes_with


ENDPOINTS = (
    Endpoint(SENDBLUE, sendblue.CONFIRM, "confirm: buy the line"),
    Endpoint(SENDBLUE, sendblue.PREVIEW, "preview: quote a line"),
    Endpoint(SENDBLUE, sendblue.LIMITS, "limits: how many may still be bought"),
    Endpoint(SENDBLUE, sendblue.LINES, "lines: the numbers on the account"),
    Endpoint(SENDBLUE, sendblue.LINES_STATE, "state of the lines"),
    Endpoint(MAGPIPE, magpipe.PROVISION, "provision: buy the number"),
    Endpoint(MAGPIPE, magpipe.SEARCH, "search: numbers for sale"),
    Endpoint(MAGPIPE, magpipe.LIST, "list: the numbers on the account"),
    Endpoint(MAGPIPE, magpipe.AGENTS_LIST, "list of agents"),
    Endpoint(MAGPIPE, magpipe.ASSIGN, "assign a number to an agent"),
    Endpoint(MAGPIPE, magpipe.CREDITS, "credits"),
    Endpoint(SLACK, "chat.postMessage", "post a message"),
    Endpoint(SLACK, "chat.update", "change a message"),
    Endpoint(SLACK, "chat.postEphemeral", "post what one person alone sees"),
    Endpoint(SLACK, "/response_url", "answer a command or click later"),
    Endpoint(SLACK, "conversations.open", "open a direct message"),
    Endpoint(SLACK, "conversations.members", "who is in a channel"),
    Endpoint(SLACK, "users.info", "who somebody is"),
    Endpoint(SLACK, "usergroups.users.list", "who is in a user group"),
    Endpoint(SLACK, "views.open", "open a form"),
    Endpoint(SLACK, "views.update", "fill an open form"),
    Endpoint(SLACK, "views.publish", "draw the Home tab"),
)
BY_ID: Mapping[str, Endpoint] = {each.id: each for each in ENDPOINTS}

_BUYING = (sendblue.PREVIEW, sendblue.CONFIRM)
_POSTING = ("chat.postMessage", "chat.postEphemeral")


def _sendblue(status: int, message: str, error: str = "") -> Fault:
    body = {"status": "ERROR", "message": message} | ({"error": error} if error else {})
    return Fault(status=status, body=body)


def _magpipe(status: int, error: str, **more: Any) -> Fault:
    return Fault(status=status, body={"error": error, **more})


_HALF = json.dumps({"status": "OK", "message": "and the rest of it is"}).encode()[:-12]

CHOICES = (
    Choice("cut_after", "cut the connection after the work is done", Fault(cut="after")),
    Choice("cut_before", "cut the connection before the work is done", Fault(cut="before")),
    Choice("slow", "do the work, answer after 8 seconds", Fault(delay=8, after=True)),
    Choice(
        "html",
        "do the work, answer 502 with a web page",
        Fault(status=502, body=b"<html>Bad gateway</html>", content_type="text/html", after=True),
    ),
    Choice(
        "unreadable", "do the work, answer with half a JSON object", Fault(body=_HALF, after=True)
    ),
    Choice(
        "truncated",
        "do the work, end the answer in its middle",
        Fault(body=_HALF, after=True, announced_length=len(_HALF) + 12),
    ),
    Choice("unavailable", "answer 503, do nothing", Fault(status=503)),
    Choice(
        "no_card_on_file",
        "refuse: no card on file (402)",
        _sendblue(402, "No card is available for the account", "no_card_on_file"),
        SENDBLUE,
        _BUYING,
    ),
    Choice(
        "no_lines_available",
        "refuse: no lines available (503)",
        _sendblue(503, "No lines are currently available", "no_lines_available"),
        SENDBLUE,
        _BUYING,
    ),
    Choice(
        "daily_limit_reached",
        "refuse: daily limit reached (429)",
        _sendblue(429, "Maximum 3 lines can be added per day via API", "daily_limit_reached"),
        SENDBLUE,
        _BUYING,
    ),
    Choice(
        "token_expired",
        "refuse: the price has run out (410)",
        _sendblue(410, "Preview token has expired or was already used", "token_expired"),
        SENDBLUE,
        (sendblue.CONFIRM,),
    ),
    Choice(
        "bad_credentials",
        "refuse: invalid credentials (401)",
        _sendblue(401, "Invalid Credentials"),
        SENDBLUE,
    ),
    Choice(
        "number_gone",
        "refuse: the number is no longer for sale (500)",
        _magpipe(500, "Failed to purchase phone number", details="The number is not available"),
        MAGPIPE,
        (magpipe.PROVISION,),
    ),
    Choice("unauthorized", "refuse: unauthorized (401)", _magpipe(401, "Unauthorized"), MAGPIPE),
    Choice(
        "rate_limited",
        "refuse: too many requests (429)",
        _magpipe(429, "Rate limit exceeded"),
        MAGPIPE,
    ),
    Choice("slack_busy", "refuse: rate limited for 5 seconds (429)", rate_limited(5), SLACK),
    Choice("slack_broken", "refuse: internal_error", slack_error("internal_error"), SLACK),
    Choice(
        "not_in_channel",
        "refuse: not_in_channel",
        slack_error("not_in_channel"),
        SLACK,
        _POSTING,
    ),
    Choice(
        "message_not_found",
        "refuse: message_not_found",
        slack_error("message_not_found"),
        SLACK,
        ("chat.update",),
    ),
    Choice(
        "missing_scope",
        "refuse: missing_scope",
        slack_error("missing_scope", needed="users:read", provided="commands"),
        SLACK,
        ("users.info", "usergroups.users.list", "conversations.members"),
    ),
)


class FaultDesk:
    """Arms the faults of the simulators, by the names the page uses."""

    def __init__(self, faults: Mapping[str, Faults]) -> None:
        """`faults` by provider: sendblue, magpipe, slack."""
        self._faults = faults

    def arm(self, endpoint_id: str, fault_id: str) -> None:
        """Let it happen to the endpoint's next request. Raises ValueError."""
        endpoint = BY_ID.get(endpoint_id)
        if endpoint is None:
            raise ValueError("There is no such endpoint.")
        choice = next((each for each in CHOICES if each.id == fault_id), None)
        if choice is None:
            raise ValueError("There is no such fault.")
        if not choice.fits(endpoint):
            raise ValueError(f"“{choice.label}” does not happen to “{endpoint.label}”.")
        self._faults[endpoint.provider].queue(endpoint.endpoint, choice.fault)

    def clear(self) -> None:
        for faults in self._faults.values():
            faults.clear()

    def armed(self) -> list[dict[str, str]]:
        """What waits, endpoint by endpoint, in the order in which it will happen."""
        return [
            {"endpoint_id": endpoint.id, **_named(fault)}
            for endpoint in ENDPOINTS
            for fault in self._faults[endpoint.provider].queued(endpoint.endpoint)
        ]


def endpoints_json() -> list[dict[str, str]]:
    return [
        {
            "id": each.id,
            "provider": each.provider,
            "endpoint": each.endpoint,
            "label": each.label,
        }
        for each in ENDPOINTS
    ]


def faults_json() -> list[dict[str, str]]:
    """`for` is `all`, a provider, or the ids of endpoints with commas between them."""
    return [{"id": each.id, "label": each.label, "for": each.whose} for each in CHOICES]


def _named(fault: Fault) -> dict[str, str]:
    for each in CHOICES:
        if each.fault == fault:
            return {"fault_id": each.id, "label": each.label}
    return {"fault_id": "", "label": "something else"}  # queued by a test
