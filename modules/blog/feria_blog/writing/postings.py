"""What a post is found by, and how much each word of it tells: BM25F with fixed lengths.

A word's weight is counted over the fields, saturates, and is stored; how rare the word is in the blog is known only
when somebody searches. The lengths that fields are compared with are fixed, so no post's weights depend on others.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from feria_blog.words import of_text
from feria_core import db
from feria_core.text import STOP_WORDS, term


@dataclass(frozen=True)
class Field:
    """A field's weight, how much its length counts (0 to 1), and what is a usual length, in words."""

    weight: float
    by_length: float
    length: float


TITLE = Field(4.0, 0.3, 8)
TAGS = Field(2.0, 0.0, 3)
TEXT = Field(1.0, 0.5, 600)
# k1 of BM25, between the 1.2 and 2.0 that are usual for long texts.
SATURATION = 1.5
MAX_TERMS = 4000
KEYWORDS, CANDIDATES, SHORTEST = 12, 200, 3
_ADD_WORDS = "INSERT INTO blog_word (word) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING"
_ADD = """
INSERT INTO blog_posting (term, post_id, impact)
SELECT w.term, $1, w.impact FROM unnest($2::text[], $3::real[]) AS w (term, impact)
"""
# How rare a word is among the posts, as in a search.
_KEYWORDS = """
UPDATE blog_post SET keywords = ARRAY(
    SELECT w.term FROM unnest($2::text[], $3::real[]) AS w (term, impact)
    CROSS JOIN LATERAL (SELECT count(*)::float8 AS hits FROM blog_posting WHERE term = w.term) h
    CROSS JOIN (SELECT count(*)::float8 AS posts FROM blog_post) n
    ORDER BY w.impact * ln(1 + (n.posts - h.hits + 0.5) / (h.hits + 0.5)) DESC, w.term LIMIT $4)
WHERE id = $1
"""


@dataclass(frozen=True)
class Searched:
    """The texts of a post in one language."""

    title: str
    text: str


async def rewrite(
    post_id: UUID, texts: Mapping[str, Searched], tags: Iterable[str], *, locale: str, first: str
) -> None:
    """Write what the post is found by: its texts by language, its tags in the language `locale` of the post."""
    tags = list(tags)
    impacts = await asyncio.to_thread(weighed, texts, tags, locale, first)
    await db.execute("DELETE FROM blog_posting WHERE post_id = $1", post_id)
    await db.execute(_ADD, post_id, list(impacts), list(impacts.values()))
    await db.execute(_ADD_WORDS, sorted(written(texts, tags)))
    telling = [found for found in impacts if len(found) >= SHORTEST and not found[:1].isdigit()][:CANDIDATES]
    await db.execute(_KEYWORDS, post_id, telling, [impacts[found] for found in telling], KEYWORDS)


def weighed(texts: Mapping[str, Searched], tags: list[str], locale: str, first: str) -> dict[str, float]:
    """Return the impacts of the terms, the strongest first. Pure."""
    weights: dict[str, float] = defaultdict(float)
    for language, searched in texts.items():
        own: dict[str, float] = defaultdict(float)
        _count(TITLE, searched.title, language, first, own)
        _count(TEXT, searched.text, language, first, own)
        if language == locale:
            _count(TAGS, " ".join(tags), language, first, own)
        for found, weight in own.items():
            weights[found] = max(weights[found], weight)
    strongest = sorted(weights, key=lambda found: (-weights[found], found))[:MAX_TERMS]
    return {found: round(weights[found] / (weights[found] + SATURATION), 4) or 0.0001 for found in strongest}


def written(texts: Mapping[str, Searched], tags: Iterable[str]) -> set[str]:
    """Return the words of letters alone as they are written, folded: what a mistyped word is mended to. Pure."""
    everything = [part for searched in texts.values() for part in (searched.title, searched.text)]
    listed = {word for part in (*everything, *tags) for word in of_text(part)}
    return {word for word in listed if word.isalpha() and len(word) >= SHORTEST and word not in STOP_WORDS}


def _count(field: Field, text: str, language: str, first: str, weights: dict[str, float]) -> None:
    listed = of_text(text)
    by_length = 1 - field.by_length + field.by_length * max(len(listed), 1) / field.length
    for word, count in Counter(listed).items():
        if word not in STOP_WORDS:
            found = term(word, language, is_first=language == first)
            weights[found] += field.weight * count / by_length
