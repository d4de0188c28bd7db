"""Text made comparable and made into slugs."""

from __future__ import annotations

import re
import unicodedata

from feria_core.ids import new_id

MAX_WORDS, MAX_WORD, MAX_SLUG = 8, 40, 100
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return the text in lower case without accents: "Café Ñandú" is "cafe nandu"."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def patterns(query: str) -> list[str]:
    """Return a LIKE pattern for each word that a text must hold, within bounds; words have nothing to escape."""
    found = dict.fromkeys(word[:MAX_WORD] for word in _WORD.findall(fold(query)))
    return [f"%{word}%" for word in found][:MAX_WORDS]


def slug_of(text: str) -> str:
    """Return the text as a slug of at most MAX_SLUG characters; some letters by chance where nothing can be spelled."""
    from slugify import slugify

    return slugify(text, max_length=MAX_SLUG, word_boundary=True) or f"event-{new_id().hex[-8:]}"
