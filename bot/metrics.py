"""What /metrics tells, with prometheus-client. docs/monitoring.md says what each figure is for.

Labels have few values each, all from our own code: no person, code, number or text from outside.
Every running bot has a registry of its own.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot.domain import sellers
from bot.domain.decision import Decision
from bot.domain.limits import Limits
from bot.domain.purchase import FINAL, Purchase, Status
from bot.ports import Backlog, Queue, Waiting

_OPEN = [status for status in Status if status not in FINAL]
_NOTHING = Waiting()

# In seconds. A machine's answer, a person's decision, and news that may take a look-up of hours.
_CALLS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80)
_CARDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_DECISIONS = (5, 15, 30, 60, 120, 300, 600, 1800, 3600)
_REPORTS = (0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 120, 600, 3600, 86400)


class Metrics:
    """`bot.ports.Meter`, and what adapters and `health` tell beside it."""

    def __init__(self, providers: Iterable[str], *, is_socket_mode: bool) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self._providers = tuple(providers)
        ProcessCollector(registry=registry)

        def counter(name: str, says: str, *labels: str) -> Counter:
            return Counter(f"dialtone_{name}", says, labels, registry=registry)

        def gauge(name: str, says: str, *labels: str) -> Gauge:
            return Gauge(f"dialtone_{name}", says, labels, registry=registry)

        def histogram(name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(
                f"dialtone_{name}_seconds", says, labels, buckets=buckets, registry=registry
            )

        # What this process did.
        self._moves = counter("moves", "Moves of purchases", "provider", "source", "target")
        self._confirms = counter("confirms", "Purchases sent to the provider", "provider")
        self._card = histogram("command_to_card", "From command to card", _CARDS, "provider")
        self._decision = histogram(
            "card_to_decision", "From card to the click", _DECISIONS, "provider", "action"
        )
        self._report = histogram(
            "decision_to_report", "From decision to news", _REPORTS, "provider", "status"
        )
        self._provider_call = histogram(
            "provider_call", "Calls to providers", _CALLS, "provider", "purpose", "outcome"
        )
        self._slack_call = histogram(
            "slack_call", "Calls to Slack's Web API", _CALLS, "method", "outcome"
        )
        self._limit = gauge("limit", "Purchases allowed", "provider", "window")
        self._limit_used = gauge("limit_used", "Purchases made", "provider", "window")

        # What the database says at the moment it is asked; the same from every replica.
        self._open = gauge("open_purchases", "Purchases that are not over", "provider", "status")
        self._due = gauge("owed_due", "Rows of work that are due", "queue")
        self._oldest = gauge("owed_oldest_seconds", "Since when the oldest is due", "queue")
        self._put_off = gauge("owed_put_off", "Rows of work put off before", "queue")

        # How this process is.
        self._ready = gauge("ready", "1 when /readyz says so, else 0")
        if is_socket_mode:
            self._socket = gauge("socket_mode_up", "1 while Socket Mode is connected, else 0")
            self._socket_age = gauge(
                "socket_mode_connection_age_seconds", "How long this connection has stood"
            )
        # A counter that first appears with 1 has no increase, and its alert would stay silent.
        self._slack_call.labels("auth.test", "unauthorized")
        for provider in self._providers:
            self._confirms.labels(provider)
            for purpose in ("read", "preview", "confirm"):
                self._provider_call.labels(provider, purpose, "unauthorized")

    # ── bot.ports.Meter ──────────────────────────────────────────────────────────────────────────
    def moved(self, before: Purchase, after: Purchase) -> None:
        self._moves.labels(after.provider, before.status.value, after.status.value).inc()

    def confirm_sent(self, provider: str) -> None:
        self._confirms.labels(provider).inc()

    def card_posted(self, purchase: Purchase, at: datetime) -> None:
        self._card.labels(purchase.provider).observe(_seconds(at - purchase.requested_at))

    def decided(self, purchase: Purchase, decision: Decision) -> None:
        """Only what was decided on a card: Slack names a message by the instant it was posted."""
        if purchase.status is not Status.PENDING or decision.message_ts is None:
            return
        try:
            took = decision.came_at.timestamp() - float(decision.message_ts)
        except ValueError:
            return
        labels = (purchase.provider, decision.action.value)
        self._decision.labels(*labels).observe(max(0.0, took))

    def reported(self, purchase: Purchase, at: datetime) -> None:
        """What nobody decided (refused, expired) is not among them."""
        if purchase.decided_at is not None:
            took = _seconds(at - purchase.decided_at)
            self._report.labels(purchase.provider, purchase.status.value).observe(took)

    def limits_read(self, provider: str, limits: Limits) -> None:
        for name, window in (("day", limits.day), ("month", limits.month)):
            self._limit.labels(provider, name).set(window.limit)
            self._limit_used.labels(provider, name).set(window.used)

    # ── Told by adapters ─────────────────────────────────────────────────────────────────────────
    def provider_called(self, provider: str, purpose: str, outcome: str, seconds: float) -> None:
        """By its title; the label is its name."""
        self._provider_call.labels(sellers.of(provider).name, purpose, outcome).observe(seconds)

    def slack_called(self, method: str, outcome: str, seconds: float) -> None:
        self._slack_call.labels(method, outcome).observe(seconds)

    # ── Set when somebody asks ───────────────────────────────────────────────────────────────────
    def is_ready(self, ready: bool) -> None:
        self._ready.set(ready)

    def socket_mode(self, age: float | None) -> None:
        """For how many seconds Socket Mode is connected; None when it is not."""
        self._socket.set(age is not None)
        self._socket_age.set(age or 0)

    def backlog(self, found: Backlog | None, now: datetime) -> None:
        """None: the database cannot say, and old figures are not passed off as new ones."""
        for gauge in (self._open, self._due, self._oldest, self._put_off):
            gauge.clear()
        if found is None:
            return
        known = {(provider, status) for provider in self._providers for status in _OPEN}
        for provider, status in known | found.purchases.keys():
            figure = found.purchases.get((provider, status), 0)
            self._open.labels(provider, status.value).set(figure)
        for queue in Queue:
            waiting = found.queues.get(queue, _NOTHING)
            since = waiting.oldest_due_at or now
            self._due.labels(queue.value).set(waiting.due)
            self._oldest.labels(queue.value).set(_seconds(now - since))
            self._put_off.labels(queue.value).set(waiting.put_off)

    def text(self) -> bytes:
        """Prometheus's text format, version 0.0.4."""
        return generate_latest(self._registry)


def _seconds(took: timedelta) -> float:
    return max(0.0, took.total_seconds())
