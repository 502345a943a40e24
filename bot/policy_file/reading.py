"""A policy file → a `Policy`; and the source of policies that reads it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.domain.approval import Roster
from bot.domain.policy import Policy, Rule
from bot.domain.price import Price
from bot.policy_file.faults import Fault, Way, are_tables, check_known
from bot.policy_file.keys import read_rule

_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class BadPolicy(Exception):
    """The policy cannot be used: `str()` is one sentence naming file, line and what is wrong."""


class FilePolicy:
    """A policy source over a file, read when made and on `reload`. Raises BadPolicy."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.current = read(file)

    def reload(self) -> Policy:
        """Read the file anew; a faulty one leaves the policy as it was."""
        self.current = read(self.file)
        return self.current


def read(file: Path) -> Policy:
    """The policy in that file. Raises BadPolicy."""
    try:
        text = file.read_text(encoding="utf-8-sig")  # Windows' editors begin with a mark
    except UnicodeDecodeError:
        raise BadPolicy(f"{file} is not a text file in UTF-8.") from None
    except OSError as error:
        raise BadPolicy(f"{file} cannot be read: {error.strerror}.") from None
    return parse(text, str(file))


def parse(text: str, name: str) -> Policy:
    """The policy in that text of the file called so. Raises BadPolicy."""
    try:
        return Policy(tuple(_rules(tomllib.loads(text, parse_float=Decimal))))
    except tomllib.TOMLDecodeError as error:
        what = str(error)
        found = _AT_LINE.search(what)
        line = found[1] if found and found[1] else text.rstrip("\n").count("\n") + 1
        said = f"this is not TOML ({_AT_LINE.sub('', what)})"
    except Fault as fault:
        line, said = _line_of(text, fault.way), fault.said
    raise BadPolicy(f"{name} line {line}: {said}{'' if said.endswith('?') else '.'}")


def _line_of(text: str, way: Way) -> int:
    """The line where the statement begins that brings this into the document: of all beginnings of
    the text that are TOML by themselves, the shortest that has it tells."""
    lines = text.split("\n")
    first = 1
    for end in range(1, len(lines) + 1):
        try:
            found = tomllib.loads("\n".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue  # within a statement of several lines
        if _has(found, way):
            return first
        first = end + 1
    return 1


def _has(found: Any, way: Way) -> bool:
    for step in way:
        if isinstance(step, int):
            if not isinstance(found, list) or step >= len(found):
                return False
        elif not isinstance(found, dict) or step not in found:
            return False
        found = found[step]
    return bool(way)


def _rules(document: Mapping[str, Any]) -> Iterator[Rule]:
    check_known((), document, ["rule"])
    tables = document.get("rule")
    if tables is None or tables == []:
        raise Fault((), "there is no rule: write at least one [[rule]] with its approvers")
    if not are_tables(tables):
        raise Fault(("rule",), "rules are written under [[rule]], with double brackets")
    before: list[Rule] = []
    for index, table in enumerate(tables):
        rule = read_rule(("rule", index), table)
        _check_place(("rule", index), rule, before)
        before.append(rule)
        yield rule
    last = before[-1]
    if not _covers(last, Rule(name="all the rest")):
        raise Fault(
            ("rule", len(before) - 1),
            f"the last rule, “{last.name}”, has conditions, so what matches no rule could not be"
            " bought at all: end the file with a [[rule]] that has a name and approvers and no"
            " condition",
        )


def _check_place(way: Way, rule: Rule, before: list[Rule]) -> None:
    for earlier in before:
        if earlier.name == rule.name:
            raise Fault((*way, "name"), f"two rules are called “{rule.name}”")
        if _covers(earlier, rule):
            raise Fault(
                way,
                f"“{rule.name}” can never match, because “{earlier.name}” above it matches all"
                " that it would",
            )


def _covers(earlier: Rule, later: Rule) -> bool:
    """Whether everything that matches the later rule matches the earlier one as well."""
    return all(
        (
            _holds(earlier.providers, later.providers),
            _holds(earlier.commands, later.commands),
            _holds(earlier.channels, later.channels),
            _holds_people(earlier.requesters, later.requesters),
            _reaches_down_to(earlier.price_over, later.price_over),
            _reaches_up_to(earlier.price_up_to, later.price_up_to),
            earlier.bought_over is None
            or (later.bought_over is not None and earlier.bought_over <= later.bought_over),
        )
    )


def _holds(wide: frozenset[str], narrow: frozenset[str]) -> bool:
    return not wide or (bool(narrow) and narrow <= wide)


def _holds_people(wide: Roster | None, narrow: Roster | None) -> bool:
    if wide is None or narrow is None:
        return wide is None
    return narrow.users <= wide.users and narrow.groups <= wide.groups


def _reaches_down_to(wide: Price | None, narrow: Price | None) -> bool:
    if wide is None or narrow is None:
        return wide is None
    return wide.currency == narrow.currency and wide <= narrow


def _reaches_up_to(wide: Price | None, narrow: Price | None) -> bool:
    if wide is None or narrow is None:
        return wide is None
    return wide.currency == narrow.currency and narrow <= wide
