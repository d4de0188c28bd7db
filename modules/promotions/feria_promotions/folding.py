"""How codes are compared and made up."""

from __future__ import annotations

import secrets
import unicodedata

# Crockford's base 32: without I, L, O and U, which are read as others.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_LETTERS = 10  # 50 bits: nobody finds one of a million by guessing
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
MAX_LENGTH = 64


def folded(code: str) -> str:
    """Return what codes are compared by; "" where nothing is left, or too much to be a code.

    Case, spaces, dashes and underscores do not matter, nor whether somebody types O for 0, or I or L for 1.
    """
    plain = unicodedata.normalize("NFKC", code).upper()
    text = "".join(letter for letter in plain if letter.isalnum()).translate(_LOOK_ALIKES)
    return text if len(text) <= MAX_LENGTH else ""


def made_up(prefix: str, count: int) -> list[tuple[str, str]]:
    """Return random codes behind the prefix, e.g. `VIP-7K3M9-QXPT2`, each with what it is compared by."""
    shown, compared = f"{prefix}-" if prefix else "", folded(prefix)
    drawn = [_letters() for _ in range(count)]
    # Their letters have no look-alikes and no case, so that only the prefix has to be folded.
    return [(f"{shown}{letters[:5]}-{letters[5:]}", compared + letters) for letters in drawn]


def _letters() -> str:
    bits = secrets.randbits(5 * _RANDOM_LETTERS)
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(_RANDOM_LETTERS))
