"""Which posts a search finds, and in which order: BM25 over the postings."""

from __future__ import annotations

from dataclasses import dataclass

from feria_blog.reading.languages import known
from feria_blog.words import of_query
from feria_core.text import STOP_WORDS, term

# A post that holds more of the words stands before every other: those with fewer are not shown at all, unless no post
# has more. Of each word the strongest of its forms counts, one for each language of the deployment. Parameters: the
# numbers of the words, and beside them their forms.
MATCHES = """
wanted AS (
    SELECT w.word, w.term, ln(1 + (n.posts - h.hits + 0.5) / (h.hits + 0.5)) AS rarity
    FROM unnest({words}::int[], {terms}::text[]) AS w (word, term)
    CROSS JOIN LATERAL (SELECT count(*)::float8 AS hits FROM blog_posting WHERE term = w.term) h
    CROSS JOIN (SELECT count(*)::float8 AS posts FROM blog_post) n),
found AS (
    SELECT post_id, count(*) AS words, round(sum(score)::numeric, 5)::float8 AS score FROM (
        SELECT g.post_id, w.word, max(g.impact * w.rarity) AS score
        FROM wanted w JOIN blog_posting g ON g.term = w.term GROUP BY g.post_id, w.word) each_word
    GROUP BY post_id)"""


@dataclass(frozen=True)
class Wanted:
    """The forms of the words of a search, each beside the number of its word."""

    words: list[int]
    terms: list[str]

    @property
    def count(self) -> int:
        """How many words are looked for."""
        return len(set(self.words))


def wanted(q: str) -> Wanted:
    """Return what a search looks for; words that stand everywhere only where there are no others."""
    typed = of_query(q)
    telling = [word for word in typed if word not in STOP_WORDS] or typed
    pairs = [(number, form) for number, word in enumerate(telling) for form in forms(word)]
    return Wanted([number for number, _ in pairs], [form for _, form in pairs])


def forms(word: str) -> list[str]:
    """Return the terms that the word is found by, one for each language of the deployment at most."""
    locales = known()
    return sorted({term(word, locale, is_first=locale == locales[0]) for locale in locales})
