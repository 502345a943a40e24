from typing import Any

import pytest

from bot.domain.purchase import Order
from bot.ports import Search
from handlers.command_text import parse
from handlers.number_text import Assign, Find, Provision
from handlers.typed_text import Misunderstood, next_value

NUMBER = "+16045551234"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("604", {"area_code": "604"}),
        ("(604)", {"area_code": "604"}),
        ("1604", {"area_code": "604"}),
        ("+1604 contains 555", {"area_code": "604", "contains": "555"}),
        ("Denver", {"city": "Denver"}),
        ("New York", {"city": "New York"}),
        ("“New York”", {"city": "New York"}),
        ("St. John's", {"city": "St. John's"}),
        ("Montréal contains: 55-5", {"city": "Montréal", "contains": "555"}),
        ("toll-free", {"is_toll_free": True}),
        ("Toll free", {"is_toll_free": True}),
        ("tollfree contains 555 12", {"is_toll_free": True, "contains": "55512"}),
        ("604 CONTAINS 555 toll-free", {"area_code": "604", "contains": "555", "is_toll_free": 1}),
        ("604 toll-free contains 555", {"area_code": "604", "contains": "555", "is_toll_free": 1}),
        ("888", {"area_code": "888", "is_toll_free": True}),
        ("contains “555”", {"contains": "555"}),
    ],
)
def test_a_search_is_understood(text: str, wanted: dict[str, Any]) -> None:
    assert parse("/number", f"search {text}") == Find(Search(**wanted))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type `/number search 604` (an area code)"),
        ("123", "`123` is no area code."),
        ("911", "`911` is no area code."),
        ("60", "`60` is no area code."),
        ("!!", "`!!` is no area code."),
        ("604 778", "`604 778` is no area code."),
        ("604 Denver", "`604 Denver` is neither an area code nor a city."),
        ("604 contians 555", "Did you mean `contains`?"),
        ("604 contains", "Which digits? Type them after it: `contains 555`."),
        ("604 contains +", "Which digits?"),
        ("604 contains CALL", "After `contains` come digits"),
        ("604 contains 555 tol-free", "Did you mean `toll-free`?"),
        ("604 contains 12345678901", "there are 11. Type fewer."),
        ("2604", "`2604` is no area code."),
        ("604 contains 555 contains 5", "I cannot use `contains` there."),
        ("604 555 1234", "To ask for that very number, type `/number provision +16045551234`."),
        ("x" * 101, "Your city has 101 characters; 100 fit."),
        ('"New York', 'A quote is open at `"New York`'),
    ],
)
def test_a_search_that_makes_no_sense_gets_a_sentence(text: str, said: str) -> None:
    typed = parse("/number", f"search {text}")

    assert isinstance(typed, Misunderstood)
    assert said in typed.sentence


@pytest.mark.parametrize(
    "written",
    [
        "+16045551234",
        "16045551234",
        "604-555-1234",
        "604 555 1234",
        "+1 (604) 555-1234",
        '"604 555 1234"',
        "“+1 604 555 1234”",
        "`+16045551234`",
        "<tel:+16045551234|604 555 1234>",
        "<tel:6045551234>",
    ],
)
def test_a_number_is_understood_in_every_spelling(written: str) -> None:
    assert parse("/number", f"provision {written}") == Provision(Order(number=NUMBER), "")
    named = parse("/number", f"provision {written} name X reason 1 desk")
    assert named == Provision(Order(number=NUMBER, name="X"), "1 desk")
    assert parse("/number", f"assign {written} Front desk") == Assign(NUMBER, "Front desk")


@pytest.mark.parametrize(
    ("text", "name", "agent", "reason"),
    [
        ('name "Main Line"', "Main Line", None, ""),
        ("name “Main Line” agent Frida", "Main Line", "Frida", ""),
        ("agent 'Front desk' name «Main»", "Main", "Front desk", ""),
        ("Name: Main Agent=550e8400-e29b REASON front desk", "Main", "550e8400-e29b", "front desk"),
        ('reason because "name" agent X', None, None, 'because "name" agent X'),
        ('reason "front desk"', None, None, "front desk"),
        ("reason", None, None, ""),
        ("name 'The \"Main\" Line'", 'The "Main" Line', None, ""),
        ('name “The "Main" Line” agent X', 'The "Main" Line', "X", ""),
        ('name "Riley\'s line"', "Riley's line", None, ""),
        ("name Riley's", "Riley's", None, ""),
        ("name 'Riley's line'", "Riley's line", None, ""),
        ('name “Main Line" agent X', "Main Line", "X", ""),
        ('name "agent reason"', "agent reason", None, ""),
        ('name "☎️ 主线"', "☎️ 主线", None, ""),
        ('name "R&amp;D &lt;1&gt;"', "R&D <1>", None, ""),
        (f'name "{"é" * 200}"', "é" * 200, None, ""),
        ("agent <@U0RILEY001|riley>", None, "@riley", ""),
    ],
)
def test_keywords_come_in_any_order_and_the_reason_takes_the_rest(
    text: str, name: str | None, agent: str | None, reason: str
) -> None:
    typed = parse("/number", f"provision {NUMBER} {text}")

    assert typed == Provision(Order(number=NUMBER, name=name, agent_id=agent), reason)


@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("", Order(), ""),
        (
            'name "A &amp; B" agent front reason why',
            Order(name="A & B", agent_id="front"),
            "why",
        ),
    ],
)
def test_a_number_that_is_left_out_is_asked_for_by_a_form(
    text: str, order: Order, reason: str
) -> None:
    assert parse("/number", f"provision {text}") == Provision(order, reason)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("604-555-CALL", "A phone number has no letters in it"),
        ("+1604555", "You typed `+1604555`."),
        ("555", "too short"),
        ("+160455512345", "too long"),
        ("+19005551234", "premium-rate"),
        ("+16041111234", "No number can have this area code"),
        ("+16045551234,", "only digits"),
        (f"{NUMBER} nmae Main", "I do not know what `nmae` means here. Did you mean `name`?"),
        (f"{NUMBER} name Main Line", "I do not know what `Line` means here."),
        (f"{NUMBER} 12", "I do not know what `12` means here."),
        (f'{NUMBER} name "Main Line', 'A quote is open at `"Main Line`'),
        (f"{NUMBER} name “Main Line agent X", "A quote is open at `“Main Line agent X`"),
        (f'{NUMBER} name Main"', "A quote is open"),
        (f"{NUMBER} agent 'Front", "A quote is open"),
        ('"604 555 1234', "A quote is open"),
        (f"{NUMBER} name a name b", "`name` is there twice."),
        (f"{NUMBER} name", "After `name` nothing follows."),
        (f'{NUMBER} agent ""', "After `agent` nothing follows."),
        (f'{NUMBER} name "{"x" * 201}"', "Your name for the number has 201 characters; 200 fit."),
        (f"{NUMBER} reason {'x' * 501}", "Your reason has 501 characters; 500 fit."),
    ],
)
def test_a_purchase_is_never_guessed(text: str, said: str) -> None:
    typed = parse("/number", f"provision {text}")

    assert isinstance(typed, Misunderstood)
    assert said in typed.sentence


@pytest.mark.parametrize(
    ("text", "agent"),
    [('"Front desk"', "Front desk"), ("550e8400-e29b", "550e8400-e29b"), ("Frida K", "Frida K")],
)
def test_an_agent_is_named_in_the_rest(text: str, agent: str) -> None:
    assert parse("/number", f"assign {NUMBER} {text}") == Assign(NUMBER, agent)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Which number? Type it first: `/number assign +16045551234 AGENT`."),
        (NUMBER, "Which agent?"),
        (f'{NUMBER} ""', "Which agent?"),
        (f'{NUMBER} "Front desk', "A quote is open"),
        (f"{NUMBER} {'x' * 201}", "Your agent's name or id has 201 characters; 200 fit."),
        ("Frida", "no letters"),
    ],
)
def test_an_assignment_that_makes_no_sense_gets_a_sentence(text: str, said: str) -> None:
    typed = parse("/number", f"assign {text}")

    assert isinstance(typed, Misunderstood)
    assert said in typed.sentence


@pytest.mark.parametrize(
    "text", ["'", '"', "<tel:|>", "<", "\x00", "“”", "\uff0b\uff11\uff16", "٦٠٤", "''"]
)
@pytest.mark.parametrize("verb", ["search", "provision", "assign", f"provision {NUMBER} name"])
def test_odd_text_never_raises(verb: str, text: str) -> None:
    parse("/number", f"{verb} {text}")
    next_value(text)
