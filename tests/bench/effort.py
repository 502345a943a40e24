"""How much of everything a run does: the whole benchmark, or a quick one to see that it works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Seconds, and how many of what."""

    databases: tuple[str, ...]  # names of `World`'s methods
    at_once: tuple[int, ...]
    cell_s: float  # one load at one concurrency
    most: int  # … or so many commands, for all of them are carried through afterwards
    hello_s: float
    rounds: int  # at most, while there is time
    throughput_s: float  # no further round begins after so long
    drain_s: float
    idle_purchases: int  # measured one at a time
    batches: int  # of 16 at once
    expiring: int
    waiting_many: int  # pending purchases beside those that expire
    finished_many: int
    asked: int  # times that a page is asked for, with little and with much history
    starts: int
    carried: int  # purchases before memory is looked at, at most
    carried_s: float
    confirms: int  # waiting at once
    replica_s: float
    replica_rounds: int


FULL = Effort(
    databases=("sqlite", "postgresql"),
    at_once=(1, 16, 64),
    cell_s=1.5,
    most=250,
    hello_s=0.4,
    rounds=5,
    throughput_s=90,
    drain_s=30,
    idle_purchases=24,
    batches=6,
    expiring=200,
    waiting_many=100_000,
    finished_many=1_000_000,
    asked=40,
    starts=4,
    carried=10_000,
    carried_s=25,
    confirms=1_000,
    replica_s=1.5,
    replica_rounds=3,
)
QUICK = Effort(
    databases=("sqlite",),
    at_once=(1, 16),
    cell_s=0.5,
    most=150,
    hello_s=0.2,
    rounds=1,
    throughput_s=1,
    drain_s=20,
    idle_purchases=4,
    batches=1,
    expiring=20,
    waiting_many=5_000,
    finished_many=20_000,
    asked=5,
    starts=1,
    carried=64,
    carried_s=10,
    confirms=100,
    replica_s=0.5,
    replica_rounds=1,
)
