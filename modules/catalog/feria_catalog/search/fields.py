"""What a product is found by, and how much each word of it tells: BM25F with fixed lengths. Pure.

A word's weight in a product is counted over its fields (a word of the name tells more than one of the description,
one of a short text more than one of a long), saturates (five times is not five times as much) and is stored; how rare
the word is in the shop is known only when somebody searches. The lengths that fields are compared with are fixed: so a
product's weights depend on nothing but the product, and no writer waits for another or rewrites a neighbour's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from feria_catalog.documents.rendering import ProductFacts
from feria_catalog.folding import label_of
from feria_catalog.search.words import MAX_CODE_TERM, code_term, cut, folded, joined
from feria_core.text import stem, term


@dataclass(frozen=True)
class Field:
    """A field's weight, how much its length counts (0 to 1), and what is a usual length, in words.

    Where `is_joined`, measures and parts of words are found written together too.
    """

    weight: float
    by_length: float
    length: float
    is_joined: bool = False


# Chosen by hand on the rated queries of `make bench-search`, beginning at the weights that others have published for
# BM25F on product titles: neighbouring weights score alike there, within the noise of fifty queries.
NAME = Field(4.0, 0.5, 10, is_joined=True)
BRAND = Field(0.5, 0.0, 1)
CATEGORY = Field(0.1, 0.0, 3)
CODES = Field(0.5, 0.0, 3, is_joined=True)
DESCRIPTION = Field(1.0, 0.7, 10, is_joined=True)
SPECIFICATIONS = Field(0.5, 0.5, 33)
TRUE_NAMES = Field(0.1, 0.5, 5)
# A word that stands joined in the text ("16gb", "wifi" in "wi-fi") tells a little less than one that was typed so.
JOINED = 0.7
SATURATION = 0.6
# The weight of a whole SKU, barcode, model or name: above that of any word.
CODE_IMPACT = 10.0
# Of a field so many words, and of a product so many terms: the rest is noise, or an attempt to stand everywhere.
MAX_WORDS = 3000
MAX_TERMS = 1000
# Attributes that name the maker's model are read like an SKU.
MODEL_CODES = frozenset({"model", "model_number", "mpn", "oem_code", "part_number", "manufacturer_part_number"})


@dataclass(frozen=True)
class Searched:
    """A product's terms with their impacts, and its words as they are written, for completions and mending."""

    terms: dict[str, float]
    words: frozenset[str]


def searched(product: ProductFacts, locales: tuple[str, ...]) -> Searched:
    """Return what the product is found by; drafts too, since staff search among them."""
    first = locales[0] if locales else "en"
    weights: dict[str, float] = defaultdict(float)
    written: set[str] = set()
    for field, texts in _texts(product):
        _count(field, texts, first, True, weights, written)
    for locale, translation in product.translations.items():
        _count(NAME, [translation.name or ""], locale, False, weights, written)
        _count(DESCRIPTION, [translation.description or ""], locale, False, weights, written)
    if len(weights) > MAX_TERMS:
        strongest = sorted(weights, key=lambda found: (-weights[found], found))[:MAX_TERMS]
        weights = {found: weights[found] for found in strongest}
    terms = {found: _impact(weight) for found, weight in weights.items()}
    for code in _whole(product):
        terms[code_term(code)] = CODE_IMPACT
    return Searched(terms, frozenset(filter(str.isalpha, written)))


@lru_cache(maxsize=16_384)
def _impact(weight: float) -> float:
    """Return what saturation leaves; remembered, since most words stand once in a text of a usual length."""
    return round(weight / (weight + SATURATION), 4)


def _texts(product: ProductFacts) -> Iterator[tuple[Field, Iterable[str]]]:
    """Give the fields with their texts."""
    yield NAME, [product.name]
    yield BRAND, [product.brand or ""]
    yield CATEGORY, [step["name"] for step in product.category_path]
    yield DESCRIPTION, [product.description]
    codes, texts, names = list(_codes(product)), list[str](), list[str]()
    for code, value in _attributes(product):
        if value is True:
            label = product.labels.get(code)
            names.append(label.name if label else label_of(code))
        elif isinstance(value, (str, list)):
            many = value if isinstance(value, list) else [value]
            (codes if code in MODEL_CODES else texts).extend(str(one) for one in many)
    texts += [option for variant in product.variants for option in variant.options.values()]
    yield CODES, codes
    yield SPECIFICATIONS, texts
    yield TRUE_NAMES, names


def _attributes(product: ProductFacts) -> Iterator[tuple[str, object]]:
    yield from product.attributes.items()
    for variant in product.variants:
        yield from variant.attributes.items()


def _codes(product: ProductFacts) -> Iterator[str]:
    for variant in product.variants:
        yield variant.sku
        if variant.barcode:
            yield variant.barcode


def _whole(product: ProductFacts) -> Iterator[str]:
    """Give what finds the product when nothing else is typed: its codes, its model with and without brand, its name."""
    yield from _codes(product)
    yield product.name
    for code, value in _attributes(product):
        if code in MODEL_CODES and isinstance(value, str) and len(value) <= MAX_CODE_TERM:
            yield value
            if product.brand:
                yield product.brand + value


def _count(
    field: Field, texts: Iterable[str], locale: str, is_first: bool, weights: dict[str, float], written: set[str]
) -> None:
    """Add what each word of the field weighs."""
    # Between two values a line ends: nothing is joined over it.
    text = "\n".join(texts)
    if not text:
        return
    text = folded(text)
    found = cut(text)[:MAX_WORDS]
    if not found:
        return
    written.update(found)
    share = field.weight / (1 - field.by_length + field.by_length * len(found) / field.length)
    counts = _counted(found)
    if is_first:  # by far the most words: a call less for each
        for word, count in counts.items():
            weights[stem(word, locale)] += share * count
    else:
        for word, count in counts.items():
            weights[term(word, locale, is_first=False)] += share * count
    if field.is_joined:
        for word, count in _counted(joined(text)[:MAX_WORDS]).items():
            if word not in written:
                weights[term(word, locale, is_first=is_first)] += JOINED * share * count


def _counted(found: list[str]) -> Mapping[str, int]:
    """Return how often each word stands; once, in most texts, where a Counter would cost more than all else."""
    once = dict.fromkeys(found, 1)
    return once if len(once) == len(found) else Counter(found)
