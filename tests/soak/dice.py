"""Faults by chance, counted by kind: so many in a hundred purchases meet each of them."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.sendblue import CONFIRM, PREVIEW
from bot.sandbox.slack.simulator import rate_limited

Kinds = Mapping[str, Fault]

TROUBLE: Kinds = {
    "cut before": Fault(cut="before"),
    "cut after": Fault(cut="after"),
    "500": Fault(status=500, body=b"upstream trouble", content_type="text/plain"),
    "delay": Fault(delay=1.0),
}
REFUSED = Fault(status=402, body={"status": "ERROR", "error": "no_card_on_file", "message": "-"})
SENDBLUE: Mapping[str, Kinds] = {
    PREVIEW: {**TROUBLE, "refusal": REFUSED},
    CONFIRM: {**TROUBLE, "refusal": REFUSED},
}
IN_SLACK: Kinds = {**TROUBLE, "429": rate_limited()}
SLACK: Mapping[str, Kinds] = {"chat.postMessage": IN_SLACK, "chat.update": IN_SLACK}


class Dice(Faults):
    """Throws for each request to the endpoints of `kinds`; each kind comes with `chance`."""

    def __init__(
        self, name: str, kinds: Mapping[str, Kinds], chance: float, seed: int, base: str = ""
    ) -> None:
        super().__init__(base=base)
        self._name = name
        self._kinds = kinds
        self._chance = chance
        self._random = random.Random(seed)  # noqa: S311 chance, not secrecy
        self.injected: Counter[str] = Counter()

    def stop(self) -> None:
        self._chance = 0

    def take(self, endpoint: str) -> Fault | None:
        kinds: Sequence[tuple[str, Fault]] = list(self._kinds.get(endpoint, {}).items())
        thrown = self._random.random()
        if not kinds or thrown >= self._chance * len(kinds):
            return super().take(endpoint)
        kind, fault = kinds[int(thrown / self._chance)]
        self.injected[f"{self._name} {endpoint.rpartition('/')[2]}: {kind}"] += 1
        return fault
