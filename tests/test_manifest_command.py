"""`python -m bot manifest`: what is printed means what manifest.yml says, with the addresses."""

import json
from copy import deepcopy
from typing import Any

import pytest
import yaml

from bot.manifest_command import DONE, MANIFEST, USAGE, main

HOST = "https://dialtone.example.com"
EVENTS = f"{HOST}/slack/events"


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(argv) == DONE
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def written() -> dict[str, Any]:
    manifest: dict[str, Any] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return manifest


def over_http(url: str) -> dict[str, Any]:
    """What the manifest has to mean, by https://docs.slack.dev/reference/app-manifest."""
    manifest = deepcopy(written())
    for command in manifest["features"]["slash_commands"]:
        command["url"] = url
    settings = manifest["settings"]
    settings["socket_mode_enabled"] = False
    settings["interactivity"]["request_url"] = url
    settings["event_subscriptions"]["request_url"] = url
    return manifest


def comments(text: str) -> list[str]:
    """The comments, but for those at the top."""
    lines = text[text.index("_metadata:") :].splitlines()
    return [line.partition(" #")[2] for line in lines if " #" in line and '"#' not in line]


@pytest.mark.parametrize("argv", [(), ("--socket",), ("--json",), ("--socket", "--json")])
def test_for_socket_mode_it_means_what_manifest_yml_means(
    capsys: pytest.CaptureFixture[str], argv: tuple[str, ...]
) -> None:
    assert yaml.safe_load(printed(capsys, *argv)) == written()


@pytest.mark.parametrize(
    "given", [HOST, f"{HOST}/", EVENTS, f"{EVENTS}/", f"{HOST}//", f"{HOST}//slack/events"]
)
def test_for_http_every_address_is_there_and_nothing_else_differs(
    capsys: pytest.CaptureFixture[str], given: str
) -> None:
    assert yaml.safe_load(printed(capsys, "--url", given)) == over_http(EVENTS)


def test_a_port_and_a_path_before_ours_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    found = yaml.safe_load(printed(capsys, "--url", "https://example.com:8443/phones"))

    assert found == over_http("https://example.com:8443/phones/slack/events")


def test_as_json_it_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "--json", "--url", HOST))

    assert found == over_http(EVENTS)


def test_the_comments_stay_for_whoever_pastes_it(capsys: pytest.CaptureFixture[str]) -> None:
    kept = comments(MANIFEST.read_text(encoding="utf-8"))

    assert len(kept) > 5
    assert comments(printed(capsys, "--url", HOST)) == kept
    assert comments(printed(capsys)) == kept


def test_the_first_line_says_what_to_do_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    first = "Paste it at https://api.slack.com/apps -> Create New App -> From a manifest."

    assert printed(capsys).startswith(f"# Dialtone, over Socket Mode. {first}\n# ")
    assert printed(capsys, "--url", HOST).startswith(f"# Dialtone, over HTTP. {first}\n# ")


def test_for_socket_mode_it_is_the_file_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys) == MANIFEST.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://dialtone.example.com", "https:// only"),
        ("dialtone.example.com", "https:// only"),
        ("", "https:// only"),
        ("https://", "such as https://dialtone.example.com."),
        ("https://dialtone.example.com/a b", "such as https://dialtone.example.com."),
        ("https://dialtone.example.com\n", "such as https://dialtone.example.com."),
        ("https://dialtone.example.com:99999", "such as https://dialtone.example.com."),
        ("https://[dialtone", "such as https://dialtone.example.com."),
        ("https://me:mine@dialtone.example.com", "without a user"),
        ("https://dialtone.example.com/?a=b", "without a user"),
        ("https://dialtone.example.com/#a", "without a user"),
    ],
)
def test_an_address_that_slack_cannot_post_to_is_refused_in_one_sentence(
    capsys: pytest.CaptureFixture[str], url: str, wanted: str
) -> None:
    assert main(["--url", url]) == USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert wanted in said.err


def test_one_way_or_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--socket", "--url", HOST])
    assert "not allowed with" in capsys.readouterr().err
