"""Text made comparable: accents folded, cut into words, made into slugs."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

from slugify import slugify

# Words of a search that are looked at, and letters of a word: beyond them nobody types, but robots do.
MAX_WORDS = 12
MAX_WORD = 40
MAX_SLUG = 100
# A lexeme takes 2046 bytes; folding can make a letter longer.
MAX_CODE = 200
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return `text` in lower case without accents: "Café Ñandú" is "cafe nandu"."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    """Return the folded words of `text` in their order."""
    return _WORD.findall(fold(text))


def query_words(text: str) -> list[str]:
    """Return the words of a search, each once, within bounds."""
    return list(dict.fromkeys(word[:MAX_WORD] for word in words(text)))[:MAX_WORDS]


def code_key(code: str) -> str:
    """Return how an SKU or barcode is compared: folded, without spaces."""
    return "".join(fold(code).split())[:MAX_CODE]


@lru_cache(maxsize=4096)
def slug_of(text: str) -> str:
    """Return a slug for `text`; text without a letter or digit that could be written in ASCII gets a hash."""
    slug = str(slugify(text, max_length=MAX_SLUG, word_boundary=True))
    return slug or hashlib.blake2b(text.encode(), digest_size=5).hexdigest()


@lru_cache(maxsize=4096)
def attribute_code(name: str) -> str:
    """Return the code of an attribute: "Screen size" is `screen_size`."""
    return slug_of(name).replace("-", "_")


def label_of(name: str) -> str:
    """Return how an attribute or option is shown: `screen_size` is "Screen size"."""
    spaced = name.replace("_", " ").strip() or name
    return spaced[:1].upper() + spaced[1:]
