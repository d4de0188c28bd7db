"""Mistyped words: which words of a vocabulary are near.

A vocabulary is a table with one column, `word`, its primary key, collated "C", and an index on the last three letters.
"""

from __future__ import annotations

import string
from collections.abc import Iterable

from feria_core import db

MIN_LENGTH, TWO_EDITS_LENGTH = 4, 8
# Words that are compared in full for two edits.
LOOKED_AT = 3000
_LATIN = string.ascii_lowercase
_KNOWN = "SELECT word FROM {} WHERE word = ANY($1::text[])"
# Of two edits one third of the word, at least, is spared by both: the beginning, or the end.
_NEAR = f"""
(SELECT word FROM {{0}} WHERE word >= $1 AND word < $1 || U&'\\+10FFFF'
    AND length(word) BETWEEN $3 AND $4 LIMIT {LOOKED_AT})
UNION
(SELECT word FROM {{0}} WHERE right(word, 3) COLLATE "C" = $2 AND length(word) BETWEEN $3 AND $4
    LIMIT {LOOKED_AT})
"""


async def near(word: str, *, vocabulary: str) -> dict[str, int]:
    """Return the words at one edit from `word`, or where none is and it is long, at two; each with its edits.

    An edit adds, leaves out or replaces a letter, or swaps two neighbours. `vocabulary` names the table.
    """
    if len(word) < MIN_LENGTH or not word.isalpha():
        return {}
    rows = await db.fetch_all(_KNOWN.format(vocabulary), list(edits(word)))
    found = {row["word"]: 1 for row in rows}
    if found or len(word) < TWO_EDITS_LENGTH:
        return found
    rows = await db.fetch_all(_NEAR.format(vocabulary), word[:3], word[-3:], len(word) - 2, len(word) + 2)
    return {row["word"]: 2 for row in rows if is_within_two(word, row["word"])}


def edits(word: str) -> set[str]:
    """Return every word at one edit from `word`, with the letters of its own script."""
    letters = set(word) | set(_LATIN if word.isascii() else _script(word))
    found = {word[:i] + word[i + 1 :] for i in range(len(word))}
    found |= {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    found |= {word[:i] + letter + word[i + 1 :] for i in range(len(word)) for letter in letters}
    found |= {word[:i] + letter + word[i:] for i in range(len(word) + 1) for letter in letters}
    return found - {word}


def is_within_two(one: str, other: str) -> bool:
    """Return whether at most two edits lie between the words."""
    if abs(len(one) - len(other)) > 2 or len(set(one) ^ set(other)) > 4:  # noqa: PLR2004 - two edits, each two letters
        return False
    return distance(one, other, 2) <= 2  # noqa: PLR2004


def distance(one: str, other: str, bound: int) -> int:
    """Return the edits between the words, a swap of neighbours as one; more than `bound` means more than that."""
    before, last = list[int](), list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, right in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != right))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > bound:
            return bound + 1
        before, last = last, row
    return last[-1]


def _script(word: str) -> Iterable[str]:
    """Return the letters around those of the word: its alphabet, where it has one."""
    greatest = max(word)
    base = ord(greatest) & ~0x7F
    return [chr(code) for code in range(base, base + 0x80) if chr(code).isalpha()] if base < 0x2000 else ""  # noqa: PLR2004 - before the ideographs
