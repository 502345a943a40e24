"""Everything that can go wrong, named by the fact.

Each docstring is the sentence a person reads; `{field:kind}` is filled in by `handlers.wording`,
which knows how Slack writes a user, an instant or a number and escapes the rest; what comes after
`kind|` is said where the field is not known. The attributes are for the log and the audit. Families
are split by who must act. Longer than other files so that every sentence about money stands beside
its neighbours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """An error as it is stored: its name and its fields (JSON: strings, numbers, ISO instants)."""

    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The sentence of that error, unfilled; a name from a newer version has a general one."""
        return " ".join((BY_NAME.get(self.name, DialtoneError).__doc__ or "").split())


class DialtoneError(Exception):
    """Something went wrong ({name}). Ask whoever runs Dialtone to look at the log."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(type(self).__name__)
        self.fields = {key: value for key, value in fields.items() if value is not None}

    @property
    def reason(self) -> Reason:
        return Reason(type(self).__name__, self.fields)


class NotAnswered(DialtoneError):
    """Something broke here while I was finding that out (incident {incident}). Nothing was bought
    or changed. Ask whoever runs Dialtone to look that incident up in the log."""


class NotStored(DialtoneError):
    """Dialtone's database does not answer right now, so nothing was stored and nothing was bought
    by this. Try again in a minute; if it goes on, tell whoever runs Dialtone."""


# ── What a person asked for is not allowed, or came too late. Nothing was spent. ─────────────────
class Refusal(DialtoneError):
    """That is not possible. Nothing was spent."""


class PurchaseNotFound(Refusal):
    """{instance:instance} know no purchase `{code}`. `/line pending` and `/number pending` list the
    open ones, `/line history` and `/number history` the others. Nothing was changed."""


class UnknownCard(Refusal):
    """{instance:instance} know no purchase behind that button. Nothing was changed. If another
    Dialtone shares this Slack app, press again: Slack hands each click to one of us. Otherwise the
    record is gone, and you can ask anew with `/line buy` or `/number provision`."""


class NotToBeRepeated(Refusal):
    """`{code}` is {status:status}, so it cannot be requested again. Nothing was requested."""


class RequestedAgainAlready(Refusal):
    """{requester:user} has already requested `{code}` again: `{again}` is {status:status}. Nothing
    more was requested."""


class NotAFullMember(Refusal):
    """Only full members of this workspace can use Dialtone; guests and people from other
    workspaces cannot. Nothing was requested and nothing was spent."""


class NotARequester(Refusal):
    """You are not among the people who may request purchases here. Ask whoever runs Dialtone to
    add you (`REQUESTERS`). Nothing was spent."""


class NotAnApprover(Refusal):
    """Only approvers may do that with `{code}`: {approvers:roster}. Nothing was changed."""


class NoRule(Refusal):
    """No rule of the policy says who may approve this, so nobody was asked and nothing was bought.
    Whoever runs Dialtone can add a rule; `/line policy` shows them."""


class VotedAlready(Refusal):
    """You have approved `{code}` already, so nothing was changed. It takes {quorum} people;
    {missing} more to go."""


class AlertGone(Refusal):
    """{instance:instance} know no alert behind that button. Nothing was changed. If another
    Dialtone shares this Slack app, press again: Slack hands each click to one of us."""


class AlertOver(Refusal):
    """This alert is over, or somebody has snoozed it already. Nothing was changed."""


class NotAnApproverAnyMore(Refusal):
    """Your Slack account is a guest's, a stranger's or deactivated, so it cannot decide on
    `{code}`. Nothing was changed."""


class OwnPurchase(Refusal):
    """You requested `{code}` yourself, so somebody else has to approve it: {approvers:roster}.
    Nothing was spent."""


class NotYourPurchase(Refusal):
    """Only {requester:user}, who requested `{code}`, or an approver can cancel it. It stands as
    it was."""


class NoReasonWanted(Refusal):
    """Your reason was not kept: only whoever cancelled `{code}` can say why, and only once. It is
    {status:status}. Nothing was changed."""


class ReasonWanted(Refusal):
    """Your approvers want a reason with this request, so nothing was requested. Ask again with
    one."""


class CancelReason(Refusal):
    """{person:user} says why `{code}` was cancelled, so that nothing was bought: “{why}”."""


class PeopleUnknown(Refusal):
    """I could not check with Slack whether you may do that, so I did not. Nothing was spent or
    changed; try again in a minute."""


class MayNotSnooze(Refusal):
    """Only approvers may snooze alerts: {approvers:roster}. Nothing was changed."""


class StaleRevision(Refusal):
    """`{code}` has changed since that button was drawn, so your click does not count. Look at the
    card as it is now and decide again. Nothing was spent."""


class CameTooLate(Refusal):
    """That came at {came_at:time}, after the price of `{code}` had expired at {expires_at:time}.
    Nothing was spent; request it again."""


class AlreadyApproved(Refusal):
    """{approver:user} has already approved `{code}`; it cannot be decided twice. Nothing
    was changed."""


class ConfirmUnderWay(Refusal):
    """`{code}` is being bought right now and cannot be stopped any more. The card will say how it
    ended."""


class AlreadyEnded(Refusal):
    """`{code}` is over: {status:status}. Nothing was changed."""


class NotReadyYet(Refusal):
    """`{code}` has no price yet; wait for its card. Nothing was changed."""


class NumberNamedBefore(Refusal):
    """{number:phone} is what `{other}` became. Nothing was changed; look at the account again and
    say which number `{code}` became."""


class NothingToSettle(Refusal):
    """`{code}` has no open question; it is {status:status}. Nothing was changed."""


class OutcomeNotKnown(Refusal):
    """`{code}` may have been bought and its answer was lost: it can only be settled on its card.
    Nothing was changed."""


class NumberTaken(Refusal):
    """{number:phone} is already being bought: `{code}` is {status:status}. Nothing was requested;
    wait for that one, or cancel it first."""


class TookTooLong(Refusal):
    """I could not get to `{code}` within 30 minutes, so I gave it up. Nothing was spent; request
    it again."""


class CannotPostCard(Refusal):
    """I could not post the card for `{code}` in {channel:channel} (Slack says `{error}`), so
    nobody could have approved it. Nothing was spent. Invite me there (`/invite @Dialtone`) and ask
    again, or have `APPROVAL_CHANNEL` set to a channel I am in."""


class NotSetUp(Refusal):
    """{provider} is not set up here: its credentials are missing. Nothing was requested and
    nothing was spent."""


class Frozen(Refusal):
    """Buying is frozen: {by:user} stopped it {at:time}, saying “{why}”. Nothing was requested,
    approved or bought by this. An approver ends that with `/line thaw`; try again then."""


class FrozenAlready(Refusal):
    """Buying is frozen already: {by:user} stopped it {at:time}, saying “{why}”. Nothing was
    changed."""


class NotFrozen(Refusal):
    """Buying is not frozen. Nothing was changed."""


class MayNotFreeze(Refusal):
    """Only approvers may freeze and thaw buying: {approvers:roster}. Nothing was changed."""


class MayNotDelegate(Refusal):
    """You approve nothing here, so there is nothing that a deputy could do for you. Nothing was
    changed."""


class DeputyIsYou(Refusal):
    """You cannot be your own deputy. Name somebody else. Nothing was changed."""


class DeputyNotMember(Refusal):
    """{deputy:user} is no full member of this workspace and so cannot decide for you. Name somebody
    else. Nothing was changed."""


class DeputyAway(Refusal):
    """{deputy:user} is away until {until:time}, and you decide for them. Name somebody else.
    Nothing was changed."""


class UntilPast(Refusal):
    """That was {until:time}, which is over. Say until when you are away. Nothing was changed."""


class UntilTooFar(Refusal):
    """That is {until:time}, more than a year from now. Name an earlier day. Nothing was changed."""


class NotAway(Refusal):
    """You are not down as away. Nothing was changed."""


# ── The provider. `said` is its own message, shown after the sentence. ───────────────────────────
class ProviderError(DialtoneError):
    """{provider} could not do that."""


class NothingSpent(ProviderError):
    """{provider} said no. Nothing was spent."""


class MissingToken(NothingSpent):
    """{provider} says the preview token was missing. That is a fault of mine; nothing was
    bought. Request it again."""


class BadCredentials(NothingSpent):
    """{provider} does not accept my credentials. Nothing was bought. Whoever runs Dialtone must
    check the API keys."""


class NoCardOnFile(NothingSpent):
    """The {provider} account has no card on file. Nothing was bought. Add one there, then
    request it again."""


class NotEligible(NothingSpent):
    """The {provider} account may not buy lines this way (it must be on the inbound_only / Agent
    plan). Nothing was bought. Ask {provider} about the plan."""


class ForeignToken(NothingSpent):
    """{provider} says the preview belongs to another account. Nothing was bought. Request it
    again; if it happens twice, whoever runs Dialtone must check the API keys."""


class PreviewExpired(NothingSpent):
    """The price of `{code}` expired before the purchase reached {provider}. Nothing was bought.
    Request it again."""


class NotSent(NothingSpent):
    """I was held up and did not send the purchase of `{code}` in time. Nothing was bought.
    Request it again."""


class DailyLimitReached(NothingSpent):
    """The account has reached {provider}'s limit of lines per 24 hours. Nothing was bought. The
    next one is free {frees_at:latest|when the oldest of today's purchases is 24 hours old}."""


class MonthlyLimitReached(NothingSpent):
    """The account has reached {provider}'s limit of lines per 30 days. Nothing was bought. The
    next one is free {frees_at:latest|when the oldest of those purchases is 30 days old}."""


class NoneAvailable(NothingSpent):
    """{provider} has none to sell right now. Nothing was bought. Try again later."""


class NotChecked(NothingSpent):
    """{provider} could not be asked. Nothing was bought. Try again in a few minutes."""


class Throttled(NotChecked):
    """{provider} asks me to slow down. Nothing was bought. Try again in a minute."""


class ProviderUnreachable(NotChecked):
    """I could not reach {provider}, so nothing was asked and nothing was bought. Try again in a
    few minutes."""


class NotAsked(ProviderUnreachable):
    """{provider} did not answer my last calls, so I did not ask it. Nothing was bought. Try again
    in half a minute."""


class NoAnswer(NotChecked):
    """{provider} gave no complete answer in time. I had only asked, which spends nothing, so
    nothing was bought. Try again in a few minutes."""


class ProviderFailing(NotChecked):
    """{provider} answered with a failure of its own (HTTP {http_status}) when I asked for the
    price. Asking spends nothing, so nothing was bought. Try again in a few minutes."""


class ProviderUnclear(NotChecked):
    """{provider} gave an answer to the preview that I do not understand. A preview spends
    nothing, so nothing was bought. Try again; if it stays so, whoever runs Dialtone must look at
    the log."""


class NumberGone(NothingSpent):
    """{number:phone} is not for sale any more. Nothing was bought. `/number search` shows what
    is."""


class NumberAlreadyOurs(NothingSpent):
    """{number:phone} is already on the {provider} account. Nothing was bought."""


class NumberLimitReached(NothingSpent):
    """The {provider} account has reached its limit of numbers. Nothing was bought. Release one
    there or ask {provider} for more."""


class CarrierRefused(NothingSpent):
    """The carrier of {provider} refused {number:phone}; it is probably gone. Nothing was bought.
    `/number search` shows what is for sale."""


class NumberMissing(NothingSpent):
    """No phone number reached {provider}. That is a fault of mine; nothing was bought. Request
    it again."""


class CarrierNotSetUp(NothingSpent):
    """{provider} has no working access to its own carrier. Nothing was bought. Only {provider}
    can put that right."""


class NumberNotOurs(NothingSpent):
    """{number:phone} is not on the {provider} account. Nothing was changed."""


class AgentNotFound(NothingSpent):
    """{provider} has no agent called {agent}. Nothing was requested or changed. It has:
    {known}."""


class SeveralAgents(NothingSpent):
    """{provider} has several agents called {agent}. Nothing was requested or changed. Say which
    by its id: {known}."""


class AgentsNotChecked(NothingSpent):
    """I could not check with {provider} that it has the agent {agent}, and a wrong one would
    fail only after the purchase. Nothing was bought. Try again, or request the number without an
    agent and assign it afterwards (`/number assign`)."""


class SaidNotBought(NothingSpent):
    """The answer of {provider} was lost; {person:user} looked there and says that nothing was
    bought."""


class AssignmentUnclear(ProviderError):
    """{provider} did not say whether {number:phone} was assigned. Nothing was bought.
    `/number list` shows whose it is; assigning it again does no harm."""


class ChargedWithoutNumber(ProviderError):
    """{provider} took the money but gave no number. {provider:taken} Somebody must sort this out
    with {provider} and then close `{code}` here."""


class FoundOnAccount(ProviderError):
    """The answer to the purchase was lost; I found the number on the account."""


class AnswerLost(ProviderError):
    """The answer of {provider} to the purchase was lost ({what}). It may or may not have been
    bought; I am looking it up and will never send it a second time."""


def _family(root: type[DialtoneError]) -> dict[str, type[DialtoneError]]:
    found = {root.__name__: root}
    for child in root.__subclasses__():
        found |= _family(child)
    return found


BY_NAME: Mapping[str, type[DialtoneError]] = _family(DialtoneError)
