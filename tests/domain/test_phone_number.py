import pytest

from bot.domain.phone_number import BadPhoneNumber, PhoneNumber

SEED_EXAMPLE = PhoneNumber("+16045551234")


@pytest.mark.parametrize(
    "text",
    [
        "+16045551234",
        "16045551234",
        "6045551234",
        "604-555-1234",
        "(604) 555-1234",
        "604.555.1234",
        "+1 604 555 1234",
        "  +1 (604) 555-1234\n",
        "011 1 604 555 1234",
        "tel:+16045551234",
        "<tel:+16045551234|+1 604-555-1234>",
        "<tel:6045551234|604-555-1234>",
        "<tel:+16045551234>",
        "\u202a+1\xa0604\u2011555\u20131234\u202c",
        "\u200e+1604\u200b5551234\ufeff",
        "<tel:\u202a+16045551234\u202c|x>",
        "＋１６０４５５５１２３４",  # noqa: RUF001 - as typed on a Japanese keyboard
    ],
)
def test_every_usual_spelling_is_the_same_number(text: str) -> None:
    assert PhoneNumber.parse(text) == SEED_EXAMPLE


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "No number was given"),
        (" \u202a\u202c ", "No number was given"),
        ("<tel:|+1 604-555-1234>", "No number was given"),
        ("1-800-FLOWERS", "no letters"),
        ("+1 604 555 1234 ext. 5", "no letters"),
        ("Denver", "no letters"),
        ("+16045551234, +16045551235", "only digits"),
        ("+16045551234+1", "only digits"),
        ("604*555*1234", "only digits"),
        ("<+16045551234>", "only digits"),
        ("+", "no digits"),
        ("-", "no digits"),
        ("1", "too short"),
        ("+1", "too short"),
        ("911", "too short"),
        ("+1604555123", "too short"),
        ("555-1234", "area code is missing"),
        ("+160455512345", "too long"),
        ("604555123412345678901234", "too long"),
        ("+9991234567", "No country has this country code"),
        ("+0123456789", "No country has this country code"),
        ("+10005551234", "area code or the three digits"),
        ("+19115551234", "area code or the three digits"),
        ("+16041551234", "area code or the three digits"),
        ("+19005551234", "premium-rate"),
        ("+4930123456789012", "too long"),
    ],
)
def test_a_bad_number_is_refused_for_its_own_reason(text: str, sentence: str) -> None:
    with pytest.raises(BadPhoneNumber, match=sentence) as refused:
        PhoneNumber.parse(text)

    said = str(refused.value)
    assert ": " in said
    assert said.endswith(".")
    assert "\n" not in said


def test_a_length_no_number_of_the_country_has_is_refused() -> None:
    with pytest.raises(BadPhoneNumber, match="that many digits"):
        PhoneNumber.parse("+4623456789012")  # Sweden uses 10 and 12 digits, not 11


def test_a_country_code_after_a_dialling_prefix_alone_is_too_short() -> None:
    with pytest.raises(BadPhoneNumber, match="too short"):
        PhoneNumber.parse("011 4")


def test_a_number_is_shown_in_international_and_national_format() -> None:
    assert SEED_EXAMPLE.display() == "+1 604-555-1234"
    assert SEED_EXAMPLE.national() == "(604) 555-1234"
    assert str(SEED_EXAMPLE) == "+16045551234"


@pytest.mark.parametrize(
    ("number", "region", "area_code"),
    [
        ("+16045551234", "CA", "604"),
        ("+14165551234", "CA", "416"),
        ("+13035551234", "US", "303"),
        ("+18005551234", "US", "800"),
        ("+12225551234", "", "222"),
        ("+442079460958", "GB", ""),
    ],
)
def test_the_country_and_area_code_are_read_from_the_number(
    number: str, region: str, area_code: str
) -> None:
    parsed = PhoneNumber.parse(number)

    assert parsed.region == region
    assert parsed.area_code == area_code
    assert parsed.is_canadian == (region == "CA")


def test_a_national_spelling_is_read_in_the_region_asked_for() -> None:
    assert PhoneNumber.parse("020 7946 0958", region="GB") == PhoneNumber("+442079460958")


@pytest.mark.parametrize(
    "text", ["", "16045551234", "+1 604 555 1234", "+0123", "+1234567890123456", "+12", "+99912345"]
)
def test_a_number_outside_e164_cannot_exist(text: str) -> None:
    with pytest.raises(BadPhoneNumber, match=r": type it with country code"):
        PhoneNumber(text)


def test_numbers_sort_by_their_digits() -> None:
    assert min(PhoneNumber("+16045551234"), PhoneNumber("+13035551234")).area_code == "303"
