"""Text cut into the terms that products are found by: folded, units and model numbers joined. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feria_catalog.folding import code_key
from feria_core.text import MAX_WORD, fold

# Of a field so much is searched; a longer text adds nothing that anybody looks for.
SEARCHED_LENGTH = 20_000
# Begins the term of an SKU or barcode; no word holds it.
CODE_MARK = "="
_WORD = re.compile(r"[^\W_]+")
# Parts that stand together without a space: "usb-c", "mlt-d1042s", "2.5".
_JOINED = re.compile(r"[^\W_]+(?:[-./'][^\W_]+){1,3}")
_DIGIT, _JOINT = re.compile(r"\d"), re.compile(r"[-./']")
_INCHES = re.compile(
    r"(?<=\d)[ -]?(?:inch(?:es)?\b|pulgadas?\b|in\b(?<![ -]in)|''|[\"\u2033\u201c\u201d]|\u2032\u2032)"
)
_UNITS = (
    "inch|mm|cm|m|km|ft|g|kg|mg|lb|oz|ml|cl|l|kb|mb|gb|tb|hz|khz|mhz|ghz|w|kw|wh|kwh|v|kv|mv|a|mah|ah|va|kva|p|k|"
    "fps|dpi|ppm|rpm|mp|mpix|lm|db|btu|bar|psi|u"
)
_MEASURE = re.compile(rf"(?<![^\W_])(\d+(?:[.,]\d+)?)[ -]?({_UNITS})(?![^\W_])")
MAX_JOINED = 30


def words(text: str) -> list[str]:
    """Return the folded words of `text` in their order, each within bounds."""
    return cut(folded(text))


def folded(text: str) -> str:
    """Return the searched part of `text`, folded, with inches as a word."""
    found = fold(text[:SEARCHED_LENGTH])
    return _INCHES.sub(" inch ", found) if _DIGIT.search(found) else found


def cut(text: str) -> list[str]:
    """Return the words of folded text in their order, each within bounds."""
    found: list[str] = _WORD.findall(text)
    # Hardly ever is one too long, and looking costs less than cutting each.
    if len(text) <= MAX_WORD or max(map(len, found), default=0) <= MAX_WORD:
        return found
    return [word[:MAX_WORD] for word in found]


def joined(text: str) -> list[str]:
    """Return what else stands in folded text: measures as one word ("13inch", "16gb"), and parts written together."""
    found = [token for token, _ in compounds(text)] if _JOINT.search(text) else []
    return found + [token for token, _ in measures(text)] if _DIGIT.search(text) else found


def measures(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Give numbers with their unit as one word, and where they stand; a broken number also without its fraction."""
    for found in _MEASURE.finditer(text):
        number, unit = found[1].replace(",", "."), found[2]
        yield f"{number}{unit}"[:MAX_WORD], found.span()


def compounds(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Give parts that a hyphen, dot or slash joins as one word, and where they stand."""
    for found in _JOINED.finditer(text):
        token = "".join(_WORD.findall(found[0]))
        if len(token) <= MAX_JOINED and not token.isdigit():
            yield token, found.span()


def code_term(text: str) -> str:
    """Return the term of an SKU, barcode, model or name typed as a whole; what PostgreSQL cannot store is left out."""
    key = code_key(text).encode("utf-8", "ignore").decode().replace("\x00", "")
    return CODE_MARK + key[:MAX_CODE_TERM]


# A row of an index takes 2,700 bytes; a letter up to four.
MAX_CODE_TERM = 100
