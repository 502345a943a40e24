"""What the pages say is to be typed into a shell is understood there, and answers as they say."""

import re
import shlex
from pathlib import Path

import pytest

from bot import audit_command
from bot.__main__ import main
from bot.doctor import examine
from bot.settings import load
from tests.markdown_pages import (
    PAGES,
    ROOT,
    blocks,
    each_page,
    prose,
    read,
    rows,
    section,
    shell_lines,
    spans,
)
from tests.stories.office import office_at


def make_targets() -> set[str]:
    [declared] = re.findall(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)
    return set(declared.split()) - {"help"}


def verbs(capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Of `python -m bot`, as its own help has them."""
    with pytest.raises(SystemExit):
        main(["--help"])
    [listed] = re.findall(r"\{([a-z,]+)\}\s", capsys.readouterr().out)[:1]
    return set(listed.split(","))


def typed(page: Path) -> list[str]:
    """Every command of ours, in blocks and between backticks."""
    text = page.read_text(encoding="utf-8")
    return [*shell_lines(page), *(each.partition(" #")[0] for each in spans(text))]


def test_every_verb_of_the_program_is_explained_and_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = section(read("docs/deployment.md"), "## Everything the program does")
    told = {each.split()[0] for cells in rows(table) for each in spans(cells[0])}

    assert told == verbs(capsys)


@each_page
def test_every_verb_and_option_of_the_program_is_understood(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = verbs(capsys)
    for line in typed(page):
        _, is_ours, after = line.partition("python -m bot")
        if not is_ours or after.startswith((" …", " VERB")):
            continue
        verb, *rest = shlex.split(after) or ["run"]
        assert verb in known, line
        _check_options(verb, rest)


def _check_options(verb: str, rest: list[str]) -> None:
    """Raises SystemExit where the program would not understand them."""
    if not rest:
        return
    match verb:
        case "audit" | "policy" if len(rest) == 1:
            assert rest[0] in {"verify", "export", "check", "explain"}
        case "audit":
            audit_command.parse(rest)
        case "manifest":
            assert main(["manifest", *rest]) == 0
        case "policy":
            from bot.policy_command import _parser  # noqa: PLC0415 of this case alone

            _parser().parse_args(rest)
        case _:
            pytest.fail(f"{verb} takes no {rest}")


def test_the_options_of_the_sandbox_are_told_and_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["sandbox", "--help"])
    known = set(re.findall(r"--[a-z]+", capsys.readouterr().out)) - {"--help"}
    table = rows(prose(ROOT / "docs" / "sandbox.md"))
    told = re.findall(r"--[a-z]+", " ".join(cells[0] + cells[1] for cells in table))

    assert sorted(told) == sorted(known)
    for each in PAGES:
        for given in re.findall(r'make sandbox ARGS="([^"]+)"', each.read_text(encoding="utf-8")):
            assert set(re.findall(r"--[a-z]+", given)) <= known
            assert [file for file in re.findall(r"[\w/]+\.toml", given) if not read(file)] == []


@each_page
def test_a_make_target_that_is_named_anywhere_exists(page: Path) -> None:
    in_shell = [line.split()[1] for line in shell_lines(page) if line.startswith("make ")]
    in_text = re.findall(r"`make ([a-z]+)", prose(page))

    assert set(in_shell + in_text) <= make_targets()


def test_every_make_target_is_explained() -> None:
    page = read("docs/contributing.md")
    told = [each for cells in rows(section(page, "## Setting up")) for each in spans(cells[0])]

    assert {each.removeprefix("make ") for each in told} == make_targets()


def test_make_help_names_targets_that_exist() -> None:
    helped = re.findall(r'@echo "make (\w+)', read("Makefile"))

    assert helped
    assert set(helped) <= make_targets()


def test_the_examples_of_pytest_find_tests() -> None:
    lines = [each for each in shell_lines(ROOT / "docs/contributing.md") if "pytest" in each]
    tests = "\n".join(each.read_text(encoding="utf-8") for each in ROOT.glob("tests/**/test_*.py"))

    assert lines
    for word in (word for line in lines for word in re.findall(r'-k "(\w+)"', line)):
        assert re.search(rf"def test_\w*{word}", tests)


def test_what_heroku_runs_are_verbs_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    known = verbs(capsys)
    lines = dict(line.split(": ", 1) for line in read("Procfile").splitlines())

    assert set(lines) == {"release", "web"}
    assert lines["web"] == "python -m bot"
    assert lines["release"].removeprefix("python -m bot ") in known


async def test_the_example_of_what_doctor_says_is_what_it_says(tmp_path: Path) -> None:
    [example] = blocks(ROOT / "docs" / "setup.md", "text")
    *lines, empty, last = example.splitlines()
    async with office_at(tmp_path) as office:
        settings = load(office.settings, env_file=None)
        said = [str(finding) async for finding in examine(settings)]

    assert [line for line in lines if line not in said] == []
    assert (empty, last) == ("", "1 to be mended, no warnings.")


def test_what_is_run_in_the_container_are_verbs_of_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = verbs(capsys) | {"VERB"}
    lines = [line for page in PAGES for line in typed(page) if line.startswith("docker run")]

    assert len(lines) >= 3
    for line in lines:
        verb = line.rpartition(" dialtone")[2].strip() or "run"
        assert verb in known, line
