"""Synonyms as staff gave them, by the words that are typed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from feria_catalog.search.words import words

MAX_SYNONYM_WORDS = 5
# What is found by a synonym counts a little less than what was typed.
WEIGHT = 0.9

Words = tuple[str, ...]
Synonyms = Mapping[Words, list[Words]]


def by_words(rows: Iterable[Mapping[str, Any]]) -> dict[Words, list[Words]]:
    """Return rows of catalog_synonym by what is typed; two-way ones by each of their words."""
    found: dict[Words, list[Words]] = {}
    for row in rows:
        ring = [tuple(words(text)) for text in (row["term"], *row["synonyms"])]
        for place, typed in enumerate(ring):
            if place == 0 or row["is_two_way"]:
                known = found.setdefault(typed, [])
                known += [other for other in ring if other and other != typed and other not in known]
    found.pop((), None)
    return found


def found(known: Synonyms, sequence: Sequence[str]) -> Synonyms:
    """Return those of the synonyms whose words stand in the search, one after the other."""
    if not known:
        return {}
    parts = {
        tuple(sequence[at : at + length])
        for length in range(1, MAX_SYNONYM_WORDS + 1)
        for at in range(len(sequence) - length + 1)
    }
    return {part: known[part] for part in parts if part in known}
