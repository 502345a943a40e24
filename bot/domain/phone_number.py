"""Phone numbers as people type them and Slack sends them, kept in E.164."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_TEL_LINK = re.compile(r"<tel:([^|>]*)(?:\|[^>]*)?>", re.IGNORECASE)
_WRITTEN = re.compile(r"\+?[0-9 ().\-/]*")
_DASHES = re.compile(r"[‐-―−]")  # noqa: RUF001 - the look-alikes are the point
# North American area codes and exchanges start with 2 to 9, and N11 is a service such as 911:
# https://www.nationalnanpa.com/number_resource_info/area_codes.html . Length alone, which is all
# `is_possible_number` looks at, would let them through.
_NANP = re.compile(r"(?!.11)[2-9][0-9]{2}[2-9][0-9]{6}")
_NANP_COUNTRY_CODE = 1
_MOST_DIGITS = 15
_TRY = "type it with country code, such as +16045551234."


class BadPhoneNumber(ValueError):
    """What was typed is no number that can be bought; `str()` says why and what to type instead."""


@dataclass(frozen=True, slots=True, order=True)
class PhoneNumber:
    """A number that can exist, in E.164 form ("+16045551234"); whether it is in service is open."""

    e164: str

    def __post_init__(self) -> None:
        try:
            self._parsed()
        except NumberParseException as error:
            raise BadPhoneNumber(_unreadable(error.error_type)) from None
        if not _E164.fullmatch(self.e164):
            raise BadPhoneNumber(f"This is not a number in E.164 form: {_TRY}")

    @classmethod
    def parse(cls, text: str, region: str = "US") -> Self:
        """Read E.164, a spelling used in `region`, or Slack's `<tel:…|…>`; or BadPhoneNumber."""
        written = _as_written(text)
        _refuse_what_is_no_number(written)
        try:
            parsed = phonenumbers.parse(written, region)
        except NumberParseException as error:
            raise BadPhoneNumber(_unreadable(error.error_type)) from None
        _refuse_impossible(parsed)
        if phonenumbers.number_type(parsed) == PhoneNumberType.PREMIUM_RATE:
            raise BadPhoneNumber(
                "This is a premium-rate number, which cannot be bought: choose another."
            )
        return cls(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))

    def __str__(self) -> str:
        return self.e164

    def display(self) -> str:
        """Give the international format, "+1 604-555-1234"."""
        return phonenumbers.format_number(self._parsed(), PhoneNumberFormat.INTERNATIONAL)

    def national(self) -> str:
        """Give the format used inside the country, "(604) 555-1234"."""
        return phonenumbers.format_number(self._parsed(), PhoneNumberFormat.NATIONAL)

    @property
    def region(self) -> str:
        """ISO 3166 code of the country ("CA"), or "" where the numbering plan does not tell."""
        return phonenumbers.region_code_for_number(self._parsed()) or ""

    @property
    def is_canadian(self) -> bool:
        return self.region == "CA"

    @property
    def area_code(self) -> str:
        """The three digits after +1 ("604"); "" outside the North American plan."""
        return self.e164[2:5] if self.e164.startswith("+1") else ""

    def _parsed(self) -> phonenumbers.PhoneNumber:
        return phonenumbers.parse(self.e164)


def _as_written(text: str) -> str:
    """Undo what copying and Slack add: the link, invisible marks, wide digits, odd dashes."""
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
    plain = " ".join(_DASHES.sub("-", unicodedata.normalize("NFKC", visible)).split())
    link = _TEL_LINK.fullmatch(plain)
    return (link[1] if link else plain).strip().removeprefix("tel:")


def _refuse_what_is_no_number(written: str) -> None:
    if not written:
        raise BadPhoneNumber(f"No number was given: {_TRY}")
    if any(c.isalpha() for c in written):
        raise BadPhoneNumber(f"A phone number has no letters in it: {_TRY}")
    if not _WRITTEN.fullmatch(written):
        raise BadPhoneNumber(f"A phone number has only digits after an optional +: {_TRY}")
    if not any(c.isdigit() for c in written):
        raise BadPhoneNumber(f"There are no digits in this number: {_TRY}")


def _refuse_impossible(parsed: phonenumbers.PhoneNumber) -> None:
    digits = len(phonenumbers.national_significant_number(parsed)) + len(str(parsed.country_code))
    if digits > _MOST_DIGITS:  # the library allows 17 after +49, E.164 does not
        raise BadPhoneNumber(f"This number is too long: {_TRY}")
    match phonenumbers.is_possible_number_with_reason(parsed):
        case ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            raise BadPhoneNumber(f"The area code is missing: {_TRY}")
        case ValidationResult.TOO_SHORT:
            raise BadPhoneNumber(f"This number is too short: {_TRY}")
        case ValidationResult.TOO_LONG:
            raise BadPhoneNumber(f"This number is too long: {_TRY}")
        case ValidationResult.IS_POSSIBLE:
            pass
        case _:
            raise BadPhoneNumber(f"No number of this country has that many digits: {_TRY}")
    in_nanp = parsed.country_code == _NANP_COUNTRY_CODE
    if in_nanp and not _NANP.fullmatch(phonenumbers.national_significant_number(parsed)):
        raise BadPhoneNumber(
            "No number can have this area code or the three digits after it:"
            " check the number and type it again."
        )


def _unreadable(error_type: int) -> str:
    if error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return f"No country has this country code: {_TRY}"
    if error_type == NumberParseException.TOO_LONG:
        return f"This number is too long: {_TRY}"
    return f"This number is too short: {_TRY}"
