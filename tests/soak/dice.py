"""Faults by chance, counted by kind: so many in a hundred requests meet each of them."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.magpipe import BASE, LIST, PROVISION, SEARCH
from bot.sandbox.sendblue import CONFIRM, LIMITS, LINES_STATE, PREVIEW
from bot.sandbox.slack.simulator import rate_limited
from tests.stories.office import Office

RATE = 0.05  # of requests, unless said otherwise, meet each kind of fault

# A kind may come in several forms, each as likely as the others.
Kinds = Mapping[str, Fault | Sequence[Fault]]


@dataclass(frozen=True)
class Endpoint:
    """What may happen there; each kind with this chance per request."""

    kinds: Kinds
    chance: float = RATE


TROUBLE: Kinds = {
    "cut before": Fault(cut="before"),
    "cut after": Fault(cut="after"),
    "500": Fault(status=500, body=b"upstream trouble", content_type="text/plain"),
    "delay": Fault(delay=1.0),
}

# ── Sendblue ──
_NO_CARD = Fault(status=402, body={"status": "ERROR", "error": "no_card_on_file", "message": "-"})
_NO_LINE = Fault(
    status=500,
    body={"status": "ERROR", "error": "provisioning_failed", "message": "-"},
    after=True,
)
_FORBIDDEN = [
    Fault(status=status, body={"status": "ERROR", "message": "Not available for this account"})
    for status in (403, 404, 429)
]
SENDBLUE = {
    PREVIEW: Endpoint({**TROUBLE, "refusal": _NO_CARD}),
    CONFIRM: Endpoint({**TROUBLE, "refusal": _NO_CARD, "charged, no line": _NO_LINE}),
    # Both are asked once per purchase and once per look-up, and nothing is refused for them.
    LINES_STATE: Endpoint({**TROUBLE, "refusal": _FORBIDDEN}),
    LIMITS: Endpoint({**TROUBLE, "refusal": _FORBIDDEN}),
}


# ── Magpipe ──
def _in_both_styles(status: int, words: str, *, after: bool = False) -> list[Fault]:
    code = words.lower().replace(" ", "_")
    styles: list[dict[str, object]] = [
        {"error": words},
        {"error": {"code": code, "message": words}, "data": None},
    ]
    return [Fault(status=status, body=body, after=after) for body in styles]


_THROTTLED = _in_both_styles(429, "Rate limit exceeded")
MAGPIPE = {
    # Asked at the preview and once more before the money goes.
    SEARCH: Endpoint({**TROUBLE, "refusal": _THROTTLED}),
    LIST: Endpoint({**TROUBLE, "refusal": _THROTTLED}),
    PROVISION: Endpoint(
        {
            **TROUBLE,
            "refusal": _in_both_styles(403, "number limit reached"),
            "charged, not saved": _in_both_styles(
                500, "Failed to save service number to database", after=True
            ),
        }
    ),
}

# ── Slack ──
_IN_SLACK: Kinds = {**TROUBLE, "429": rate_limited()}
_MESSAGES = Endpoint(_IN_SLACK, RATE / 4)  # a purchase takes about four of these calls
# Who somebody is, is kept for a minute: fewer requests than purchases, so each has the full rate.
_PEOPLE = Endpoint(_IN_SLACK)
_USED_UP = Fault(status=404, body={"ok": False, "error": "used_url"})
SLACK = {
    "chat.postMessage": _MESSAGES,
    "chat.update": _MESSAGES,
    "users.info": _PEOPLE,
    "usergroups.users.list": _PEOPLE,
    # One purchase in six leads to a private answer.
    "/response_url": Endpoint({**_IN_SLACK, "refusal": _USED_UP}),
}


class Dice(Faults):
    """Throws for each request to these endpoints until told to stop."""

    def __init__(
        self, name: str, endpoints: Mapping[str, Endpoint], seed: int, base: str = ""
    ) -> None:
        super().__init__(base=base)
        self._name = name
        self._rolled = endpoints
        self._random = random.Random(seed)  # noqa: S311 chance, not secrecy
        self.injected: Counter[str] = Counter()

    def stop(self) -> None:
        self._rolled = {}

    def take(self, endpoint: str) -> Fault | None:
        rolled = self._rolled.get(endpoint)
        if rolled is None:
            return super().take(endpoint)
        which = int(self._random.random() / rolled.chance)
        if which >= len(rolled.kinds):
            return super().take(endpoint)
        kind, faults = list(rolled.kinds.items())[which]
        self.injected[f"{self._name} {endpoint.rpartition('/')[2]}: {kind}"] += 1
        return faults if isinstance(faults, Fault) else self._random.choice(faults)


def throw_at(office: Office) -> list[Dice]:
    """Let it happen to all three; before they are started."""
    sendblue = Dice("sendblue", SENDBLUE, seed=3)
    magpipe = Dice("magpipe", MAGPIPE, seed=4, base=BASE)
    slack = Dice("slack", SLACK, seed=2, base="/api/")
    office.sendblue.faults, office.magpipe.faults, office.slack.faults = sendblue, magpipe, slack
    return [sendblue, magpipe, slack]
