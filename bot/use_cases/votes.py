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
    """Who has approved this revision and may still approve, this decision included; each right to
    approve once, so that somebody and their deputy are one. Raises PeopleUnknown, TryLater, and
    then this vote was not stored."""
    actor, quorum = decision.actor_id, of(ports, purchase).quorum
    if decision.action is not Action.APPROVE or quorum == 1:
        return [actor]
    before = await ports.store.votes(purchase.id, purchase.revision)
    voters = [*(vote.approver_id for vote in before), actor]
    known = {each: await _right_of(ports, purchase, each) for each in voters}
    await ports.store.add_vote(
        Vote(
            purchase_id=purchase.id,
            revision=purchase.revision,
            approver_id=actor,
            came_at=decision.came_at,
        )
    )
    for vote in await ports.store.votes(purchase.id, purchase.revision):
        if vote.approver_id not in known:  # who has voted at the same moment
            known[vote.approver_id] = await _right_of(ports, purchase, vote.approver_id)
    return _distinct(known)


async def given(ports: Ports, purchase: Purchase) -> list[str]:
    """Who has approved this revision and, as far as Slack can tell now, may still approve."""
    found: dict[str, str | None] = {}
    for vote in await ports.store.votes(purchase.id, purchase.revision):
        try:
            found[vote.approver_id] = await _right_of(ports, purchase, vote.approver_id)
        except (PeopleUnknown, TryLater):
            found[vote.approver_id] = vote.approver_id
    return _distinct(found)


def _distinct(rights: dict[str, str | None]) -> list[str]:
    """One voter for each right; whose right it is goes before the deputy."""
    chosen: dict[str, str] = {}
    for voter, right in rights.items():
        if right is not None and (right not in chosen or voter == right):
            chosen[right] = voter
    return list(chosen.values())


async def _right_of(ports: Ports, purchase: Purchase, user_id: str) -> str | None:
    """By whose right this person approves: their own, or that of somebody who is away; None: they
    may not."""
    if not (await authorise.person(ports.directory, user_id)).is_member:
        return None
    roster = approvers(ports, purchase)
    if await authorise.is_in(ports.directory, roster, user_id):
        return user_id
    return await authorise.deputy_for(ports, roster, user_id, requester_id=purchase.requester_id)


async def voted_already(
    ports: Ports, purchase: Purchase, decision: Decision
) -> VotedAlready | None:
    """Of somebody whose vote is stored; not where enough of them count by now, for then this click
    completes it."""
    quorum = of(ports, purchase).quorum
    if quorum == 1:
        return None
    votes = await ports.store.votes(purchase.id, purchase.revision)
    mine = next((vote for vote in votes if vote.approver_id == decision.actor_id), None)
    if mine is None or mine.came_at == decision.came_at:  # this very one, judged once more
        return None
    missing = quorum - len(await given(ports, purchase))
    if missing <= 0:
        return None
    return VotedAlready(code=purchase.code, quorum=quorum, missing=missing)


async def has_counted(ports: Ports, purchase: Purchase, decision: Decision) -> bool:
    """Whether it was approved with this very vote among several."""
    if decision.action is not Action.APPROVE or of(ports, purchase).quorum == 1:
        return False
    if decision.actor_id not in purchase.details.get("approved_by", ()):
        return False
    votes = await ports.store.votes(purchase.id, decision.revision)
    this = (decision.actor_id, decision.came_at)
    return this in [(vote.approver_id, vote.came_at) for vote in votes]


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
