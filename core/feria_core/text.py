"""Text made comparable: accents folded, cut into words, stemmed, made into slugs. Pure."""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from slugify import slugify

if TYPE_CHECKING:
    import Stemmer  # type: ignore[import-not-found]  # a C extension without stubs

# Words of a search that are looked at, and letters of a word: beyond them nobody types, but robots do.
MAX_WORDS = 12
MAX_WORD = 40
MAX_SLUG = 100
# Languages of Snowball by locale; words of other languages are found as they are.
STEMMERS = {"en": "english", "es": "spanish"}
STOP_WORDS = frozenset(
    (
        *("a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "it", "of", "on", "or", "the", "to", "with"),
        *("al", "con", "de", "del", "e", "el", "en", "la", "las", "lo", "los", "o", "para", "por", "que", "se", "sin"),
        *("su", "un", "una", "y"),
    )
)
_WORD = re.compile(r"[^\W_]+")
# A stemmer serves one thread at a time.
_own = threading.local()


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


def term(word: str, locale: str, *, is_first: bool) -> str:
    """Return the term of a word: its stem, marked with the language where that is not the shop's first."""
    stemmed = stem(word, locale)
    return stemmed if is_first or not word.isalpha() else f"{locale.partition('-')[0]}:{stemmed}"


@lru_cache(maxsize=65_536)
def stem(word: str, locale: str) -> str:
    """Return the word's stem in the language of `locale` ("en-US" is English)."""
    language = STEMMERS.get(locale.partition("-")[0])
    if language is None or not word.isalpha():
        return word
    return str(_stemmer(language).stemWord(word))[:MAX_WORD]


@lru_cache(maxsize=4096)
def slug_of(text: str) -> str:
    """Return a slug for `text`; text without a letter or digit that could be written in ASCII gets a hash."""
    slug = str(slugify(text, max_length=MAX_SLUG, word_boundary=True))
    return slug or hashlib.blake2b(text.encode(), digest_size=5).hexdigest()


def _stemmer(language: str) -> Stemmer.Stemmer:
    # Imported where somebody searches: most processes of a site without a shop or a blog never do.
    import Stemmer

    found = getattr(_own, language, None)
    if found is None:
        found = Stemmer.Stemmer(language)
        setattr(_own, language, found)
    return found
