"""Which core does what, and what kind of machine this is."""

import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = ("aiohttp", "slack-bolt", "slack-sdk", "sqlalchemy", "httpx", "psycopg", "apscheduler")


@dataclass(frozen=True)
class Cores:
    """The server alone on one core. What stands for other machines (load, Slack, the provider,
    PostgreSQL) shares the rest: with two cores all of that is on the second."""

    server: frozenset[int]
    second: frozenset[int]  # of a second replica
    load: frozenset[int]
    others: frozenset[int]  # simulators and PostgreSQL


def cores() -> Cores:
    """What the machine has, spread over the parts."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores(frozenset(), frozenset(), frozenset(), frozenset())
    return spread(sorted(os.sched_getaffinity(0)))


def spread(found: list[int]) -> Cores:
    """One core each for the server, the load and a second replica, as far as they go."""
    if len(found) == 1:
        return Cores(*[frozenset(found)] * 4)
    server, load = frozenset(found[:1]), frozenset(found[1:2])
    if len(found) == 2:
        return Cores(server, load, load, load)
    if len(found) == 3:
        return Cores(server, frozenset(found[2:]), load, frozenset(found[2:]))
    return Cores(server, frozenset(found[2:3]), load, frozenset(found[3:]))


def pin(pid: int, wanted: frozenset[int]) -> None:
    """Keep a process (0: this one), and what it starts from now on, on those cores."""
    if wanted:
        os.sched_setaffinity(pid, wanted)


def quiet(used: Cores, seconds: float = 0.3) -> float:
    """Which share of the server's core this process gets, if it does nothing but count: 1.0 on a
    machine that has nothing else to do."""
    pin(0, used.server)
    try:
        began, busy = time.monotonic(), time.thread_time()
        while time.monotonic() < began + seconds:
            pass
        return (time.thread_time() - busy) / (time.monotonic() - began)
    finally:
        pin(0, used.load)


def facts(used: Cores) -> dict[str, Any]:
    """For whoever compares two runs."""
    return {
        "commit": _git("rev-parse", "--short", "HEAD"),
        "uncommitted": bool(_git("status", "--porcelain", "--", "bot", "handlers")),
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "pinned": {
            "server": sorted(used.server),
            "load": sorted(used.load),
            "simulators and PostgreSQL": sorted(used.others),
            "second replica": sorted(used.second),
        },
        "load_average_before": list(os.getloadavg()),
        "versions": {name: version(name) for name in _PACKAGES},
    }


def _git(*words: str) -> str:
    try:
        return subprocess.run(  # noqa: S603 our own words
            ["git", *words],  # noqa: S607 whichever git there is
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
