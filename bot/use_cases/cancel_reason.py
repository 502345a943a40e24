"""Why somebody cancelled, told after the fact: the cancel counts whether it comes or not."""

from bot.domain.decision import Decision
from bot.domain.errors import NoReasonWanted, Reason
from bot.domain.purchase import Purchase
from bot.ports import Ports
from bot.use_cases import moves


async def judge_reason(ports: Ports, purchase: Purchase, decision: Decision) -> None:
    """Keep it, and tell the requester; or say that there is no room for it. Only whoever cancelled
    may, once: that needs nobody's word but the record's."""
    now = ports.clock.now()
    entry = moves.entry(
        decision.action.value,
        now,
        actor=decision.actor_id,
        came_at=decision.came_at.isoformat(),
        note=decision.note,
    )
    told = Reason(
        "CancelReason",
        {"code": purchase.code, "person": decision.actor_id, "why": decision.note},
    )
    owed = [moves.reply_to_requester(purchase, told, now)]
    if await ports.store.add_reason(decision, entry, owed) is None:
        refusal = NoReasonWanted(code=purchase.code, status=purchase.status.value)
        refused = moves.entry(
            decision.action.value,
            now,
            actor=decision.actor_id,
            outcome="refused",
            **moves.why(refusal),
        )
        reply = moves.reply(
            refusal.reason,
            now,
            user_id=decision.actor_id,
            channel_id=decision.channel_id,
            response_url=decision.response_url,
            purchase_id=purchase.id,
        )
        await ports.store.dismiss(decision, refused, [reply])
    ports.wake()
