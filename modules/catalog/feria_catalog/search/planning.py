"""From what was typed to a plan: words mended, completed, widened by synonyms, and the products that fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pyroaring import BitMap

from feria_catalog.proved import PerApplication
from feria_catalog.search import completing, mending, phrases, synonyms
from feria_catalog.search.matching import at_least, members, required
from feria_catalog.search.plan import Alternative, Group, Piece, SearchPlan, Typed, measured_text, parse
from feria_catalog.search.terms import Term, Terms, current
from feria_catalog.search.words import MAX_JOINED, code_term, compounds, measures, words
from feria_core.recent import Recent
from feria_core.runtime import core_settings
from feria_core.text import MAX_WORD, STOP_WORDS, term

# Fewer products than this that have all words: those with one word less follow, and so on.
SHORT = 10
# A word that so few products hold may be a slip; it is one if its neighbour stands in so many times more products,
# and beside the other words too.
RARE, TIMES = 2, 20
# The impact of a word of the name, at least; words of descriptions and specifications hardly reach it.
NAMED = 0.76
# A word of small print is a slip if its neighbour names so many times more of the products that the other words leave.
TIMES_NAMED, PRINT_LENGTH = 5, 5
# So many plans are kept, and bytes of them. One holds its products: 125 kB where it is half of a million, mostly next
# to nothing.
UNDERSTOOD, UNDERSTOOD_BYTES = 1000, 16 * 1024 * 1024
# Completions of an unfinished word say less than the word itself; so do parts of a word that stands joined.
COMPLETED, APART = 0.8, 0.6


@dataclass
class _Draft:
    """A plan in the making; `loaded` are the terms that were looked at."""

    typed: Typed
    terms: Terms
    locales: tuple[str, ...]
    among: BitMap | None
    loaded: dict[str, Term] = field(default_factory=dict)
    mended: dict[str, tuple[str, ...]] = field(default_factory=dict)
    completions: dict[str, tuple[str, ...]] = field(default_factory=dict)

    async def load(self, terms: Iterable[str], *, weighed: bool = False) -> None:
        """Look at these terms too."""
        missing = [name for name in terms if name not in self.loaded]
        if missing:
            self.loaded |= await self.terms.load(missing, weighed=weighed)

    async def named(self, word: str) -> BitMap:
        """Return the products that are named by the word."""
        terms = await self.terms.load(self.names(word), weighed=True)
        named = (term.impacts.above(NAMED) for term in terms.values() if term.impacts is not None)
        found = BitMap.union(BitMap(), *named)
        return found if self.among is None else found & self.among

    def names(self, word: str) -> tuple[str, ...]:
        """Return the word's term in each language."""
        found = (term(word, locale, is_first=n == 0) for n, locale in enumerate(self.locales))
        return tuple(dict.fromkeys(found))

    def having(self, word: str) -> BitMap:
        """Return the products that have the word in any language; its terms must be loaded."""
        found = BitMap.union(*(self.loaded[name].products for name in self.names(word)))
        return found if self.among is None else found & self.among


async def plan(text: str | None, *, among: BitMap | None = None, is_unfinished: bool = False) -> SearchPlan | None:
    """Return the plan of what was typed; None where nothing was. Never raises for any text.

    Only products of `among` are found, and words that none of these holds are unknown; None stands for all, drafts
    too.
    Where `is_unfinished`, the last word always stands for those that begin with it too. The same text is understood
    once, until a word of any product, a synonym or what is `among` changes: who narrows a search asks it many times.
    """
    typed = parse(text)
    if typed is None:
        return None
    terms = await current()
    key = (text or "", is_unfinished)
    known = _understood.get().plans(terms, among)
    found = known.get(key)
    if found is None:
        generation = terms.generation
        found = await _made(typed, terms, among, is_unfinished=is_unfinished)
        if generation == terms.generation:
            known.keep(key, found)
    return found


class _Understood:
    """The latest plans of an application, as long as what they were made from stands."""

    def __init__(self) -> None:
        self._of: tuple[Terms, int, BitMap | None] | None = None
        self._plans = _recent()

    def plans(self, terms: Terms, among: BitMap | None) -> Recent[tuple[str, bool], SearchPlan]:
        """Return the plans that hold for these terms and products; the bitmap may be changed by its owner later."""
        if self._of is None or self._of[:2] != (terms, terms.generation) or self._of[2] != among:
            self._of = (terms, terms.generation, among if among is None else among.copy())
            self._plans = _recent()
        return self._plans


def _recent() -> Recent[tuple[str, bool], SearchPlan]:
    return Recent(UNDERSTOOD, most=UNDERSTOOD_BYTES, weigh=lambda plan: plan.size)


_understood = PerApplication(_Understood)


async def _made(typed: Typed, terms: Terms, among: BitMap | None, *, is_unfinished: bool) -> SearchPlan:
    draft = _Draft(typed, terms, core_settings().locales or ("en",), among)
    everything = [*typed.words, *(word for phrase in (*typed.phrases, *typed.excluded) for word in phrase)]
    # Most of these are what the order goes by: one read brings both.
    await draft.load([typed.code, *(name for word in everything for name in draft.names(word))], weighed=True)
    coded = await _coded(draft, typed.code)
    if not coded:
        await _mend(draft, is_unfinished=is_unfinished)
        coded = await _coded(draft, code_term(_corrected(draft))) if draft.mended else coded
    groups = await _groups(draft)
    found = await _found(draft, groups)
    return SearchPlan(typed, groups, found | coded, coded, _corrected(draft) if draft.mended else None, terms)


async def _coded(draft: _Draft, code: str) -> BitMap:
    """Return the products that have this SKU, barcode, model or name."""
    await draft.load([code])
    found = draft.loaded[code].products
    return found if draft.among is None else found & draft.among


async def _mend(draft: _Draft, *, is_unfinished: bool) -> None:
    """Decide what is meant by words that hardly any product holds."""
    kept = draft.typed.words
    if is_unfinished and kept and draft.having(kept[-1]):
        draft.completions[kept[-1]] = tuple(await _completions(draft, kept[-1]))
    for word in kept:
        if not word.isalpha():
            continue
        if len(draft.having(word)) > RARE:
            if len(kept) > 1 and len(word) >= PRINT_LENGTH:
                await _mend_small_print(draft, word)
            continue
        others = [draft.having(other) for other in kept if other != word and draft.having(other)]
        completions: dict[str, int] = {}
        if word == kept[-1] and not draft.having(word):
            completions = await _completions(draft, word)
        best = await _nearest(draft, word, others)
        if completions and (best is None or TIMES * max(completions.values()) >= best[1]):
            draft.completions[word] = tuple(completions)
        elif best is not None and best[1] >= TIMES * len(draft.having(word)) and _says_more(draft, word, best[0]):
            draft.mended[word] = best[0]


async def _mend_small_print(draft: _Draft, word: str) -> None:
    """Decide what is meant by a word that stands in small print alone, beside others: "usb stock".

    Hardly any product is named so; where, beside the other words, many are named by a neighbour, that one is meant.
    """
    if len(await draft.named(word)) > RARE:
        return
    found = [other for other, edits in (await mending.near(word)).items() if edits == 1 and other[0] == word[0]]
    await draft.load(name for other in found for name in draft.names(other))
    context = BitMap.intersection(*(draft.having(other) for other in draft.typed.words if other != word))
    ranked = [(context.intersection_cardinality(await draft.named(other)), other) for other in found]
    count, best = max(ranked, default=(0, ""))
    if count >= TIMES_NAMED * max(1, context.intersection_cardinality(await draft.named(word))):
        draft.mended[word] = (best,)


def _says_more(draft: _Draft, word: str, instead: tuple[str, ...]) -> bool:
    """Return whether the search as it is finds next to nothing beside what it finds with the word mended."""
    others = [draft.having(other) for other in draft.typed.words if other != word]
    if not others:
        return True
    context = BitMap.intersection(*others)
    as_typed = context.intersection_cardinality(draft.having(word))
    return not as_typed or len(BitMap.intersection(context, *map(draft.having, instead))) >= TIMES * as_typed


async def _completions(draft: _Draft, word: str) -> dict[str, int]:
    """Return the words that begin with `word` with the number of their products, the most frequent first."""
    found = await completing.beginning_with(word)
    await draft.load(name for other in found for name in draft.names(other))
    counts = {other: len(draft.having(other)) for other in found}
    best = sorted((other for other in found if counts[other]), key=lambda other: (-counts[other], other))
    return {other: counts[other] for other in best[: completing.KEPT]}


async def _nearest(draft: _Draft, word: str, others: Sequence[BitMap]) -> tuple[tuple[str, ...], int] | None:
    """Return what `word` most likely is a slip of, with its number of products."""
    is_known = bool(draft.having(word))
    found = {other: number for other, number in (await mending.near(word)).items() if number == 1 or not is_known}
    apart = _apart(word) if not found and not is_known else []
    looked_at = [*found, *(part for pair in apart for part in pair)]
    await draft.load(name for other in looked_at for name in draft.names(other))
    ranked: list[tuple[tuple[Any, ...], tuple[str, ...], int]] = []
    for other, number in found.items():
        products = draft.having(other)
        together = max((products.intersection_cardinality(known) for known in others), default=0)
        if len(products) > len(draft.having(word)):
            key = (other[0] == word[0], -number, together, len(products), other)
            ranked.append((key, (other,), len(products)))
    for pair in apart:
        together = draft.having(pair[0]).intersection_cardinality(draft.having(pair[1]))
        if together > RARE:
            ranked.append(((True, -1, True, together, pair[0]), pair, together))
    if not ranked:
        return None
    _, best, count = max(ranked)
    return best, count


def _apart(word: str) -> list[tuple[str, str]]:
    """Return the ways to cut the word in two."""
    return [(word[:i], word[i:]) for i in range(3, len(word) - 2)]


async def _groups(draft: _Draft) -> tuple[Group, ...]:
    """Return what is asked for: a group for each word or measure, for what synonyms say, and for phrases."""
    sequence = [other for word in draft.typed.words for other in draft.mended.get(word, (word,))]
    named = synonyms.found(draft.terms.synonyms(), sequence)
    measured = _measured(draft.typed)
    near: dict[tuple[str, ...], str] = {(a, b): a + b for a, b in pairwise(sequence) if len(a + b) <= MAX_JOINED}
    spoken = [word for words_of in named.values() for synonym in words_of for word in synonym]
    await draft.load(name for word in [*near.values(), *measured.values(), *spoken] for name in draft.names(word))
    groups: list[Group] = []
    at = 0
    while at < len(sequence):
        length, group = _group_at(draft, sequence, at, named, measured, near)
        groups.append(group)
        at += length
    content = [g for g, word in zip(groups, sequence, strict=False) if word not in STOP_WORDS]
    if len(groups) == len(sequence) and content:
        groups = content
    await draft.load(name for phrase in draft.typed.phrases for word in phrase for name in draft.names(word))
    musts = [Group(_ways(draft, word), is_must=True) for phrase in draft.typed.phrases for word in phrase]
    return (*groups, *musts)


def _group_at(
    draft: _Draft,
    sequence: Sequence[str],
    at: int,
    named: Mapping[tuple[str, ...], list[tuple[str, ...]]],
    measured: Mapping[tuple[str, ...], str],
    near: Mapping[tuple[str, ...], str],
) -> tuple[int, Group]:
    """Return how many words the group at this place takes, and the group; the longest that is known."""
    for length in range(min(len(sequence) - at, synonyms.MAX_SYNONYM_WORDS), 0, -1):
        part = tuple(sequence[at : at + length])
        ways: list[Alternative] = []
        if part in named:
            ways += [Alternative(_terms(draft, synonym), synonyms.WEIGHT) for synonym in named[part]]
        one = measured.get(part)
        if one is not None and draft.having(one):
            ways += _ways(draft, one)
        joined = near.get(part)
        if joined is not None and one is None and len(draft.having(joined)) > RARE:
            ways += _ways(draft, joined)
        if ways and length > 1:
            weight = APART if one is not None else 1.0
            return length, Group((*ways, Alternative(_terms(draft, part), weight)))
        if length == 1:
            return 1, Group((*_ways(draft, part[0]), *ways))
    raise AssertionError("unreachable: a single word always makes a group")


def _ways(draft: _Draft, word: str) -> tuple[Alternative, ...]:
    """Return the word in each language, and what completes it."""
    ways = [Alternative((name,)) for name in draft.names(word) if draft.loaded[name].products]
    for other in draft.completions.get(word, ()):
        ways += [Alternative((name,), COMPLETED) for name in draft.names(other) if draft.loaded[name].products]
    return tuple(ways) or (Alternative((draft.names(word)[0],)),)


def _terms(draft: _Draft, part: Sequence[str]) -> tuple[str, ...]:
    """Return a term for each word: the one of the language that most products have."""
    return tuple(
        max(draft.names(word), key=lambda name: len(draft.loaded[name].products)) for word in dict.fromkeys(part)
    )


def _measured(typed: Typed) -> dict[tuple[str, ...], str]:
    """Return by the words that were typed what stands joined in them: by "13", "inch" it is "13inch"."""
    text = measured_text(typed)
    found: dict[tuple[str, ...], str] = {}
    for finder in (compounds, measures):
        for token, (begin, end) in finder(text):
            found[tuple(words(text[begin:end]))] = token[:MAX_WORD]
    return found


async def _found(draft: _Draft, groups: Sequence[Group]) -> BitMap:
    """Return the products that have every group, or, where these are few, all but one, and so on."""
    if not groups:
        return BitMap()
    having = [(group, members(group, draft.loaded)) for group in groups]
    if draft.among is not None:
        having = [(group, products & draft.among) for group, products in having]
    musts = required([products for group, products in having if group.is_must])
    wishes = [products for group, products in having if not group.is_must]
    found = BitMap()
    for count in range(len(wishes), 0, -1):
        found = at_least(count, wishes)
        if musts is not None:
            found &= musts
        if len(found) >= SHORT:
            break
    if musts is not None and len(found) < SHORT:
        found = musts
    for phrase in draft.typed.phrases:
        found = await phrases.holding(found, phrase)
    for excluded in draft.typed.excluded:
        unwanted = BitMap.intersection(*(draft.having(word) for word in excluded))
        found -= unwanted if len(excluded) == 1 else await phrases.holding(found & unwanted, excluded)
    return found


def _corrected(draft: _Draft) -> str:
    """Return what was typed with the mended words in it."""
    parts = [_spelled(piece, draft.mended) for piece in draft.typed.pieces]
    parts += [f'"{" ".join(phrase)}"' for phrase in draft.typed.phrases]
    parts += [f"-{part[0]}" if len(part) == 1 else f'-"{" ".join(part)}"' for part in draft.typed.excluded]
    return " ".join(parts)


def _spelled(piece: Piece, mended: Mapping[str, tuple[str, ...]]) -> str:
    if not any(word in mended for word in piece.words):
        return piece.text
    return " ".join(part for word in piece.words for part in mended.get(word, (word,)))
