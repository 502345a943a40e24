"""How fast Dialtone is, on this machine: `make bench`.

    python -m tests.bench [--quick] [--patient] [--only throughput,latency,…] [--output FOLDER]

Bounded to ten minutes. Prints tables, and writes them to FOLDER (`.bench`, which git ignores) as
Markdown and as JSON. The exit status is 1 when something that was acknowledged was not written.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import machine
from tests.bench.effort import FULL, QUICK, Effort
from tests.bench.expiry import expiry
from tests.bench.footprint import footprint
from tests.bench.growth import Growth
from tests.bench.latency import Latency
from tests.bench.processes import ROOT, allow_many_files
from tests.bench.replicas import replicas
from tests.bench.report import Result, as_text, write
from tests.bench.targets import judged
from tests.bench.throughput import LostOrInvented, Throughput
from tests.bench.world import World, world

LONGEST_S = 600.0
QUIET = 0.9  # of the server's core

Part = Callable[[World, Effort], Awaitable[Result]]
PARTS: Mapping[str, Part] = {
    "throughput": lambda world, effort: Throughput(world, effort).run(),
    "latency": lambda world, effort: Latency(world, effort).run(),
    "expiry": expiry,
    "start": footprint,
    "replicas": replicas,
    "growth": lambda world, effort: Growth(world, effort).run(),
}


class Bench:
    """One run; what it has found so far stays when the time is up."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort
        self.result = Result()
        self.took: dict[str, float] = {}
        self.quiet: dict[str, float] = {}  # see `machine.quiet`; before each part

    async def run(self, names: list[str]) -> None:
        """These parts, one after the other."""
        cores = machine.cores()
        machine.pin(0, cores.load)
        async with world(cores) as found:
            for name in names:
                print(f"{name} …", file=sys.stderr, flush=True)
                self.quiet[name] = round(machine.quiet(cores), 2)
                began = time.monotonic()
                part = await PARTS[name](found, self._effort)
                self.took[name] = round(time.monotonic() - began, 1)
                self.result.add(part)
                for table in part.tables:
                    print(as_text(table), flush=True)
                print(f"({name}: {self.took[name]:.0f} s)\n", flush=True)


def main() -> int:
    given = _asked_for()
    allow_many_files()
    facts = {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "how": "quick" if given.quick else "full",
        **machine.facts(machine.cores()),
    }
    effort = QUICK if given.quick else FULL
    bench = Bench(replace(effort, carried_s=LONGEST_S) if given.patient else effort)
    status = 0
    try:
        asyncio.run(_bounded(bench.run(given.only)))
    except LostOrInvented as error:
        print(f"Not what was acknowledged: {error}", file=sys.stderr)
        status = 1
    except (asyncio.CancelledError, KeyboardInterrupt):
        print("Told to stop: not everything was measured.")
        status = 1
    except TimeoutError:
        print(f"Stopped after {LONGEST_S / 60:.0f} minutes: not everything was measured.")
        status = 1
    least = min(bench.quiet.values(), default=1.0)
    if least < QUIET:
        print(
            f"Others are at work on this machine (the server's core was ours to {least:.0%}):"
            " ratios may be compared, figures not.\n"
        )
    verdict = judged(bench.result.figures, is_quick=given.quick)
    print(as_text(verdict))
    bench.result.tables.append(verdict)
    facts |= {"seconds": bench.took, "quiet": bench.quiet}
    for path in write(given.output, facts, bench.result):
        print(path)
    return status


async def _bounded(running: Coroutine[Any, Any, None]) -> None:
    """Until it is done, time is up, or somebody says so; no server is left behind."""
    task = asyncio.create_task(running)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with asyncio.timeout(LONGEST_S):
        await task


def _asked_for() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description="How fast Dialtone is, on this machine."
    )
    parser.add_argument("--quick", action="store_true", help="about a minute, to see that it works")
    parser.add_argument(
        "--patient",
        action="store_true",
        help="look at memory after all of 10,000 purchases; some minutes, so with --only start",
    )
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--output", type=Path, default=ROOT / ".bench", help="folder for the files")
    given = parser.parse_args()
    given.only = given.only.split(",")
    if unknown := set(given.only) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return given


if __name__ == "__main__":
    sys.exit(main())
