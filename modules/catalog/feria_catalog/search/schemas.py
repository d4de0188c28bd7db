"""The shapes of what staff do with the search."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from feria_catalog.search.synonyms import MAX_SYNONYM_WORDS
from feria_catalog.search.words import words
from feria_core.http import Body, Out, Page, PageQuery


def _spoken(text: str) -> str:
    if not 1 <= len(words(text)) <= MAX_SYNONYM_WORDS:
        raise ValueError(f"must have one to {MAX_SYNONYM_WORDS} words")
    return text


Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_spoken),
    Field(examples=["couch"]),
]  # fmt: skip
WordList = Annotated[list[Words], Field(min_length=1, max_length=20)]
TwoWay = Annotated[bool, Field(description="Also from each synonym to the others")]


class SynonymBody(Body):
    """Who searches for `term` also finds `synonyms`."""

    term: Words
    synonyms: WordList
    two_way: TwoWay = True


class SynonymPatch(Body):
    """What is named changes."""

    term: Words | None = None
    synonyms: WordList | None = None
    two_way: TwoWay | None = None


class SynonymOut(Out):
    id: UUID
    term: str
    synonyms: list[str]
    two_way: bool
    created_at: datetime
    updated_at: datetime


class SynonymQuery(PageQuery):
    """Which synonyms."""

    q: Annotated[str | None, Field(max_length=100, description="Beginning of the term")] = None


class SearchesQuery(PageQuery):
    """Which searches, most frequent first."""

    without_hits: Annotated[bool, Field(description="Only those whose last answer was empty")] = False
    days: Annotated[int, Field(ge=1, le=3660, description="Of so many days, today included")] = 30


class SearchOut(Out):
    """A search; `hits` as of the last time. `proposals` are words of the catalog near to those that found nothing."""

    query: str
    sample: str
    searches: int
    hits: int
    last_day: date
    proposals: list[str]


class SynonymPage(Page[SynonymOut]):
    """Synonyms by their term."""


class SearchPage(Page[SearchOut]):
    """Searches, the most frequent first."""
