"""`python -m bot policy`, as an operator types it."""

from pathlib import Path

import pytest

from bot.__main__ import main
from tests.policy_file.test_reading import REST, WHOLE

SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "APPROVERS": "U0MORGAN01",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a policy, and settings that do not name it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("POLICY_FILE", raising=False)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "policy.toml").write_text(WHOLE)
    return tmp_path


EXPLAIN = ("policy", "explain", "--requester", "U0MAX00001", "--provider")


def test_a_good_file_is_said_to_be_good(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POLICY_FILE", "policy.toml")
    assert main(["policy", "check"]) == 0
    assert capsys.readouterr().out == "policy.toml: 2 rules, no fault found.\n"
    (folder / "other.toml").write_text(REST)
    assert main(["policy", "check", "--file", "other.toml"]) == 0
    assert capsys.readouterr().out == "other.toml: 1 rule, no fault found.\n"


@pytest.mark.usefixtures("folder")
def test_a_faulty_file_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    Path("policy.toml").write_text(WHOLE.replace("quorum = 2", "quorum = 0"))
    assert main(["policy", "check", "--file", "policy.toml"]) == 2
    assert capsys.readouterr().err == (
        "policy.toml line 12: quorum wants a whole number from 1, not 0.\n"
    )


@pytest.mark.usefixtures("folder")
def test_bad_settings_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APPROVERS", "@morgan")
    assert main(["policy", "check"]) == 2
    assert capsys.readouterr().err.startswith("APPROVERS wants Slack ids")


@pytest.mark.usefixtures("folder")
def test_the_rule_that_counts_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--channel", "C0PHONES01", "--price", "2 USD", "--bought", "4", "--group", "S0SALES")
    assert main([*EXPLAIN, "magpipe", "--file", "policy.toml", *options]) == 0
    said = capsys.readouterr().out
    assert "U0MAX00001 asks with /number at $2.00 per month, having bought 4 this month." in said
    assert "per month, for who has bought more than 3 this month: matches, and counts." in said
    assert "2. “the rest”, for everything: matches, but one above it counts." in said
    assert "“cheap numbers” says:\n  Approvers: S0MANAGERS, U0MORGAN01\n" in said


@pytest.mark.usefixtures("folder")
def test_a_rule_that_does_not_match_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*EXPLAIN, "sendblue", "--file", "policy.toml"]) == 0
    said = capsys.readouterr().out
    assert "at a price that is not given" in said
    assert "does not match, as it is only with Magpipe." in said
    assert "“the rest” says:" in said


@pytest.mark.usefixtures("folder")
def test_without_a_file_the_approvers_are_the_rule_and_prices_are_those_of_the_settings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*EXPLAIN, "sendblue"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("POLICY_FILE is not set, so APPROVERS stand for a rule.\n")
    assert "at $100.00 per month" in said
    assert "“APPROVERS” says:\n  Approvers: U0MORGAN01\n" in said
    assert main([*EXPLAIN, "magpipe"]) == 0
    assert "at $2.00 per month" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--requester", "S0SALES"), "wants one member id, U… or W…"),
        (("--requester", "@max"), "wants one member id, U… or W…"),
        (("--price", "$5"), "A price is written as an amount"),
        (("--bought", "many"), "invalid int value"),
        (("--provider", "twilio"), "invalid choice"),
    ],
)
def test_what_is_mistyped_is_told(
    wrong: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*EXPLAIN, "sendblue", *wrong])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_checking_the_file_wants_no_tokens(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name)
    (folder / ".env").write_text("POLICY_FILE=policy.toml\nLOG_FORMAT=text\n")
    assert main(["policy", "check"]) == 0
    assert capsys.readouterr().out == "policy.toml: 2 rules, no fault found.\n"


@pytest.mark.usefixtures("folder")
def test_without_a_file_and_without_approvers_there_is_nothing_to_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name)
    assert main(["policy", "check"]) == 2
    assert capsys.readouterr().err == (
        "Neither POLICY_FILE nor APPROVERS is set, so there are no rules. There is no .env here:"
        " `make init` writes one.\n"
    )
