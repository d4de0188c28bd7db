"""What a note may be. Pure."""

from __future__ import annotations

import unicodedata

MAX_LETTERS = 500
NOT_TEXT, TOO_LONG = "not_text", "too_long"


def normal(value: object) -> tuple[str | None, str | None]:
    """Return the note as it is kept and None, or None and why it cannot be: NOT_TEXT or TOO_LONG.

    A blank note is none. Lines end by a line feed; other control characters have no place on a card.
    """
    if not isinstance(value, str):
        return None, NOT_TEXT
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(letter not in "\n\t" and unicodedata.category(letter) == "Cc" for letter in text):
        return None, NOT_TEXT
    return (None, TOO_LONG) if len(text) > MAX_LETTERS else (text or None, None)
