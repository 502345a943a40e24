"""What the use cases need from the outside, in one place. Adapters implement it, `bootstrap` wires.
Longer than other files, because it is read as one specification.

Every `Store` method is one transaction. A method that changes something commits before it returns.
Work is claimed with a lease: a token that must still be held, and an instant up to which it is.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from bot.domain.agent import Agent
from bot.domain.alerts import Alert, Balance
from bot.domain.approval import Rules
from bot.domain.decision import Decision
from bot.domain.errors import Reason
from bot.domain.limits import Limits, Reading
from bot.domain.people import Person
from bot.domain.policy import Policy
from bot.domain.preview import Preview
from bot.domain.price import Price
from bot.domain.purchase import Order, Purchase, Receipt, Status


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, UTC."""


# ── Work ─────────────────────────────────────────────────────────────────────────────────────────
class Queue(StrEnum):
    """The kinds of owed work. A row is due when `due_at` has come and no lease is held."""

    PURCHASES = "purchases"  # its next step: preview, expire, confirm, look up
    DECISIONS = "decisions"  # stored clicks to be judged
    CARDS = "cards"  # copies of cards that differ from the record
    HOMES = "homes"  # people's App Homes that differ from the record
    CHECKS = "checks"  # of a provider's limits: at intervals, and right after a purchase
    OWED = "owed"  # replies, answers and reports that Slack does not have yet


EVERYBODY = "everybody"  # the row of Queue.HOMES that stands for all that are kept up to date


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on one row: nobody else works on it until `until`, unless it is renewed."""

    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that was due and now is ours; `attempts` = how often it was put off since anything
    last came of it."""

    queue: Queue
    id: str
    lease: Lease
    attempts: int


# ── What is owed to people ───────────────────────────────────────────────────────────────────────
class Kind(StrEnum):
    """What an owed message is; its words are made when it is sent."""

    REPLY = "reply"  # to one person, privately: body = {"name", "fields"} of a Reason
    ANSWER = "answer"  # to one person, privately: body = {"command", "ask", …}, computed when sent
    REPORT = "report"  # how a purchase ended: to its channel, else to the requester directly
    ALERT = "alert"  # to the alert's channel: posted, later drawn anew; body = {"alert_id"}
    RECOVERED = "recovered"  # in that alert's thread: back to normal; the same body
    THREAD = "thread"  # under a purchase's cards: body = {"name", "fields"} of a Reason; dropped
    # when the purchase has left the status body["status"]
    DIRECT = "direct"  # to one person, directly: body = {"name", "fields"} of a Reason
    COPIES = "copies"  # no message: copies of a card for those it pings who are not where it is
    NEWS = "news"  # to a channel: body = {"name", "fields"} of a Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message owed to a person or a channel. Sent by `response_url` while it lives, else
    ephemerally in the channel, else directly to the user."""

    id: str
    kind: Kind
    user_id: str
    channel_id: str | None = None
    response_url: str | None = field(default=None, repr=False)
    purchase_id: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)  # JSON
    created_at: datetime
    trigger_id: str | None = None  # unique where given: a redelivered command is answered once


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One copy of a purchase's card. `ts` is None until Slack has it."""

    id: str
    purchase_id: str
    channel_id: str
    ts: str | None = None
    drawn_version: int = 0  # the purchase's version that Slack shows


# ── Moves ────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the audit says of one attempt."""

    actor_id: str  # a Slack user id, or "dialtone" for what the bot does by itself
    action: str
    outcome: str  # "done", "refused", "observed"
    at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)  # JSON, never a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One guarded move: carried out whole, or not at all when the guard fails.

    The guard: the row still has this purchase's status, revision and `closed_at`; and, where given,
    the lease is held at `entry.at`, `entry.at` is before the purchase's `expires_at`, and the
    decision that it settles is not judged yet.

    What goes with it: `version` grows by one. `closed_at` becomes `entry.at` where the target is in
    FINAL, None where only the source is. `settled_at` becomes `entry.at` on the way out of
    `confirming`, `unknown` or `failed`, except into IN_FLIGHT. Then `changes` count; but outside
    HOLDS_TOKEN no preview token is kept. The row's `attempts` begin anew.
    """

    purchase: Purchase  # as read
    target: Status
    entry: Entry
    # Purchase field → new value; among them the preview token. Never what it was made with, but an
    # order may become more exact: its number stays.
    changes: Mapping[str, Any] = field(default_factory=dict, repr=False)
    due_at: datetime | None = None  # when the next step is due; None: there is none
    lease: Lease | None = None  # must be held; stays held only with keep_lease
    keep_lease: bool = False
    before_expiry: bool = False
    unless_frozen: bool = False  # fails while a freeze is in force, however close it came before
    # Fails where this purchase would exceed it. After the move its terms must name the scope, and
    # `decided_at` be set, or it would not count itself: ValueError.
    within: "Budget | None" = None
    unless_clicked: bool = False  # fails while a click that came before expires_at is unjudged
    settles: str | None = None  # the decision that is thereby judged
    card_in: str | None = None  # a first copy of the card is owed to this channel
    messages: Sequence[Message] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Sums of monthly prices that may be approved by themselves; counted are the purchases whose
    terms name the same `scope` and which were so approved (`decided_at`) since, unless nothing was
    spent in the end (failed, cancelled). Checked under a lock, so that requests at the same moment
    cannot exceed it together. Amounts in two currencies make no sum, nor does a price that is not
    known: what would need such a sum exceeds the budget. None: no limit."""

    scope: str  # "requester U…" or "channel C…"
    day: Price | None
    day_since: datetime
    month: Price | None
    month_since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One of several approvals that a purchase needs: one row per approver and revision."""

    purchase_id: str
    revision: int
    approver_id: str
    came_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A change of a pending purchase that is no move: its status and revision stay, so clicks on
    its buttons still count. Guarded by status, revision, `closed_at` and, where given, the lease,
    like a move; what goes with it goes with a move as well: the lease is given back."""

    purchase: Purchase  # as read
    entry: Entry
    lease: Lease | None
    changes: Mapping[str, Any] = field(default_factory=dict, repr=False)  # as a Move's; no revision
    due_at: datetime | None = None
    messages: Sequence[Message] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Somebody is away until then, and the deputy may do what they may."""

    user_id: str
    deputy_id: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Nothing is bought until it is thawed."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row of the audit, as stored. `hash` covers the row and the same purchase's row before.

    A move's row has both statuses, a request's only `to_status`, any other only `from_status`: the
    one at which it was written. `seq` counts from 1 without gaps.
    """

    purchase_id: str
    seq: int
    at: datetime
    actor_id: str
    action: str
    from_status: Status | None
    to_status: Status | None
    outcome: str
    detail: Mapping[str, Any]
    hash: str


# ── Limits ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRules:
    """Who is warned of limits, when, and how often they are looked at."""

    channel_id: str | None = None  # None: nobody is warned
    thresholds: tuple[Decimal, ...] = (Decimal("0.8"), Decimal(1))
    every: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A provider's row in Queue.CHECKS, whose id is the provider's name."""

    provider: str
    due_at: datetime | None  # as it was when this was read
    failing_since: datetime | None  # it has told nothing since then; None: it does tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found, to be stored whole or, when its lease is not held at `at`, not at all."""

    check: Check  # as read
    at: datetime
    next_at: datetime  # when it is due again, unless it has been asked for meanwhile
    failing_since: datetime | None = None
    raised: Sequence[Alert] = ()  # each takes the place of the one of its subject in force
    changed: Sequence[Alert] = ()  # as they are now: level, below, ended_at
    standings: Mapping[str, tuple[Limits | None, Mapping[str, Any]]] = field(default_factory=dict)
    messages: Sequence[Message] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A purchase that took money, or may have."""

    code: str
    requester_id: str
    sent_at: datetime
    number: str | None = None  # E.164


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was bought at one price: so many purchases, and as many numbers or, where a second one
    came with them, more."""

    price: Price | None  # per month, each; None: not known
    purchases: int
    numbers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which purchases to list: newest first, or, of open ones, oldest first."""

    requester_id: str | None = None
    provider: str | None = None
    is_open: bool | None = None
    status: Status | None = None
    since: datetime | None = None  # requested then or later
    until: datetime | None = None  # requested before
    limit: int = 20
    offset: int = 0  # so many are passed over


class StoreUnavailable(Exception):
    """The database could not do it now. Nothing was changed; a later call works when the cause
    has gone."""


class Store(Protocol):
    """The database: the truth. Any method raises StoreUnavailable."""

    # Written by handlers, one transaction before the ack; idempotent on trigger_id.
    async def add_request(self, purchase: Purchase, trigger_id: str) -> Purchase:
        """Store a `requested` purchase, due at once; a free code is chosen here (the given one is
        ignored). A known trigger_id gives back the purchase it made. Audited as `request`, by the
        requester, with provider, order (what is given of it) and reason.

        With `previous_id` the previous purchase notes who asked again, until the new one is
        refused or cancelled; both times its version grows, its cards are due, and its audit says
        `request_again` ({"again": code}) or `again_ended` ({"again": code, "status": …}).

        Raises NumberTaken when a purchase of that provider is buying the same number (a `charged`
        one is open, but buys no more), PurchaseNotFound, NotToBeRepeated (not in REPEATABLE) or
        RequestedAgainAlready for what the previous one does not allow."""

    async def add_decision(self, decision: Decision) -> None:
        """Store a decision, due at once; a known trigger_id changes nothing. The clicked copy
        (`channel_id`, `message_ts`) becomes known as a card if it was not, and is due.

        Raises PurchaseNotFound."""

    async def add_message(self, message: Message) -> None:
        """Owe a message, due at once; a known trigger_id changes nothing."""

    # Reading.
    async def purchase(self, purchase_id: str) -> Purchase | None: ...
    async def by_code(self, code: str) -> Purchase | None:
        """As people type or copy it: any case, with or without `#` and marks of Slack's."""

    async def list_purchases(self, wanted: Filter) -> list[Purchase]: ...
    async def by_numbers(self, numbers: Collection[str]) -> dict[str, Purchase]:
        """The purchases that bought these numbers (first or second), by number; of several, the
        one requested last."""

    async def bought_since(self, provider: str, since: datetime) -> list[Bought]:
        """The purchases of that provider which took money (`provisioned`, `charged`; also `unknown`
        and `confirming`, which may have), sent at `since` or later, oldest first."""

    async def spent(self, provider: str, since: datetime, until: datetime) -> list[Spent]:
        """The same, sent from `since` to before `until`, summed up by price, dearest first."""

    async def per_day(self, provider: str, since: datetime) -> dict[tuple[date, Status], int]:
        """How many purchases were requested since then, by day (UTC) and present status."""

    async def waiting(self, provider: str) -> list[Purchase]:
        """Purchases that may still be bought: `requested`, `pending`, `approved`; oldest first."""

    # Limits and alerts.
    async def keep_checks(self, providers: Collection[str], *, at: datetime) -> None:
        """Have a check of each of these providers due at `at`, or earlier if it is; checks of
        others are due no more, and start afresh when they are wanted again.

        A purchase that moves on from `confirming`, `unknown` or `failed` used the limits, or did
        not after all: that makes its provider's check due by itself, if there is one, and one that
        is under way due once more."""

    async def check(self, provider: str) -> Check | None: ...
    async def checked(self, claimed: Claimed, done: Checked) -> bool:
        """Store what a check found: alerts, messages, and on purchases still waiting their
        `limits` and these keys of `details`; where that is anything new, their versions grow and
        their cards are due. The check is due again at `next_at`, or at once if it was asked for
        since it was read. False: its lease has gone, nothing was changed."""

    async def alerts(self, provider: str) -> list[Alert]:
        """Those in force."""

    async def alert(self, alert_id: str) -> Alert | None: ...
    async def alert_posted(self, alert_id: str, ts: str) -> None:
        """Slack has it."""

    async def snooze(
        self, alert_id: str, until: datetime, entry: Entry, messages: Sequence[Message] = ()
    ) -> Alert | None:
        """Keep an alert in force quiet until then, audited, and owe the messages. None: it is not
        in force any more, or snoozed at that instant already; nothing was changed."""

    async def record_alert(self, alert_id: str, entry: Entry) -> None:
        """Append a row to the alert's audit without changing anything else. Raises LookupError for
        an alert that is not there, which is a bug."""

    async def alert_audit(self, alert_id: str) -> list[AuditRow]:
        """Its rows, oldest first; `purchase_id` is the alert's id, the statuses are None."""

    async def is_alone(self, purchase: Purchase) -> bool:
        """No other purchase of its provider is, or since its `baseline_at` was, in flight
        (`settled_at` then or later). False without a baseline."""

    async def audit(self, purchase_id: str) -> list[AuditRow]: ...
    async def decision(self, decision_id: str) -> Decision | None:
        """None when it was judged already."""

    async def message(self, message_id: str) -> Message | None: ...
    async def card(self, card_id: str) -> Card | None: ...
    async def cards(self, purchase_id: str) -> list[Card]:
        """Every copy of its card."""

    # App Homes.
    async def home_opened(self, user_id: str, at: datetime) -> None:
        """Somebody looks at their Home tab: it is due at once.

        A week long after that it is kept up to date: whatever a request or a move changes makes
        the row EVERYBODY due, a second later so that several changes are drawn together."""

    async def home_version(self, user_id: str) -> int:
        """How often this Home was wanted anew."""

    async def home_published(self, claimed: Claimed, version: int) -> None:
        """Slack shows what was computed after this version was read, or never will: due no more,
        unless it was wanted anew meanwhile."""

    async def spread_homes(self, claimed: Claimed, *, at: datetime, since: datetime) -> None:
        """EVERYBODY's step: the Homes that were opened since then are due at `at`, and the claim
        is given back."""

    async def add_reason(
        self, decision: Decision, entry: Entry, messages: Sequence[Message] = ()
    ) -> Purchase | None:
        """Keep why somebody cancelled, as the purchase's `note`: the decision judged, audited, the
        version grown and cards due, the messages owed, in one transaction. None: it is not
        cancelled by that person, has a note already, or the decision was judged meanwhile; nothing
        was changed."""

    # Several approvals.
    async def add_vote(self, vote: Vote) -> None:
        """Idempotent per purchase, revision and approver, the first one counts; the purchase's row
        is locked, so that of two at the same moment whoever is last sees both. Nothing happens
        unless the purchase is pending at that revision."""

    async def votes(self, purchase_id: str, revision: int) -> list[Vote]:
        """Oldest first."""

    async def count_vote(self, decision: Decision, entry: Entry) -> None:
        """An approval was accepted that is not the last one: judged, audited, version+1, cards due.
        Nothing happens when it was judged meanwhile."""

    async def note(self, note: Note) -> Purchase | None:
        """Carry out a note, append its audit row, version+1, cards due. None: the guard failed,
        nothing was changed. Raises ValueError for a change of what is fixed."""

    # Absences, freezes, mutes; each change is a row of the logbook in the same transaction.
    async def set_absence(self, absence: Absence, entry: Entry) -> None:
        """One per person: the later one counts."""

    async def end_absence(self, user_id: str, entry: Entry) -> bool:
        """False: none is in force at `entry.at`."""

    async def absences(self, now: datetime) -> list[Absence]:
        """Those in force, the first to end first."""

    async def freeze(self, freeze: Freeze, entry: Entry) -> bool:
        """False: one is in force already. Cards of what waits (`pending`, `approved`) are due,
        their versions grow. A move that minds it and was not over before fails."""

    async def thaw(self, entry: Entry) -> bool:
        """False: none is in force. Cards of what waits are due, approved purchases as well, whoever
        had claimed them."""

    async def frozen(self) -> Freeze | None: ...
    async def mute(self, user_id: str, *, is_muted: bool, entry: Entry) -> None:
        """Nothing is logged where nothing changes."""

    async def muted(self, user_ids: Collection[str]) -> set[str]: ...
    async def log(self, entry: Entry) -> None:
        """Append to the logbook: what is audited without belonging to a purchase or an alert."""

    async def logbook(self, since: datetime) -> list[AuditRow]:
        """Its rows from then on, oldest first; `purchase_id` is "logbook"."""

    # The loop.
    async def claim(
        self, queue: Queue, limit: int, *, now: datetime, lasting: timedelta
    ) -> list[Claimed]:
        """Lease up to `limit` due rows, those due longest first; none is given out twice."""

    async def renew(self, leases: Collection[Lease], *, now: datetime, until: datetime) -> None:
        """Prolong those of the leases that are still held; none is made shorter."""

    async def next_due(self, queues: Collection[Queue]) -> datetime | None:
        """The earliest instant at which a row of these queues is or becomes claimable."""

    async def put_off(self, claimed: Claimed, due_at: datetime | None) -> None:
        """Give a claim back, due again then (None: nothing is due), if its lease is still ours:
        also when it ran out, unless somebody else has claimed the row. Counts an attempt."""

    async def move(self, move: Move) -> Purchase | None:
        """Carry out a guarded move, append its audit row, owe what it owes and mark every copy of
        the card due, all at `entry.at`, in one transaction. None: the guard failed, nothing was
        changed.

        Raises ValueError for a move that the table does not have, or a change of what is fixed."""

    async def record(self, purchase: Purchase, entry: Entry) -> None:
        """Append an audit row (an observation) without moving anything. Raises LookupError for a
        purchase that is not there, which is a bug."""

    async def dismiss(
        self, decision: Decision, entry: Entry, messages: Sequence[Message] = ()
    ) -> None:
        """A decision was refused: judged, audited, answered, in one transaction. Nothing happens
        when it was judged meanwhile: people get one answer, not two."""

    async def looked_up(self, claimed: Claimed, due_at: datetime | None) -> None:
        """`put_off` for a look-up: counts it on the purchase."""

    async def card_posted(self, claimed: Claimed, card: Card) -> None:
        """Slack shows the card with `ts` and `drawn_version`; due again at once if the purchase
        has moved on meanwhile. Another card known by the same channel and `ts` (somebody clicked
        it before) is this one, and is dropped.

        When somebody else has claimed the row and has posted it too, this is one more copy, due
        when the lost lease ends. When both drew the same copy and theirs is newer, it counts as
        drawn with this older version and is due then: nobody knows which drawing came last."""

    async def owe_cards(
        self, purchase_id: str, channel_ids: Collection[str], *, at: datetime
    ) -> None:
        """Owe one more copy of the card to each of these channels that has none."""

    async def card_lost(self, claimed: Claimed, *, repost: bool) -> None:
        """This copy is gone from Slack: forget its ts and owe it anew, or forget it for good; if
        the lease is still ours."""

    async def message_sent(self, claimed: Claimed, *, error: str | None = None) -> None:
        """Nothing more is owed: sent, or given up with this error; whoever has the lease, for what
        Slack has is not owed. The message stays, without its response_url."""

    async def tidy(self, *, now: datetime) -> None:
        """Wipe what must not be kept: response_urls (of purchases, decisions, messages) that are 30
        minutes old."""


# ── Slack ────────────────────────────────────────────────────────────────────────────────────────
class TryLater(Exception):
    """Slack could not take it now (throttled, down, connection lost). Seconds to wait if said."""

    def __init__(self, why: str, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after


class Undeliverable(Exception):
    """Slack will not take it this way, however often it is asked; `error` is Slack's code."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class CardGone(Undeliverable):
    """The message that was to be updated is not there any more."""


class Directory(Protocol):
    """Who people are and which groups they are in; cached for 60 s.

    All raise TryLater when Slack cannot say, Undeliverable when it says that there is no such
    user, group or channel, or that it will not tell (no permission, free plan)."""

    async def person(self, user_id: str) -> Person: ...
    async def members(self, group_id: str) -> frozenset[str]: ...
    async def in_channel(self, channel_id: str) -> frozenset[str]:
        """Who is in a channel; of a very large one, some of them."""


class Messenger(Protocol):
    """Slack's way out. Raises TryLater or Undeliverable."""

    async def post_card(self, channel_id: str, purchase: Purchase) -> str:
        """Post a card; its `ts`."""

    async def update_card(self, channel_id: str, ts: str, purchase: Purchase) -> None:
        """Draw a card anew in place. Raises CardGone when it was deleted."""

    async def direct(self, user_id: str) -> str:
        """The direct message with somebody, by its channel id."""

    async def report(self, channel_id: str, purchase: Purchase) -> None:
        """Say in a channel (or to a user id, directly) how the purchase ended."""

    async def post_alert(self, alert: Alert) -> str:
        """Post an alert to its channel; its `ts`."""

    async def update_alert(self, alert: Alert) -> None:
        """Draw it anew in place: snoozed, or over. Raises CardGone when it was deleted."""

    async def recovered(self, alert: Alert) -> None:
        """Say in the alert's thread that all is normal again."""

    async def say(self, channel_id: str, reason: Reason) -> None:
        """Say something in a channel."""

    async def thread(self, channel_id: str, ts: str, reason: Reason) -> None:
        """Say something under a message."""

    async def publish_home(self, user_id: str, content: Any) -> None:
        """Show somebody their App Home: what `use_cases.home` computed."""

    async def reply(self, message: Message, content: Any) -> None:
        """Say something privately to message.user_id. `content` is a domain value: a Reason, or
        what `use_cases.answers` computed."""


# ── Providers ────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A line or number on the account. `key` identifies it over time (worker id or number)."""

    key: str
    number: str | None  # E.164
    ids: Mapping[str, str] = field(default_factory=dict)
    state: str | None = None  # the provider's word, for example "ONLINE"
    name: str | None = None
    agent_name: str | None = None  # whom it is assigned to
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LimitReading:
    """What the provider says of its two windows; empty readings where it says nothing."""

    day: Reading = field(default_factory=Reading)
    month: Reading = field(default_factory=Reading)


class Provider(Protocol):
    """One provider. Errors are those of `domain.errors`: NothingSpent's family for a definite no,
    ChargedWithoutNumber, AnswerLost. Only `confirm` spends money; it is never retried."""

    name: str  # "sendblue"
    title: str  # "Sendblue"
    command: str  # "/line"
    price: Price  # of one line or number per month, where no answer names another
    default_limits: tuple[int, int] | None  # per 24 hours, per 30 days; None: it has none

    @property
    def skew_s(self) -> float | None:
        """By how many seconds its clock is ahead of ours, as last seen; None: not seen yet."""

    def insisting(self) -> "Provider":
        """The same provider, asked even while it is held to be down, when other reads and previews
        raise NotAsked at once: for what a confirm needs beforehand. Confirms are never held."""

    async def preview(self, order: Order) -> Preview:
        """Ask for a quote; retried on connection trouble. Raises NothingSpent's family only."""

    async def confirm(self, order: Order, preview_token: str | None) -> Receipt:
        """SPENDS MONEY. One request, sent once. Raises NothingSpent's family only when the
        provider said so or the request provably never left."""

    async def holdings(self) -> list[Holding]:
        """What is on the account now. Raises ProviderError."""

    def receipt(self, number: str, holdings: Sequence[Holding]) -> Receipt:
        """What the purchase of this number brought, as far as the account shows it."""

    async def limits(self) -> LimitReading:
        """Raises ProviderError."""

    async def balance(self) -> Balance | None:
        """Credits on the account; None: it has none, or does not say. Raises ProviderError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody is looking for: an area code or a city, or toll-free; `contains` digits."""

    area_code: str | None = None  # three digits
    city: str | None = None
    contains: str | None = None  # digits
    is_toll_free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A number for sale. Being offered is no reservation."""

    number: str  # E.164
    locality: str | None = None
    region: str | None = None
    price: Price | None = None  # per month, for this number alone
    capabilities: Sequence[str] = ()  # "voice", "sms", "mms"
    is_nearby: bool = False  # another area than asked for


@runtime_checkable
class NumberProvider(Provider, Protocol):
    """A provider that sells chosen numbers."""

    async def search(self, wanted: Search) -> list[Offer]:
        """Numbers for sale, in the provider's order. Raises ProviderError."""

    async def agents(self) -> list[Agent]:
        """Everybody a number can be assigned to. Raises ProviderError."""

    async def assign(self, number: str, agent_id: str) -> None:
        """Give a number on the account to an agent; spends nothing. Raises ProviderError,
        NumberNotOurs."""


# ── Operators ────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Waiting:
    """What a queue holds: rows that could be worked on, or are, and since when the oldest could;
    and those, due now or later, that were put off before."""

    due: int = 0
    oldest_due_at: datetime | None = None
    put_off: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is not over: purchases by provider and status, and what each queue holds."""

    purchases: Mapping[tuple[str, Status], int]
    queues: Mapping[Queue, Waiting]


class Meter(Protocol):
    """What operators want counted and timed. Nothing here fails or waits."""

    def moved(self, before: Purchase, after: Purchase) -> None:
        """A move was stored."""

    def confirm_sent(self, provider: str) -> None:
        """A confirm leaves now."""

    def card_posted(self, purchase: Purchase, at: datetime) -> None:
        """Slack shows the purchase's first card."""

    def decided(self, purchase: Purchase, decision: Decision) -> None:
        """A click or a typed decision was accepted; the purchase as it was before."""

    def reported(self, purchase: Purchase, at: datetime) -> None:
        """Slack has the news of how the purchase stands."""

    def limits_read(self, provider: str, limits: Limits) -> None: ...


class PolicySource(Protocol):
    """The policy as it is now; it may be read anew while the bot runs."""

    @property
    def current(self) -> Policy: ...


@dataclass(frozen=True, slots=True)
class FixedPolicy:
    """A policy that does not change."""

    current: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything the use cases may touch; built once by `bootstrap`."""

    store: Store
    clock: Clock
    directory: Directory
    messenger: Messenger
    providers: Mapping[str, Provider]  # by name; one without credentials is not in it
    rules: Rules
    meter: Meter
    wake: Callable[[], None]  # tells the loop that something is due; never blocks
    policy: PolicySource = field(
        default_factory=lambda: FixedPolicy(Policy(()))
    )  # (): `rules` count
    limits: LimitRules = field(default_factory=LimitRules)
    instance: str = ""  # what this Dialtone is called where there are several
