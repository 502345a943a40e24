"""What is kept of the page as built: current, licensed, loading nothing from elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import bot.sandbox

PAGE = Path(bot.sandbox.__file__).parent / "page"
BUILT = PAGE / "built"


def test_the_bundle_was_built_from_the_sources_beside_it() -> None:
    paths = [PAGE / name for name in ("build.mjs", "package-lock.json", "package.json")]
    paths += [path for path in (PAGE / "src").rglob("*") if path.is_file()]
    found = {
        path.relative_to(PAGE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }
    lines = (BUILT / "sources.sha256").read_text("utf-8").splitlines()
    built = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert found == built, "the page's sources have changed: run make page"


def test_every_bundled_package_is_there_with_its_licence() -> None:
    licences = (BUILT / "licences.txt").read_text("utf-8")
    lock = json.loads((PAGE / "package-lock.json").read_text("utf-8"))["packages"]
    named = re.findall(r"^(\S+) (\d\S+) \(([\w.-]+)\)$", licences, re.MULTILINE)

    assert {name for name, _, _ in named} >= {"react", "react-dom", "slack-blocks-to-jsx"}
    for name, version, licence in named:
        assert lock[f"node_modules/{name}"]["version"] == version
        assert lock[f"node_modules/{name}"]["license"] == licence
    assert "The packages @yozora/*, inside slack-blocks-to-jsx" in licences
    assert licences.count("Permission is hereby granted") == len(named) + 1


def test_the_lock_has_hashes_and_no_registry() -> None:
    lock = json.loads((PAGE / "package-lock.json").read_text("utf-8"))["packages"]
    packages = {name: entry for name, entry in lock.items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())


def test_the_page_loads_nothing_from_elsewhere() -> None:
    html = (BUILT / "index.html").read_text("utf-8")
    styles = (BUILT / "app.css").read_text("utf-8")
    code = (BUILT / "app.js").read_text("utf-8")

    assert re.findall(r'(?:src|href)="([^"]+)"', html) == [
        "/page/icon.svg",
        "/page/app.css",
        "/page/app.js",
    ]
    assert "<script>" not in html
    assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", styles)
    assert "@import" not in styles
    assert not re.search(r"\b(?:import|fetch)\(\s*[\"'`]https?:", code)
    assert "eval(" not in code
