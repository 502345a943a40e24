"""Who may import whom, and that importing does nothing."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Imports every module, then says what that has done to the process.
IMPORT_ALL = """
import importlib, json, logging, os, pkgutil, signal, sys, threading
import bot, handlers

did = []
WATCHED = {  # an event loop makes sockets as well
    "socket.__new__", "subprocess.Popen", "os.fork", "os.posix_spawn",
    "os.mkdir", "os.rename", "os.remove", "sqlite3.connect",
}

def watch(event, args):
    if event in WATCHED or event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        did.append(f"{event} {args[0]}")

sigterm = signal.getsignal(signal.SIGTERM)
sys.addaudithook(watch)
names = [
    found.name
    for package in (bot, handlers)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if found.name != "bot.storage.migrations.env"  # a script that Alembic runs, not a module
]
for name in names:
    importlib.import_module(name)
print(json.dumps({
    "modules": len(names),
    "did": did,
    "threads": len(threading.enumerate()),
    "handlers of the root logger": len(logging.getLogger().handlers),
    "level of the root logger": logging.getLogger().level,
    "is SIGTERM as it was": signal.getsignal(signal.SIGTERM) is sigterm,
}))
"""


def test_the_import_contract_is_kept(tmp_path: Path) -> None:
    # A process of its own: the linter changes the import path and the logging of its process.
    script = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"
    linted = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script, "--no-logo", "--cache-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert "0 broken" in linted.stdout


def test_importing_every_module_does_nothing(tmp_path: Path) -> None:
    # `-B`: what Python itself keeps of a module is none of the module's doing.
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-B", "-c", IMPORT_ALL],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    seen = json.loads(done.stdout)
    assert seen.pop("modules") > 50
    assert seen == {
        "did": [],
        "threads": 1,
        "handlers of the root logger": 0,
        "level of the root logger": 30,  # WARNING, as Python starts
        "is SIGTERM as it was": True,
    }
    assert list(tmp_path.iterdir()) == []
