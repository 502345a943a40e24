"""What people ask to see. The question is owed like any message and answered by the loop: an
answer may need the provider or Slack, neither of which may be awaited before the ack."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.errors import NotSetUp, PurchaseNotFound
from bot.domain.limits import Limits
from bot.domain.purchase import Purchase
from bot.ports import AuditRow, Filter, Holding, Kind, Message, Ports, Provider
from bot.use_cases.authorise import may_read
from bot.use_cases.check_limits import read_limits
from bot.use_cases.moves import new_id


class Ask(StrEnum):
    """The reading commands."""

    PENDING = "pending"
    HISTORY = "history"
    SHOW = "show"
    LIST = "list"
    LIMITS = "limits"


@dataclass(frozen=True, slots=True)
class Help:
    """What guests and strangers get, and nothing else."""


@dataclass(frozen=True, slots=True)
class OpenPurchases:
    """Everything that is not over, oldest first; also unsettled `unknown` and `charged` ones."""

    purchases: Sequence[Purchase]


@dataclass(frozen=True, slots=True)
class History:
    """Purchases of everybody or of one person, newest first."""

    purchases: Sequence[Purchase]
    requester_id: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """One purchase and its audit, oldest row first."""

    purchase: Purchase
    rows: Sequence[AuditRow]


@dataclass(frozen=True, slots=True)
class Held:
    """A line on the account and the purchase it came from, if it was bought here."""

    holding: Holding
    purchase: Purchase | None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the account holds."""

    title: str  # the provider's
    held: Sequence[Held]


@dataclass(frozen=True, slots=True)
class LimitsAnswer:
    """Both windows, and the provider they belong to; None where it has none."""

    title: str
    limits: Limits | None


Content = Help | OpenPurchases | History | Story | Holdings | LimitsAnswer

READABLE = 50  # more than a message can hold; the rest is counted, not listed


async def ask(
    ports: Ports,
    *,
    ask: Ask,
    provider: str,
    user_id: str,
    channel_id: str | None,
    response_url: str | None,
    trigger_id: str,
    code: str | None = None,
    of: str | None = None,
) -> None:
    """Write a question down; the loop answers it. One transaction."""
    await ports.store.add_message(
        Message(
            id=new_id(),
            kind=Kind.ANSWER,
            user_id=user_id,
            channel_id=channel_id,
            response_url=response_url,
            body={"ask": ask.value, "provider": provider, "code": code, "of": of},
            created_at=ports.clock.now(),
            trigger_id=trigger_id,
        )
    )
    ports.wake()


async def answer(ports: Ports, message: Message) -> Content:
    """What the asker may see of it, as it is now. Raises PurchaseNotFound, NotSetUp,
    ProviderError, TryLater."""
    if not await may_read(ports, message.user_id):
        return Help()
    name: str = message.body["provider"]
    match Ask(message.body["ask"]):
        case Ask.PENDING:
            wanted = Filter(provider=name, is_open=True, limit=READABLE)
            return OpenPurchases(await ports.store.list_purchases(wanted))
        case Ask.HISTORY:
            of = message.body.get("of")
            wanted = Filter(provider=name, requester_id=of, limit=READABLE)
            return History(await ports.store.list_purchases(wanted), of)
        case Ask.SHOW:
            return await _story(ports, message.body.get("code") or "")
        case Ask.LIST:
            return await _holdings(ports, _provider(ports, name))
        case Ask.LIMITS:
            provider = _provider(ports, name)
            return LimitsAnswer(provider.title, await read_limits(ports, provider))


def _provider(ports: Ports, name: str) -> Provider:
    if name not in ports.providers:
        raise NotSetUp(provider=name.title())
    return ports.providers[name]


async def _story(ports: Ports, code: str) -> Story:
    purchase = await ports.store.by_code(code)
    if purchase is None:
        raise PurchaseNotFound(code=code)
    return Story(purchase, await ports.store.audit(purchase.id))


async def _holdings(ports: Ports, provider: Provider) -> Holdings:
    holdings = await provider.holdings()
    bought = await ports.store.by_numbers({each.number for each in holdings if each.number})
    return Holdings(
        provider.title, [Held(each, bought.get(each.number or "")) for each in holdings]
    )
