import pytest

from bot.domain.decision import Action
from bot.use_cases.answers import Ask
from handlers.command_text import Buy, Decide, Help, Read, Typed, parse
from handlers.history_text import Past
from handlers.typed_text import Misunderstood, plain


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("", Help()),
        ("help", Help()),
        ("  HELP ", Help()),
        ("buy", Buy("")),
        ("buy new desk in Denver", Buy("new desk in Denver")),
        ("  BUY   new \n desk ", Buy("new desk")),
        ('buy "new desk"', Buy("new desk")),
        ("buy “new desk”", Buy("new desk")),
        ("buy \u2018new desk\u2019", Buy("new desk")),
        ('buy the "big" desk', Buy('the "big" desk')),
        ('buy "a" and "b"', Buy('"a" and "b"')),
        ("buy R&amp;D &lt;now&gt;", Buy("R&D <now>")),
        ("buy &amp;lt;", Buy("&lt;")),
        ("buy for <@U0RILEY001|riley> in <#C1|general>", Buy("for @riley in #general")),
        ("buy for <@U0RILEY001> <!channel> <!here|@here>", Buy("for @U0RILEY001 @channel @here")),
        ("buy <https://a.example/x|a.example> <mailto:a@b.c|a@b.c>", Buy("a.example a@b.c")),
        ("buy <tel:+16045551234|604 555 1234>", Buy("604 555 1234")),
        ("buy <mailto:a@b.c>", Buy("a@b.c")),
        ("limits", Read(Ask.LIMITS)),
        ("List", Read(Ask.LIST)),
        ("list 3", Read(Ask.LIST, page=2)),
        ("list 0", Read(Ask.LIST)),
        ("list please", Read(Ask.LIST)),
        ("pending please", Read(Ask.PENDING)),
        ("history", Past()),
        ("history <@U0RILEY001|riley>", Past(of="U0RILEY001")),
        ("history of <@W0RILEY001>", Past(of="W0RILEY001")),
        ("show k7q2", Read(Ask.SHOW, code="K7Q2")),
        ("show `K7Q2`", Read(Ask.SHOW, code="K7Q2")),
        ("approve #K7Q2.", Decide(Action.APPROVE, "K7Q2")),
        ("approve “k7q2”", Decide(Action.APPROVE, "K7Q2")),
        ("cancel K7Q2", Decide(Action.CANCEL, "K7Q2")),
        ("cancel K7Q2 no budget", Decide(Action.CANCEL, "K7Q2", "no budget")),
        ("cancel K7Q2 “a &amp; b”", Decide(Action.CANCEL, "K7Q2", "a & b")),
    ],
)
def test_what_people_type_is_understood(text: str, typed: Typed) -> None:
    assert parse("/line", text) == typed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("show", "Which one? Type `/line show CODE`; `/line pending` lists the open ones."),
        ("cancel  ", "Which one? Type `/line cancel CODE`"),
        ("approve `#`", "Which one?"),
        ("approve K-7", "`K-7` is not a code; they look like `K7Q2`."),
        ("approve <!channel>", "`@CHANNEL` is not a code"),
        ("show &lt;b&gt;x", "`&lt;B&gt;X` is not a code"),
        ("approve K7Q2 X3F4", "one purchase at a time"),
        ("history @riley", "I cannot tell who `@riley` is."),
        ("buy " + "x" * 612, "Your reason has 612 characters; 500 fit."),
        ("cancel K7Q2 " + "x" * 501, "Your reason has 501 characters; 500 fit."),
    ],
)
def test_what_cannot_be_done_as_typed_gets_a_sentence(text: str, said: str) -> None:
    typed = parse("/line", text)

    assert isinstance(typed, Misunderstood)
    assert said in typed.sentence


def test_characters_are_counted_as_the_person_typed_them() -> None:
    assert parse("/line", "buy " + "&amp;" * 500) == Buy("&" * 500)


@pytest.mark.parametrize(
    ("command", "text", "hint"),
    [
        ("/line", "by a line", "I do not know `/line by`. Did you mean `/line buy`?"),
        ("/line", "aprove K7Q2", "I do not know `/line aprove`. Did you mean `/line approve`?"),
        ("/number", "provsion +1604", "Did you mean `/number provision`?"),
        ("/line", "search 604", "I do not know `/line search`. Did you mean `/number search`?"),
        ("/number", "buy", "I do not know `/number buy`. Did you mean `/line buy`?"),
        ("/line", "hlep", "Did you mean `/line help`?"),
        ("/line", "xyzzy", "I do not know `/line xyzzy`."),
        ("/line", "&lt;!here&gt;", "I do not know `/line &lt;!here&gt;`."),
    ],
)
def test_unknown_words_get_the_help_and_a_guess(command: str, text: str, hint: str) -> None:
    typed = parse(command, text)

    assert isinstance(typed, Help)
    assert typed.hint.endswith(hint)


@pytest.mark.parametrize(
    "text",
    [
        "approve K7Q2",
        "cancel K7Q2 x",
        "show K7Q2",
        "pending",
        "list 2",
        "history",
        "limits",
        "help",
    ],
)
def test_a_code_works_with_either_command(text: str) -> None:
    assert parse("/number", text) == parse("/line", text)


def test_buying_a_line_is_not_a_number_command() -> None:
    assert isinstance(parse("/number", "buy x"), Help)


@pytest.mark.parametrize("text", ["<", "<|>", "<@>", "buy <", "\x00", "show \x00", "'", '""', "/"])
def test_odd_text_never_raises(text: str) -> None:
    parse("/line", text)
    parse("/elsewhere", text)
    plain(text)
