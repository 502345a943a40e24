"""Agents: who or what at the provider answers a number."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import AgentNotFound, SeveralAgents

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody or something that a number can be assigned to."""

    id: str
    name: str


def pick(wanted: str, agents: Sequence[Agent], title: str) -> Agent:
    """The one agent meant by an id or a name, in any case. Raises AgentNotFound, SeveralAgents."""
    meant = [agent for agent in agents if agent.id == wanted]
    meant = meant or [agent for agent in agents if agent.name.casefold() == wanted.casefold()]
    if len(meant) == 1:
        return meant[0]
    known = ", ".join(f"{agent.name} ({agent.id})" for agent in (meant or agents)[:_SHOWN])
    if meant:
        raise SeveralAgents(provider=title, agent=wanted, known=known)
    raise AgentNotFound(provider=title, agent=wanted, known=known or "none")
