"""What was typed into the search field, as queries of PostgreSQL's full text search.

Words are folded and cut here and hold nothing but letters and digits, so nothing that anybody types can be read
as an operator; the queries travel as values.
"""

from __future__ import annotations

from dataclasses import dataclass

from feria_catalog.folding import code_key, query_words

# From so many letters on the last word also stands for words that begin with it: shorter ones fit half the shop.
PREFIX_LENGTH = 2


@dataclass(frozen=True)
class SearchQuery:
    """The words of a search, the last one perhaps unfinished, and the whole as an SKU or barcode."""

    words: tuple[str, ...]
    code: str

    @property
    def exact(self) -> str:
        """All words, as they are: what ranks."""
        return " & ".join(_quoted(word) for word in self.words)

    @property
    def all_words(self) -> str:
        """All words, the last one as a beginning too: what is found."""
        return " & ".join([*(_quoted(word) for word in self.words[:-1]), *(self._last())])

    @property
    def each_word(self) -> list[str]:
        """One query for each word, for products that have only some of them."""
        return [*(_quoted(word) for word in self.words[:-1]), *self._last()]

    @property
    def all_but_one(self) -> list[str]:
        """One query for each word left out."""
        terms = self.each_word
        if len(terms) <= 2:  # noqa: PLR2004 - leaving one of two words out leaves a single word
            return []
        return [" & ".join(terms[:i] + terms[i + 1 :]) for i in range(len(terms))]

    def _last(self) -> list[str]:
        if not self.words:
            return []
        word = self.words[-1]
        return [_quoted(word) + (":*" if len(word) >= PREFIX_LENGTH else "")]


def parse(text: str | None) -> SearchQuery | None:
    """Return the query of what was typed; None where nothing was."""
    if text is None or not text.strip():
        return None
    return SearchQuery(tuple(query_words(text)), f"code:{code_key(text)}")


def _quoted(word: str) -> str:
    return f"'{word}'"
