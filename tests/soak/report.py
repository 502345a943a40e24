"""The figures of a soak, printed."""

from collections import Counter

from tests.soak.database import Database
from tests.soak.dice import Dice
from tests.soak.people import People
from tests.soak.replicas import Replicas
from tests.soak.verdict import Verdict
from tests.stories.office import Office

_SHOWN = 10


def say_what_happened(
    people: People, replicas: Replicas, database: Database, seconds: float
) -> None:
    by = Counter(people.accepted.values())
    accepted = ", ".join(f"{provider} {count}" for provider, count in sorted(by.items()))
    print(f"purchases: {by.total()} accepted ({accepted})")
    print(f"told that the number is being bought already: {people.taken}")
    refused = ", ".join(f"{why} {count}" for why, count in sorted(people.refused.items()))
    print(f"commands not accepted, and typed again: {people.refused.total()} ({refused})")
    print(f"seconds: {seconds:.0f}, {by.total() / seconds:.1f} purchases per second")
    print(f"replicas killed: {replicas.kills}, stalled: {replicas.stalls}")
    print(
        f"database: all connections cut {database.cuts} times ({database.connections_cut} in all),"
        f" none let in for {database.seconds_away:.0f} s"
    )


def say_what_went_wrong(dice: list[Dice], replicas: Replicas) -> None:
    print("faults injected:")
    for each in dice:
        _say(each.injected)
    print("errors logged by the bots:")
    _say(replicas.errors)
    print("of those with a traceback:")
    _say(replicas.exceptions)
    print(*replicas.traces[:3], sep="\n")


def say_how_it_ended(office: Office, verdict: Verdict) -> None:
    numbers = office.magpipe.ledger
    second = sum(charge.bought_for is not None for charge in numbers)
    print(f"charges: sendblue {len(office.sendblue.ledger)}, magpipe {len(numbers)}", end="")
    print(f" (of them {second} second numbers)")
    for provider in ("sendblue", "magpipe"):
        purchases = verdict.of(provider)
        print(f"{provider}, {len(purchases)} in the record:")
        for status, count in Counter(each.status.value for each in purchases).most_common():
            print(f"  {status}: {count}")
    for what, found in (
        ("duplicates", verdict.twice),
        ("losses", verdict.lost),
        ("cards that do not show the record", verdict.wrong_cards),
    ):
        print(f"{what}: {len(found)}", *found[:_SHOWN], sep="\n  ")


def _say(counted: Counter[str]) -> None:
    for what, count in sorted(counted.items()):
        print(f"  {what}: {count}")
