"""Child processes on cores of their own, and what they take of the machine."""

import asyncio
import contextlib
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bench.machine import pin

ENDS_WITHIN_S = 8.0  # it may be busy with something that never ends
ROOT = Path(__file__).parents[2]


class Child:
    """A Python process that runs `python WORDS`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    async def line(self) -> str:
        """The next line that it writes."""
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().rstrip()

    async def end(self, by: signal.Signals = signal.SIGTERM) -> None:
        """Tell it to end; whoever does not is killed."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(by)
        try:
            async with asyncio.timeout(ENDS_WITHIN_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def python(
    words: Sequence[str],
    on: frozenset[int],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    log: Path | None = None,
) -> AsyncIterator[Child]:
    """Run it; what it says to stderr goes to `log`, or to ours."""
    inherited = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "TMPDIR"}}
    errors = await asyncio.to_thread(log.open, "ab") if log else None
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *words,
            env={**inherited, "PYTHONPATH": str(ROOT), **(environment or {})},
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    finally:
        if errors:
            errors.close()
    pin(process.pid, on)
    child = Child(process)
    try:
        yield child
    finally:
        if not child.has_ended:
            await child.end()


def allow_many_files() -> None:
    """A thousand confirms are as many connections, on each side. Children inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16_384 if hard == resource.RLIM_INFINITY else min(hard, 16_384)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def resident_mb(pid: int) -> float:
    """Memory that the process has in use (RSS), in MB of 1,000,000 bytes."""
    return _status_kb(pid, "VmRSS") * 1024 / 1e6


def processor_s(pid: int) -> float:
    """Processor time that it has taken so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _status_kb(pid: int, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return float("nan")
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
