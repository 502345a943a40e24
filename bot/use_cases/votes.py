"""Several approvals of one purchase: each counts once, and only while its giver may approve."""

import logging

from bot.domain.decision import Action, Decision
from bot.domain.errors import PeopleUnknown, VotedAlready
from bot.domain.purchase import Purchase
from bot.ports import Ports, TryLater, Vote
from bot.use_cases import authorise, moves
from bot.use_cases.terms import approvers, of

log = logging.getLogger(__name__)


async def voters_of(ports: Ports, purchase: Purchase, decision: Decision) -> list[str]:
    """Who has approved this revision and may still approve, this decision included."""
    quorum = of(ports, purchase).quorum
    if decision.action is not Action.APPROVE or quorum == 1:
        return [decision.actor_id]
    await ports.store.add_vote(
        Vote(
            purchase_id=purchase.id,
            revision=purchase.revision,
            approver_id=decision.actor_id,
            came_at=decision.came_at,
        )
    )
    votes = await ports.store.votes(purchase.id, purchase.revision)
    return [
        vote.approver_id
        for vote in votes
        if vote.approver_id == decision.actor_id
        or await _may_still_approve(ports, purchase, vote.approver_id)
    ]


async def given(ports: Ports, purchase: Purchase) -> list[str]:
    """Who has approved this revision and, as far as Slack can tell now, may still approve."""
    found = []
    for vote in await ports.store.votes(purchase.id, purchase.revision):
        try:
            counts = await _may_still_approve(ports, purchase, vote.approver_id)
        except (PeopleUnknown, TryLater):
            counts = True
        if counts:
            found.append(vote.approver_id)
    return found


async def _may_still_approve(ports: Ports, purchase: Purchase, user_id: str) -> bool:
    if not (await authorise.person(ports.directory, user_id)).is_member:
        return False
    return await authorise.is_approver(
        ports, approvers(ports, purchase), user_id, requester_id=purchase.requester_id
    )


async def voted_already(
    ports: Ports, purchase: Purchase, decision: Decision
) -> VotedAlready | None:
    quorum = of(ports, purchase).quorum
    if quorum == 1:
        return None
    votes = await ports.store.votes(purchase.id, purchase.revision)
    mine = next((vote for vote in votes if vote.approver_id == decision.actor_id), None)
    if mine is None or mine.came_at == decision.came_at:  # this very one, judged once more
        return None
    missing = quorum - len(await given(ports, purchase))
    return VotedAlready(code=purchase.code, quorum=quorum, missing=max(1, missing))


def has_counted(ports: Ports, purchase: Purchase, decision: Decision) -> bool:
    """Whether it was approved with this approver's vote among several."""
    is_vote = decision.action is Action.APPROVE and decision.revision == purchase.revision
    voters = purchase.details.get("approved_by", ())
    return is_vote and of(ports, purchase).quorum > 1 and decision.actor_id in voters


async def count(
    ports: Ports,
    purchase: Purchase,
    decision: Decision,
    *,
    missing: int,
    away: str | None = None,
) -> None:
    """One of several: the card shows it, and waits for the others. `away`: in whose place."""
    now = ports.clock.now()
    await ports.store.count_vote(
        decision,
        moves.entry(
            decision.action.value,
            now,
            actor=decision.actor_id,
            outcome="counted",
            came_at=decision.came_at.isoformat(),
            missing=missing,
            deputy_for=away,
        ),
    )
    log.info(
        "decision.counted",
        extra={"purchase": purchase.code, "actor": decision.actor_id, "missing": missing},
    )
    ports.wake()
