"""What was meant by words of a search that no post holds: the blog's own words that are nearest to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from feria_blog.reading.cards import VISIBLE
from feria_blog.reading.search import forms
from feria_blog.words import of_query
from feria_core import clock, db
from feria_core.spelling import near
from feria_core.text import STOP_WORDS, fold

VOCABULARY = "blog_word"
# A draft's words are offered to nobody: only posts that are shown count.
_POSTS = f"""
SELECT w.word, count(DISTINCT p.id) AS posts
FROM unnest($2::text[], $3::text[]) AS w (word, term)
JOIN blog_posting g ON g.term = w.term JOIN blog_post p ON p.id = g.post_id
WHERE {VISIBLE} GROUP BY w.word
"""
_WORD = re.compile(r"[^\W_]+")


async def mended(q: str) -> str | None:
    """Return the search with its unknown words mended, None where nothing is near or nothing is unknown."""
    asked = [word for word in of_query(q) if word.isalpha() and word not in STOP_WORDS]
    known = await _posts(asked)
    instead: dict[str, str] = {}
    for word in asked:
        best = None if word in known else await _nearest(word)
        if best is not None:
            instead[word] = best
    return _spelled(q, instead) if instead else None


async def _nearest(word: str) -> str | None:
    """Return the word that most likely was meant: with the same first letter, nearest, in most posts."""
    found = await near(word, vocabulary=VOCABULARY)
    posts = await _posts(found)
    ranked = [(other[0] == word[0], -found[other], count, other) for other, count in posts.items()]
    return max(ranked)[-1] if ranked else None


async def _posts(words: Iterable[str]) -> dict[str, int]:
    """Return in how many posts that are shown now each of the words stands; those that stand nowhere are left out."""
    pairs = [(word, form) for word in words for form in forms(word)]
    if not pairs:
        return {}
    rows = await db.fetch_all(_POSTS, clock.now(), [word for word, _ in pairs], [form for _, form in pairs])
    return {row["word"]: int(row["posts"]) for row in rows}


def _spelled(q: str, instead: Mapping[str, str]) -> str:
    """Return what was typed with other words in it."""
    return _WORD.sub(lambda found: instead.get(fold(found[0]), found[0]), q)
