"""The words by which posts are found: of texts and of searches, cut the same way. Pure."""

from __future__ import annotations

import re

from feria_core.text import MAX_WORD, MAX_WORDS, fold, words

# A version or a number with its fraction tells as a whole what its parts do not: "1.72.0".
_NUMBER = re.compile(r"(?<![\w.])[a-z]{0,2}\d+(?:\.\d+)+(?![\w])")


def of_text(text: str) -> list[str]:
    """Return the folded words of a text in their order, and after them its numbers with points as a whole."""
    folded = fold(text)
    return [word[:MAX_WORD] for word in [*words(folded), *_NUMBER.findall(folded)]]


def of_query(text: str) -> list[str]:
    """Return the words of a search, each once, within bounds, its numbers with points first."""
    folded = fold(text)
    found = [*_NUMBER.findall(folded), *words(folded)]
    return list(dict.fromkeys(word[:MAX_WORD] for word in found))[:MAX_WORDS]
