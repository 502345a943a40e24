"""Opening forms: the one thing that a listener asks of Slack itself, because the trigger lives for
three seconds. What is slow to be had is filled in afterwards."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import sellers
from bot.domain.agent import Agent
from bot.domain.errors import NotSetUp, ProviderError, Reason
from bot.domain.purchase import Purchase, Status
from bot.ports import NumberProvider, Ports, TryLater, Undeliverable
from bot.use_cases.authorise import may_read
from handlers import forms, modals, web_api
from handlers.errors import Body, owe
from handlers.forms import Draft, Shown
from handlers.payloads import Click
from handlers.tasks import Tasks

log = logging.getLogger(__name__)

AGENTS_S = 10.0
_LOOKS, _BETWEEN_S = 30, 0.05  # for a cancel to be judged, while the trigger lives
_MAY_BE_CANCELLED = frozenset({Status.REQUESTED, Status.PENDING, Status.APPROVED})


class Forms:
    """Each method starts a task and returns: the ack is not kept waiting."""

    def __init__(self, ports: Ports, client: AsyncWebClient, tasks: Tasks) -> None:
        self._ports = ports
        self._client = client
        self._tasks = tasks

    def settle(self, body: Body, click: Click) -> None:
        """What has to be known to settle a purchase."""
        self._tasks.start(self._settle(body, click))

    def why(self, click: Click) -> None:
        """Why it was cancelled, once it is, by whoever did it for somebody else."""
        self._tasks.start(self._why(click))

    def buy(self, body: Body, trigger_id: str, draft: Draft | None = None) -> None:
        """What somebody wants to buy; without a draft where there is one provider or another.

        Raises NotSetUp."""
        if draft is None:
            draft = Draft(provider=next(iter(self._ports.providers), ""))
        if draft.provider not in self._ports.providers:
            raise NotSetUp(provider=sellers.of(draft.provider).title or "Sendblue")
        self._tasks.start(self._buy(body, trigger_id, draft))

    def redraw(self, shown: Shown) -> None:
        """The same form for another provider."""
        if shown.draft.provider in self._ports.providers:
            self._tasks.start(self._redraw(shown))

    async def _settle(self, body: Body, click: Click) -> None:
        await self._open(body, click.origin.trigger_id, modals.form(click))

    async def _open(self, body: Body, trigger_id: str, view: Any) -> Mapping[str, Any] | None:
        try:
            answer = await web_api.call(self._client.views_open(trigger_id=trigger_id, view=view))
        except (TryLater, Undeliverable) as error:
            log.warning("slack.form_not_opened", extra={"error": str(error)})
            await owe(self._ports, self._tasks, body, Reason("FormNotOpened"))
            return None
        opened = answer.get("view")
        return opened if isinstance(opened, Mapping) else None

    async def _why(self, click: Click) -> None:
        purchase = await self._cancelled(click)
        if purchase is None:
            return
        view = modals.why(click, purchase.code)
        trigger_id = click.origin.trigger_id
        try:
            await web_api.call(self._client.views_open(trigger_id=trigger_id, view=view))
        except (TryLater, Undeliverable) as error:
            # Nothing is lost but the question: it is cancelled.
            log.info("slack.reason_not_asked", extra={"error": str(error)})

    async def _cancelled(self, click: Click) -> Purchase | None:
        """The purchase, if this click cancelled somebody else's; it is judged by the loop."""
        for _ in range(_LOOKS):
            purchase = await self._ports.store.purchase(click.purchase_id)
            if purchase is None or purchase.requester_id == click.origin.user_id:
                return None
            if purchase.status not in _MAY_BE_CANCELLED:
                is_theirs = purchase.cancelled_by == click.origin.user_id and not purchase.note
                return purchase if is_theirs else None
            await asyncio.sleep(_BETWEEN_S)
        return None

    async def _buy(self, body: Body, trigger_id: str, draft: Draft) -> None:
        view = forms.form(draft, list(self._ports.providers), forms.Looking())
        opened = await self._open(body, trigger_id, view)
        if opened is None:
            return
        shown = Shown(str(opened.get("id")), str(opened.get("hash")), draft)
        user_id = str((body.get("user") or {}).get("id") or body.get("user_id"))
        try:
            is_member = await may_read(self._ports, user_id)
        except TryLater:  # it may be a guest, who must not see the agents; the loop judges the rest
            view = forms.form(draft, list(self._ports.providers), None)
            await self._update(shown.view_id, shown.hash, view)
            return
        if is_member:
            await self._fill_in(shown)
        else:
            await self._update(shown.view_id, shown.hash, forms.closed())

    async def _redraw(self, shown: Shown) -> None:
        view = forms.form(shown.draft, list(self._ports.providers), forms.Looking())
        answer = await self._update(shown.view_id, shown.hash, view)
        if answer is not None:
            await self._fill_in(Shown(shown.view_id, str(answer.get("hash")), shown.draft))

    async def _fill_in(self, shown: Shown) -> None:
        """The agents, where numbers have any."""
        provider = self._ports.providers[shown.draft.provider]
        if not isinstance(provider, NumberProvider):
            return
        agents = await _agents(provider)
        view = forms.form(shown.draft, list(self._ports.providers), agents)
        await self._update(shown.view_id, shown.hash, view)

    async def _update(self, view_id: str, hash_: str, view: Any) -> Mapping[str, Any] | None:
        """None where it is not to be changed any more: closed, or drawn anew meanwhile."""
        try:
            answer = await web_api.call(
                self._client.views_update(view_id=view_id, hash=hash_, view=view)
            )
        except (TryLater, Undeliverable) as error:
            log.info("slack.form_not_updated", extra={"error": str(error)})
            return None
        updated = answer.get("view")
        return updated if isinstance(updated, Mapping) else None


async def _agents(provider: NumberProvider) -> Sequence[Agent] | None:
    try:
        async with asyncio.timeout(AGENTS_S):
            return await provider.agents()
    except (ProviderError, TimeoutError) as error:
        log.info("form.agents_unknown", extra={"error": type(error).__name__})
        return None
