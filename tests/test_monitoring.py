"""What the operators' files name, the bot exposes; what it exposes, they explain."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics

DOCS = Path(__file__).parents[1] / "docs"
ENDINGS = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_count", "_sum"),
}


@pytest.fixture(scope="module")
def exposed() -> dict[str, tuple[str, ...]]:
    """Each of our metrics, as its family is called, with the names of its samples."""
    text = Metrics(["sendblue"], is_socket_mode=True).text().decode()
    return {
        family.name: tuple(family.name + ending for ending in ENDINGS[family.type])
        for family in text_string_to_metric_families(text)
        if family.name.startswith("dialtone_") and not family.name.endswith("_created")
    }


def named(expressions: Iterator[str]) -> set[str]:
    return {name for each in expressions for name in re.findall(r"\bdialtone_\w+", each)}


def rules() -> list[dict[str, Any]]:
    read = yaml.safe_load((DOCS / "alerts.yml").read_text())
    return [rule for group in read["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads((DOCS / "grafana.json").read_text())["panels"]
    return read


def test_every_alert_watches_what_is_there(exposed: dict[str, tuple[str, ...]]) -> None:
    samples = {name for names in exposed.values() for name in names}
    for rule in rules():
        found = named(iter([rule["expr"]]))
        assert found or rule["expr"].startswith("up{"), rule["alert"]
        assert found <= samples


def test_every_panel_shows_what_is_there_and_every_metric_has_one(
    exposed: dict[str, tuple[str, ...]],
) -> None:
    shown = named(target["expr"] for panel in panels() for target in panel["targets"])

    assert shown <= {name for names in exposed.values() for name in names}
    without = {f for f, names in exposed.items() if not shown & set(names)}
    assert without <= {"dialtone_socket_mode_up"}  # the age of the connection says it as well


def test_every_metric_and_every_alert_is_explained(exposed: dict[str, tuple[str, ...]]) -> None:
    said = (DOCS / "monitoring.md").read_text()
    in_tables = set(re.findall(r"`(dialtone_\w+)", said))
    counters = {family + "_total" for family, names in exposed.items() if names[0] != family}
    explained = {name for name in in_tables if name in exposed or name in counters}

    assert in_tables == explained
    assert {name.removesuffix("_total") for name in in_tables} == set(exposed)
    alerts = set(re.findall(r"^\| `(Dialtone\w+)`", said, re.MULTILINE))
    assert alerts == {rule["alert"] for rule in rules()}
