"""How fast Dialtone is, on this machine: `make bench`.

    python -m tests.bench [--quick] [--only throughput,latency,…] [--output FOLDER]

Bounded to ten minutes. Prints tables, and writes them to FOLDER (`.bench`, which git ignores) as
Markdown and as JSON. The exit status is 1 when something that was acknowledged was not written.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import machine
from tests.bench.effort import FULL, QUICK, Effort
from tests.bench.latency import Latency
from tests.bench.processes import ROOT, allow_many_files
from tests.bench.report import Result, as_text, write
from tests.bench.throughput import LostOrInvented, Throughput
from tests.bench.world import World, world

LONGEST_S = 600.0

Part = Callable[[World, Effort], Awaitable[Result]]
PARTS: Mapping[str, Part] = {
    "throughput": lambda world, effort: Throughput(world, effort).run(),
    "latency": lambda world, effort: Latency(world, effort).run(),
}


async def bench(names: list[str], effort: Effort) -> tuple[Result, dict[str, float]]:
    """Run these parts, one after the other; what they found, and how long each took."""
    result = Result()
    took: dict[str, float] = {}
    cores = machine.cores()
    machine.pin(0, cores.load)
    async with world(cores) as found:
        for name in names:
            began = time.monotonic()
            part = await PARTS[name](found, effort)
            took[name] = round(time.monotonic() - began, 1)
            for table in part.tables:
                print(as_text(table), flush=True)
            print(f"({name}: {took[name]:.0f} s)\n", flush=True)
            result.add(part)
    return result, took


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench", description="How fast Dialtone is, on this machine."
    )
    parser.add_argument("--quick", action="store_true", help="about a minute, to see that it works")
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--output", type=Path, default=ROOT / ".bench", help="folder for the files")
    given = parser.parse_args()
    names = given.only.split(",")
    if unknown := set(names) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    allow_many_files()
    facts = {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "how": "quick" if given.quick else "full",
        **machine.facts(machine.cores()),
    }
    running = bench(names, QUICK if given.quick else FULL)
    try:
        result, took = asyncio.run(asyncio.wait_for(running, LONGEST_S))
    except LostOrInvented as error:
        print(f"Not what was acknowledged: {error}", file=sys.stderr)
        return 1
    for path in write(given.output, {**facts, "seconds": took}, result):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
