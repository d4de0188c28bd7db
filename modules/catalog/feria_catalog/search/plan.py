"""What was typed, and what a search looks for once words are stemmed, mended and widened by synonyms. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pyroaring import BitMap

from feria_catalog.proved import bytes_of
from feria_catalog.search.terms import Terms
from feria_catalog.search.words import code_term, folded, words

# Words of a search that are looked at: names of products are pasted whole, nobody types more.
MAX_WORDS, MAX_PHRASES = 24, 5
_PIECE = re.compile(r'(?<!\S)(-?)"([^"]*)"|(\S+)')
# Of one or two letters it is more likely a part of a name: "LC -ST".
_EXCLUDED = re.compile(r"-\w{3}")


@dataclass(frozen=True)
class Piece:
    """A part of what was typed, between spaces, with its words."""

    text: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Typed:
    """A search as it was typed: words, "phrases" that must stand together, and what must not occur."""

    pieces: tuple[Piece, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    code: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The words in their order, each once; those of phrases are not among them."""
        return tuple(dict.fromkeys(word for piece in self.pieces for word in piece.words))[:MAX_WORDS]


@dataclass(frozen=True)
class Alternative:
    """Terms that together are one way to have what a group asks for."""

    terms: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Group:
    """One thing that is asked for, in any of several ways; `is_must` where no product without it is wanted."""

    alternatives: tuple[Alternative, ...]
    is_must: bool = False


@dataclass(frozen=True)
class SearchPlan:
    """A search that was understood; see `planning.plan`.

    `products` are all that it finds, shown or not; `coded` those whose SKU or barcode it is. `corrected_query` is
    what was searched for in place of what was typed, where words were mended. The terms of the groups come from
    `source`, which keeps the most used ones: a plan that is kept keeps none.
    """

    typed: Typed
    groups: tuple[Group, ...] = ()
    products: BitMap = field(default_factory=BitMap)
    coded: BitMap = field(default_factory=BitMap)
    corrected_query: str | None = None
    source: Terms | None = None

    @property
    def size(self) -> int:
        """About how many bytes this takes."""
        return 2000 + bytes_of(self.products) + bytes_of(self.coded)


def parse(text: str | None) -> Typed | None:
    """Return what was typed; None where nothing was."""
    if text is None or not text.strip():
        return None
    pieces: list[Piece] = []
    phrases: list[tuple[str, ...]] = []
    excluded: list[tuple[str, ...]] = []
    for found in _PIECE.finditer(text):
        sign, quoted, plain = found.groups()
        if quoted is not None:
            phrase = tuple(words(quoted))[:MAX_WORDS]
            if phrase:
                (excluded if sign else phrases).append(phrase)
        elif _EXCLUDED.match(plain):
            excluded.append(tuple(words(plain))[:MAX_WORDS])
        else:
            pieces.append(Piece(plain, tuple(words(plain))))
    if not any(piece.words for piece in pieces) and not phrases:
        # Nothing but what is not wanted: then it is taken for words.
        pieces, excluded = [Piece(part, tuple(words(part))) for part in text.split()], []
    return Typed(
        tuple(pieces), tuple(phrases[:MAX_PHRASES]), tuple(part for part in excluded if part)[:MAX_PHRASES],
        code_term(text),
    )  # fmt: skip


def measured_text(typed: Typed) -> str:
    """Return the words outside of phrases as they were typed, folded, for what stands joined in them."""
    return folded(" ".join(piece.text for piece in typed.pieces))
