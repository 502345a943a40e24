"""The database: the truth.

Every method is one transaction. A method that changes something commits before it returns.
Work is claimed with a lease: a token that must still be held, and an instant up to which it is.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.domain.alerts import Alert
from bot.domain.decision import Decision
from bot.domain.purchase import Purchase, Status
from bot.ports.limits import Bought, Check, Checked, Filter, Others, Spent
from bot.ports.moves import Absence, AuditRow, Entry, Freeze, Move, Note, Vote
from bot.ports.owed import Card, Message
from bot.ports.work import Claimed, Lease, Queue

MOST_WAITING = 100  # in one answer
MOST_COMPARED = 1000  # of those that wait; nobody looks through more cards for the same purchase


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

        Raises Frozen while a freeze is in force, NumberTaken when a purchase of that provider is
        buying the same number (a `charged` one is open, but buys no more), PurchaseNotFound,
        NotToBeRepeated (not in REPEATABLE) or RequestedAgainAlready for what the previous one does
        not allow."""

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

    async def spent(
        self, provider: str, since: datetime, until: datetime, requester_id: str | None = None
    ) -> list[Spent]:
        """The same, sent from `since` to before `until`, summed up by price, dearest first; with
        `requester_id` of what that person requested."""

    async def per_day(self, provider: str, since: datetime) -> dict[tuple[date, Status], int]:
        """How many purchases were requested since then, by day (UTC) and present status."""

    async def waiting(self, provider: str, after: Purchase | None = None) -> list[Purchase]:
        """Purchases that may still be bought: `requested`, `pending`, `approved`; oldest first, at
        most MOST_WAITING. With `after` (any purchase) those that come later than it."""

    async def others(self, purchase: Purchase) -> Others:
        """What else of these waits at the provider of a purchase that is one of them itself:
        counted up to MOST_COMPARED, and alike of those that were asked for last."""

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
    async def decision(self, decision_id: str) -> tuple[Decision, Purchase] | None:
        """And what it is about. None when it was judged already."""

    async def message(self, message_id: str) -> tuple[Message, Purchase | None] | None:
        """And what it is about, if it is about one."""

    async def card(self, card_id: str) -> tuple[Card, Purchase] | None:
        """And what it shows."""

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
    async def take(
        self, places: Mapping[Queue, int], *, now: datetime, lasting: timedelta
    ) -> tuple[list[Claimed], datetime | None]:
        """Lease up to so many due rows of each queue, those due longest first; none is given out
        twice. And, where nothing was due, the earliest instant at which a row of these queues is
        or becomes claimable."""

    async def renew(self, leases: Collection[Lease], *, now: datetime, until: datetime) -> None:
        """Prolong those of the leases that are still held; none is made shorter."""

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
