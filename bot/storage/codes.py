"""The codes people type: short, without look-alikes."""

import secrets
from collections.abc import Iterator

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
TRIES = {4: 5, 5: 5, 6: 20}  # letters → how often, before the code gets longer


def candidates() -> Iterator[str]:
    """Codes to try, longer ones once several of a length were taken."""
    for length, tries in TRIES.items():
        for _ in range(tries):
            yield "".join(secrets.choice(ALPHABET) for _ in range(length))


def normalised(typed: str) -> str | None:
    """The code in what somebody typed or copied; None when it cannot be one."""
    code = typed.strip(" \t\n`#*_").upper()
    return code if code and set(code) <= set(ALPHABET) else None
