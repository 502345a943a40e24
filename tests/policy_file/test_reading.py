"""The policy file: what it says, and every kind of fault with its line."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.approval import Roster
from bot.domain.policy import AutoApproval, Escalation, Rule
from bot.domain.price import Price
from bot.policy_file import COMMANDS, BadPolicy, FilePolicy, parse, read
from handlers import ids

WHOLE = """\
# What is cheap needs two people.
[[rule]]
name = "cheap numbers"
provider = "magpipe"
command = ["/number"]
channel = ["C0PHONES01", "G0LEADERS"]
requester = ["U0RILEY001", "S0SALES"]
price_over = "1.00 USD"
price_up_to = "5.00 USD"
bought_over = 3
approvers = ["S0MANAGERS", "U0MORGAN01"]
quorum = 2
ping = ["U0MORGAN01"]
escalate = [
  { after = 0.5, to = ["S0LEADERS"] },
  { after = 0.8, to = "U0BOSS0001" },
]
reason = "required"
keep_trying_hours = 1.5
auto_approve = { per = "requester", day = "10.00 USD", month = "50.00 USD" }

[[rule]]
name = "the rest"
approvers = ["S0MANAGERS"]
"""
REST = """
[[rule]]
name = "the rest"
approvers = "U0MORGAN01"
"""


def fault(text: str) -> str:
    with pytest.raises(BadPolicy) as bad:
        parse(text, "policy.toml")
    said = str(bad.value)
    assert "\n" not in said
    assert said.endswith((".", "?"))
    return said


def rule(*lines: str) -> str:
    """A first rule with these lines, from line 4 on; a catch-all below it."""
    return "\n".join(['[[rule]]\nname = "first"\nprovider = "magpipe"', *lines]) + REST


APPROVERS = 'approvers = ["U0MORGAN01", "U0MAX00001"]'


def test_all_that_can_be_said_is_read() -> None:
    first, rest = parse(WHOLE, "policy.toml").rules
    assert first == Rule(
        name="cheap numbers",
        providers=frozenset({"magpipe"}),
        commands=frozenset({"/number"}),
        channels=frozenset({"C0PHONES01", "G0LEADERS"}),
        requesters=Roster.parse("U0RILEY001,S0SALES"),
        price_over=Price.parse("1.00 USD"),
        price_up_to=Price.parse("5.00 USD"),
        bought_over=3,
        approvers=Roster.parse("S0MANAGERS,U0MORGAN01"),
        quorum=2,
        ping=Roster.parse("U0MORGAN01"),
        escalations=(
            Escalation(Decimal("0.5"), Roster.parse("S0LEADERS")),
            Escalation(Decimal("0.8"), Roster.parse("U0BOSS0001")),
        ),
        is_reason_required=True,
        keep_trying=timedelta(minutes=90),
        auto=AutoApproval(
            per="requester", day=Price.parse("10.00 USD"), month=Price.parse("50.00 USD")
        ),
    )
    assert rest == Rule(name="the rest", approvers=Roster.parse("S0MANAGERS"))


def test_nobody_may_be_pinged_and_a_reason_may_be_optional() -> None:
    first, _ = parse(rule(APPROVERS, "ping = []", 'reason = "optional"'), "p").rules
    assert first.ping == Roster()
    assert not first.is_reason_required


def test_it_knows_the_providers_and_commands_there_are() -> None:
    assert set(COMMANDS.values()) == set(ids.COMMANDS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("aprovers = []", '"aprovers" is not a key that I know; did you mean approvers?'),
        ("zzz = 1", '"zzz" is not a key that I know; known are name, provider, command,'),
        ("quorum = ", "this is not TOML (Invalid value)."),
        ("quorum = 1\nquorum = 2", "this is not TOML (Cannot overwrite a value)."),
        ("provider = 1", "this is not TOML (Cannot overwrite a value)."),
        ('command = "/phone"', 'command wants "/line" or "/number", not "/phone".'),
        ('command = "/lin"', "did you mean /line?"),
        ("command = 1", 'command wants "/line" or "/number", not 1.'),
        ("command = []", 'command is empty: leave it out, or name "/line" or "/number".'),
        ('channel = ["#phones"]', "channel wants channels' ids, which start with C or G, not"),
        ("channel = [1]", "channel wants channels' ids, such as C0PHONES01, not this list."),
        ('requester = ["@riley"]', "but '@riley' is not a Slack user id or user group id."),
        ('requester = ["C0PHONES01"]', "but 'C0PHONES01' is not a Slack user id"),
        ('requester = ""', "for user groups, but it names nobody."),
        ("requester = true", "S… for user groups, not true."),
        ("price_over = 5.00", 'price_over wants a price in quotes, such as "100.00 USD", not 5.00'),
        ('price_up_to = "$5"', 'a price in quotes, such as "100.00 USD", not "$5".'),
        ("price_up_to = 1979-05-27", "not a date or time."),
        ("bought_over = -1", "bought_over wants a whole number from 0, not -1."),
        ("quorum = 0", "quorum wants a whole number from 1, not 0."),
        ("quorum = true", "quorum wants a whole number from 1, not true."),
        ('quorum = "two"', 'quorum wants a whole number from 1, not "two".'),
        ("quorum = 3", "quorum is 3, but approvers names only 2."),
        ("ping = [[]]", "ping wants Slack ids"),
        ("escalate = []", "escalate wants a list of steps, such as [ { after = 0.5"),
        ("escalate = {}", "not a table."),
        ("escalate = [{after = 0.5}]", "to is missing from this escalate."),
        ('escalate = [{afer = 1, to = "U1A"}]', "did you mean after?"),
        ('escalate = [{after = 1, to = "U1A"}]', "above 0 and below 1, such as 0.5, not 1."),
        ('escalate = [{after = 0, to = "U1A"}]', "not 0."),
        ('escalate = [{after = nan, to = "U1A"}]', "not NaN."),
        ('escalate = [{after = "1/2", to = "U1A"}]', 'not "1/2".'),
        ('escalate = [{after = false, to = "U1A"}]', "not false."),
        ('escalate = [{after = 0.5, to = "riley"}]', "'riley' is not a Slack user id"),
        (
            'escalate = [{after = 0.5, to = "U1A"}, {after = 0.5, to = "U1B"}]',
            "the steps of escalate must come later and later, but 0.5 follows 0.5.",
        ),
        ("reason = true", 'reason wants "required" or "optional", not true.'),
        ("keep_trying_hours = 169", "a number of hours from 0 to 168, not 169."),
        ("keep_trying_hours = -0.5", "not -0.5."),
        ('keep_trying_hours = "8"', 'not "8".'),
        ('auto_approve = "10 USD"', "auto_approve wants a table, such as { per ="),
        ("auto_approve = {}", "per is missing from this auto_approve."),
        ('auto_approve = {per = "team", day = "1 USD"}', 'per wants "requester" or "channel"'),
        ('auto_approve = {per = "channel"}', "auto_approve has no budget: give it day, month"),
        ('auto_approve = {per = "channel", week = "1 USD"}', '"week" is not a key that I know'),
        ('auto_approve = {per = "channel", day = 1}', "day wants a price in quotes"),
        (
            'auto_approve = {per = "channel", day = "1 USD", month = "1 CAD"}',
            "auto_approve has day and month in different currencies.",
        ),
        ('name2 = "\\u0007"', '"name2" is not a key that I know; did you mean name?'),
    ],
)
def test_each_fault_is_told_with_its_line(line: str, said: str) -> None:
    found = fault(rule(APPROVERS, "", "# about what comes now", line))
    at = 8 if "\n" in line else 7
    assert found.startswith(f"policy.toml line {at}: ")
    assert said in found


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "there is no rule: write at least one [[rule]] with its approvers."),
        ("# nothing\n\nrule = []\n", 1, "there is no rule"),
        ("\n[rule]\nname = 'x'\n", 2, "rules are written under [[rule]], with double brackets."),
        ("rule = 1", 1, "rules are written under [[rule]]"),
        ("\n[[rules]]\n", 2, '"rules" is not a key that I know; did you mean rule?'),
        ("title = 'x'" + REST, 1, '"title" is not a key that I know; known are rule.'),
        ('[[rule]]\napprovers = "U1A"\n', 1, "name is missing from this rule."),
        (REST + '\n\n[[rule]]\nname = "x"\n', 7, "approvers is missing from this rule."),
        (
            '[[rule]]\nname = ""\napprovers = "U1A"',
            2,
            'name wants a name in quotes, on one line, not "".',
        ),
        (
            '[[rule]]\nname = "a\\nb"\napprovers = "U1A"',
            2,
            "name wants a name in quotes, on one line, not 'a\\nb'.",
        ),
        (
            "[[rule]]\nname = 5\napprovers = 'U1A'",
            2,
            "name wants a name in quotes, on one line, not 5.",
        ),
        (
            f'[[rule]]\nname = "{"x" * 61}"\napprovers = 1',
            2,
            f'of up to 60 characters, not "{"x" * 24}…".',
        ),
        ('[[rule]]\nname = "x\n', 2, "this is not TOML (Illegal character"),
        ('[[rule]]\nname = """x\n\n', 2, "this is not TOML (Unterminated string)"),
        (
            rule(APPROVERS).replace("the rest", "first"),
            6,
            "two rules are called “first”.",
        ),
        (
            REST + rule(APPROVERS),
            5,
            "“first” can never match, because “the rest” above it matches all that it would.",
        ),
        (
            rule(APPROVERS).partition(REST)[0],
            1,
            "the last rule, “first”, has conditions, so what matches no rule could not be bought",
        ),
        (
            rule('price_over = "5 USD"', 'price_up_to = "4.99 USD"', APPROVERS),
            5,
            "no price is over 5.00 USD and up to 4.99 USD, so the rule can never match.",
        ),
        (
            rule('price_up_to = "9 CAD"', 'price_over = "5 USD"', APPROVERS),
            4,
            "price_over is in USD and price_up_to in CAD: no price is both.",
        ),
    ],
)
def test_faults_of_the_whole_are_told_with_their_line(text: str, line: int, said: str) -> None:
    found = fault(text)
    assert found.startswith(f"policy.toml line {line}: ")
    assert said in found


def test_a_value_of_several_lines_is_found_where_it_begins() -> None:
    steps = ["escalate = [", "  { after = 0.5, to = 'U1A' },", "  { after = 2, to = 'U1B' },", "]"]
    assert fault(rule(APPROVERS, *steps)).startswith("policy.toml line 5: after wants")
    tables = ["[[rule.escalate]]", "after = 0.5", 'to = "U1A"', "[[rule.escalate]]", "after = 7"]
    assert fault(rule(APPROVERS, *tables, 'to = "U1A"')).startswith("policy.toml line 9: after")
    text = rule('description = """', "[[rule]]", 'quorum = 0"""', APPROVERS)
    assert fault(text).startswith('policy.toml line 4: "description" is not a key')


FIRST, SECOND = (
    '[[rule]]\nname = "a"\napprovers = "U1A"\n',
    '[[rule]]\nname = "b"\napprovers = "U1A"\n',
)


@pytest.mark.parametrize(
    ("earlier", "later", "is_covered"),
    [
        ('provider = "magpipe"', 'provider = "magpipe"', True),
        ('provider = ["magpipe", "sendblue"]', 'provider = "sendblue"', True),
        ('provider = "magpipe"', 'provider = ["magpipe", "sendblue"]', False),
        ('provider = "magpipe"', 'command = "/number"', False),
        ('command = "/number"', 'command = "/number"\nbought_over = 1', True),
        ('channel = "C1A"', 'channel = "C1B"', False),
        ('requester = ["U1A", "S1A"]', 'requester = "S1A"', True),
        ('requester = "S1A"', 'requester = ["U1A", "S1A"]', False),
        ('price_up_to = "5 USD"', 'price_up_to = "2 USD"', True),
        ('price_up_to = "5 USD"', 'price_up_to = "10 USD"', False),
        ('price_up_to = "5 USD"', 'price_up_to = "2 CAD"', False),
        ('price_over = "5 USD"', 'price_over = "10 USD"', True),
        ('price_over = "5 USD"', 'price_over = "2 USD"', False),
        ('price_over = "5 USD"', 'price_up_to = "10 USD"', False),
        ("bought_over = 3", "bought_over = 5", True),
        ("bought_over = 3", "bought_over = 2", False),
        ("bought_over = 3", 'provider = "magpipe"', False),
    ],
)
def test_a_rule_that_an_earlier_one_leaves_nothing_to_is_a_fault(
    earlier: str, later: str, is_covered: bool
) -> None:
    text = FIRST + earlier + "\n" + SECOND + later + "\n" + REST
    if is_covered:
        assert fault(text).startswith("policy.toml line 5: “b” can never match, because “a”")
    else:
        assert [each.name for each in parse(text, "p").rules] == ["a", "b", "the rest"]


# ── The file ──
def test_a_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    with pytest.raises(BadPolicy) as bad:
        read(file)
    assert str(bad.value) == f"{file} cannot be read: No such file or directory."
    with pytest.raises(BadPolicy, match="cannot be read: Is a directory"):
        read(tmp_path)
    file.write_bytes(b"\xff\xfe[\x00")
    with pytest.raises(BadPolicy) as bad:
        read(file)
    assert str(bad.value) == f"{file} is not a text file in UTF-8."


def test_a_file_from_windows_is_read_and_its_lines_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert read(file) == parse(WHOLE, "policy.toml")
    file.write_bytes(WHOLE.replace("quorum = 2", "quorum = 0").replace("\n", "\r\n").encode())
    with pytest.raises(BadPolicy, match="line 12: quorum"):
        read(file)


def test_a_faulty_file_leaves_the_policy_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(WHOLE)
    policy = FilePolicy(file)
    before = policy.current
    file.write_text(WHOLE + "quorum = 0\n")
    with pytest.raises(BadPolicy, match=r"policy\.toml line 25: quorum"):
        policy.reload()
    assert policy.current is before
    file.write_text(REST)
    assert policy.reload() is policy.current
    assert [each.name for each in policy.current.rules] == ["the rest"]
