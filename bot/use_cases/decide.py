"""Somebody decides: the click is written down at once, and judged by the loop."""

import logging
from dataclasses import replace
from datetime import timedelta

from bot import story
from bot.domain import sellers
from bot.domain.approval import Roster, judge
from bot.domain.decision import Action, Decision
from bot.domain.errors import (
    NumberNamedBefore,
    PeopleUnknown,
    PurchaseNotFound,
    Refusal,
    SaidNotBought,
    UnknownCard,
)
from bot.domain.purchase import Purchase, Status
from bot.ports import Claimed, Move, Ports, TryLater
from bot.use_cases import authorise, freeze, moves
from bot.use_cases.cancel_reason import judge_reason
from bot.use_cases.terms import approvers, of
from bot.use_cases.votes import count, has_counted, voted_already, voters_of

log = logging.getLogger(__name__)

PATIENCE = 5  # how often Slack may be unable to say who somebody is
RETRY = timedelta(seconds=1)


async def decide(
    ports: Ports,
    *,
    action: Action,
    actor_id: str,
    trigger_id: str,
    purchase_id: str | None = None,
    code: str | None = None,
    revision: int | None = None,
    number: str | None = None,
    note: str | None = None,
    channel_id: str | None = None,
    response_url: str | None = None,
    message_ts: str | None = None,
) -> None:
    """Write a click or a typed decision down. Raises UnknownCard, PurchaseNotFound.

    By `purchase_id` and `revision` from a button, or by the `code` that somebody typed, which
    means the purchase as it stands now.
    """
    came_at = ports.clock.now()
    if purchase_id is None or revision is None:
        found = await ports.store.by_code(code or "")
        if found is None:
            raise PurchaseNotFound(code=code, instance=ports.instance)
        purchase_id, revision = found.id, found.revision
    decision = Decision(
        id=moves.new_id(),
        purchase_id=purchase_id,
        revision=revision,
        action=action,
        actor_id=actor_id,
        came_at=came_at,
        trigger_id=trigger_id,
        number=number,
        note=note,
        channel_id=channel_id,
        response_url=response_url,
        message_ts=message_ts,
    )
    ports.wake()  # the loop's look may share the commit
    try:
        await ports.store.add_decision(decision)
    except PurchaseNotFound:
        raise UnknownCard(instance=ports.instance) from None
    ports.wake()


async def judge_decision(ports: Ports, claimed: Claimed) -> None:
    """The loop's step for a stored decision: accept it, or refuse it and say why."""
    while True:
        found = await ports.store.decision(claimed.id)
        if found is None:  # judged meanwhile
            await ports.store.put_off(claimed, None)
            return
        decision, purchase = found
        story.tell_of(purchase.code)
        if decision.action is Action.REASON:
            await judge_reason(ports, purchase, decision)
            return
        try:
            refusal = await _refusal(ports, purchase, decision)
            away = None if refusal else await _deputy_for(ports, purchase, decision)
            voters = [] if refusal else await voters_of(ports, purchase, decision)
        except TryLater as error:
            if claimed.attempts < PATIENCE:
                await ports.store.put_off(claimed, ports.clock.now() + RETRY)
                return
            refusal = PeopleUnknown(slack_error=error.why)
        except PeopleUnknown as error:
            refusal = error
        if refusal is not None:
            await _refuse(ports, purchase, decision, refusal)
            return
        if await _is_carried_out(ports, purchase, decision, voters, away):
            return
        # Somebody was first: look again, and say who.


async def _is_carried_out(
    ports: Ports, purchase: Purchase, decision: Decision, voters: list[str], away: str | None
) -> bool:
    missing = of(ports, purchase).quorum - len(voters)
    if decision.action is Action.APPROVE and missing > 0:
        await count(ports, purchase, decision, missing=missing, away=away)
        return True
    if await moves.make(ports, _accept(ports, purchase, decision, voters, away)) is None:
        return False
    ports.meter.decided(purchase, decision)
    return True


async def _refusal(ports: Ports, purchase: Purchase, decision: Decision) -> Refusal | None:
    actor = await authorise.person(ports.directory, decision.actor_id)
    approvers = _approvers(ports, purchase, decision.action)
    is_approver = actor.is_member and await authorise.is_approver(
        ports, approvers, actor.id, requester_id=purchase.requester_id
    )
    refusal = judge(
        purchase,
        decision,
        actor=actor,
        is_approver=is_approver,
        rules=replace(ports.rules, approvers=approvers),
    )
    if refusal is None and decision.action is Action.APPROVE:
        refusal = await freeze.refusal(ports) or await voted_already(ports, purchase, decision)
    if refusal is None and decision.number is not None:
        other = (await ports.store.by_numbers({decision.number})).get(decision.number)
        if other is not None and other.id != purchase.id:
            return NumberNamedBefore(number=decision.number, other=other.code, code=purchase.code)
    return refusal


async def _deputy_for(ports: Ports, purchase: Purchase, decision: Decision) -> str | None:
    """In whose place somebody decides."""
    if decision.actor_id == purchase.requester_id and decision.action is Action.CANCEL:
        return None  # they need nobody's right for that
    return await authorise.represented(
        ports,
        _approvers(ports, purchase, decision.action),
        decision.actor_id,
        requester_id=purchase.requester_id,
    )


def _in_place_of(away: str | None) -> dict[str, str]:
    return {} if away is None else {"deputy_for": away}


def _approvers(ports: Ports, purchase: Purchase, action: Action) -> Roster:
    """Whose word counts: to approve, those of the purchase's rule; to cancel, APPROVERS as well,
    who alone settle what is in doubt."""
    theirs, general = approvers(ports, purchase), ports.rules.approvers
    match action:
        case Action.APPROVE:
            return theirs
        case Action.CANCEL:
            return Roster(theirs.users | general.users, theirs.groups | general.groups)
        case _:
            return general


async def _refuse(ports: Ports, purchase: Purchase, decision: Decision, refusal: Refusal) -> None:
    if await has_counted(ports, purchase, decision):
        # Approved with it, by whoever judged another one just now.
        await count(ports, purchase, decision, missing=0)
        return
    now = ports.clock.now()
    log.info(
        "decision.refused",
        extra={
            "purchase": purchase.code,
            "action": decision.action.value,
            "actor": decision.actor_id,
            "error": refusal.reason.name,
        },
    )
    await ports.store.dismiss(
        decision,
        moves.entry(
            decision.action.value,
            now,
            actor=decision.actor_id,
            outcome="refused",
            came_at=decision.came_at.isoformat(),
            **moves.why(refusal),
        ),
        [
            moves.reply(
                moves.about(purchase, refusal),
                now,
                user_id=decision.actor_id,
                channel_id=decision.channel_id,
                response_url=decision.response_url,
                purchase_id=purchase.id,
            )
        ],
    )
    ports.wake()


def _accept(
    ports: Ports, purchase: Purchase, decision: Decision, voters: list[str], away: str | None
) -> Move:
    now = ports.clock.now()
    made = moves.entry(
        decision.action.value,
        now,
        actor=decision.actor_id,
        came_at=decision.came_at.isoformat(),
        number=decision.number,
        note=decision.note,
        deputy_for=away,
    )
    actor, due_at = decision.actor_id, None
    match decision.action:
        case Action.APPROVE:
            return Move(
                purchase=purchase,
                target=Status.APPROVED,
                entry=made,
                changes={
                    "approver_id": actor,
                    "decided_at": decision.came_at,
                    "details": {**purchase.details, "approved_by": voters, **_in_place_of(away)},
                },
                due_at=now,
                settles=decision.id,
            )
        case Action.CANCEL:
            target = Status.CANCELLED
            changes = {
                "cancelled_by": actor,
                "decided_at": decision.came_at,
                "note": decision.note,
            }
        case Action.BOUGHT:
            target = Status.PROVISIONED
            changes = {"settled_by": actor, "number": decision.number, "why": None}
        case Action.NOTHING_BOUGHT:
            # People err: the account is looked at once more at once, and for the rest of the day.
            target, due_at = Status.FAILED, now
            said = SaidNotBought(provider=sellers.of(purchase.provider).title, person=actor)
            changes = {"settled_by": actor, "why": said.reason}
        case Action.CLOSE:
            target = Status.CHARGED
            changes = {"closed_by": actor, "closed_at": now, "note": decision.note}
    return Move(
        purchase=purchase,
        target=target,
        entry=made,
        changes=changes,
        due_at=due_at,
        settles=decision.id,
        messages=[moves.report(purchase, target.value, now)],
    )
