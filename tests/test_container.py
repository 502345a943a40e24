"""The Dockerfile, as far as it can be tried without Docker: its files, its user, its commands."""

import asyncio
import json
import os
import re
import shlex
import shutil
import socket
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from bot.settings import load
from tests.stories.office import Office, office_at

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """Each instruction and what follows it, comments gone and continued lines joined."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", "", text).splitlines()
    found = [line.partition(" ") for line in joined if line.strip()]
    return [(instruction, rest.strip()) for instruction, _, rest in found]


def only(steps: list[tuple[str, str]], instruction: str) -> str:
    [rest] = [rest for name, rest in steps if name == instruction]
    return rest


def health_command(steps: list[tuple[str, str]]) -> list[str]:
    options, _, command = only(steps, "HEALTHCHECK").partition("CMD ")
    assert "--interval" in options
    found: list[str] = json.loads(command)
    return _with_this_python(found)


def start_command(steps: list[tuple[str, str]]) -> list[str]:
    """What becomes process 1. JSON is Docker's exec form: no shell stands before the bot."""
    found: list[str] = json.loads(only(steps, "ENTRYPOINT")) + json.loads(only(steps, "CMD"))
    return _with_this_python(found)


def _with_this_python(command: list[str]) -> list[str]:
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


def copied(steps: list[tuple[str, str]]) -> list[str]:
    """The files and folders of the repository that get into the image."""
    return [
        source.rstrip("/")
        for name, rest in steps
        if name == "COPY"
        for source in shlex.split(rest)[:-1]
    ]


def variables(steps: list[tuple[str, str]]) -> dict[str, str]:
    """What the image puts into the environment."""
    pairs = (each.partition("=") for each in shlex.split(only(steps, "ENV")))
    return {name: value for name, _, value in pairs}


def patterns(*, kept: bool) -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    wanted = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    found = [line.removeprefix("!") for line in wanted if line.startswith("!") is kept]
    return [line.rstrip("/") for line in found]


def unpack(steps: list[tuple[str, str]], into: Path) -> None:
    """What is in the image's folder: the copied files, without those that .dockerignore names."""
    left_out = [each for each in patterns(kept=False) if each != "*"]

    def ignored(folder: str, names: list[str]) -> set[str]:
        where = Path(folder).relative_to(ROOT)
        return {
            name
            for name in names
            for pattern in left_out
            if fnmatch(str(where / name), pattern) or fnmatch(name, pattern.removeprefix("**/"))
        }

    for each in copied(steps):
        source = ROOT / each
        if source.is_dir():
            shutil.copytree(source, into / each, ignore=ignored)
        else:
            shutil.copy(source, into / each)


async def ended(command: list[str], **environment: str) -> int:
    child = await asyncio.create_subprocess_exec(
        *command, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    return await child.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_it_does_not_run_as_root(steps: list[tuple[str, str]]) -> None:
    user = only(steps, "USER")
    assert int(user) > 0  # a number: Kubernetes' runAsNonRoot cannot tell who a name is
    names = [name for name, _ in steps]
    assert "RUN" not in names[names.index("USER") :]
    [made] = [rest for name, rest in steps if name == "RUN" and "useradd" in rest]
    assert f"--uid {user} " in made


def test_packages_are_installed_by_their_hashes_and_nothing_is_compiled(
    steps: list[tuple[str, str]],
) -> None:
    [install] = [rest for name, rest in steps if name == "RUN" and "pip install" in rest]
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    assert "apt" not in " ".join(rest for name, rest in steps if name == "RUN").split()
    locked = (ROOT / "requirements.txt").read_text()
    pinned = re.findall(
        r"^[a-z][^\n]*==(?:[^\n]*\\\n)+(?: +--hash[^\n]*\n?)+", locked, re.MULTILINE
    )
    assert len(pinned) == len(re.findall(r"^[a-z][\w.\[\]-]*==", locked, re.MULTILINE))


def test_its_python_is_one_that_dialtone_works_with(steps: list[tuple[str, str]]) -> None:
    found = re.fullmatch(r"python:3\.(\d+)-slim", only(steps, "FROM"))
    assert found
    assert int(found[1]) >= 11


def test_what_it_copies_is_there_and_let_in_and_nothing_else_is(
    steps: list[tuple[str, str]],
) -> None:
    assert [each for each in copied(steps) if not (ROOT / each).exists()] == []
    assert patterns(kept=False)[0] == "*"  # so that no .env and no database ever gets in
    assert set(patterns(kept=True)) == set(copied(steps))


def test_its_database_is_in_the_volume(steps: list[tuple[str, str]]) -> None:
    needed = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "APPROVERS": "U0MORGAN01",
    }
    settings = load({**needed, **variables(steps)}, env_file=None)
    file = settings.database_url.get_secret_value().removeprefix("sqlite:///")
    assert Path(file).parent == Path(only(steps, "VOLUME"))


@pytest.fixture
async def office(tmp_path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN201 as in stories/conftest
    async with office_at(tmp_path) as made:
        yield made


async def test_the_health_check_says_whether_the_bot_lives(
    office: Office, steps: list[tuple[str, str]]
) -> None:
    command = health_command(steps)
    # A proxy is none of its business.
    environment = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    async with office.open() as bot:
        port = bot.url.rpartition(":")[2]
        assert await ended(command, PORT=port, **environment) == 0
    assert await ended(command, PORT=port, **environment) != 0


async def test_with_only_what_is_copied_it_starts_becomes_healthy_and_ends_when_told_to(
    office: Office, steps: list[tuple[str, str]], tmp_path: Path
) -> None:
    image = tmp_path / "app"
    image.mkdir()
    unpack(steps, image)
    environment = {
        "PATH": os.environ["PATH"],
        **variables(steps),
        **office.settings,
        "PORT": str(free_port()),
    }
    child = await asyncio.create_subprocess_exec(
        *start_command(steps), cwd=image, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(30):
            while await ended(health_command(steps), **environment) != 0:
                assert child.returncode is None
            child.terminate()
            assert await child.wait() == 0
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
