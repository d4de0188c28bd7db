"""What is written of products, made ready part by part: text, columns and words. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from feria_catalog.documents import languages
from feria_catalog.documents.columns import row
from feria_catalog.documents.rendering import ProductFacts
from feria_catalog.facets import writing as facets
from feria_catalog.facets.values import attribute_tokens, values_of
from feria_catalog.search import postings
from feria_core.runtime import core_settings

# So many documents go out in one statement; while PostgreSQL writes them, a thread makes the next ones. The first are
# half as many, since PostgreSQL waits for them, and so of the usual 500 the last, for which the thread waits.
SIZE = 125


@dataclass
class Part:
    """Some of the products: rows of documents, of those in other languages and of facets, and entries of the search."""

    documents: list[tuple[Any, ...]] = field(default_factory=list)
    translated: list[tuple[Any, ...]] = field(default_factory=list)
    facets: facets.Rows = field(default_factory=facets.Rows)
    entries: dict[int, postings.Entry] = field(default_factory=dict)

    def add(self, product: ProductFacts) -> None:
        """Make one product ready."""
        core = core_settings()
        values = values_of(product)
        self.documents.append(row(product, attribute_tokens(values), core.public_url))
        self.translated += languages.rows(product)
        self.facets.add(product, values)
        self.entries[product.no] = postings.entry(product, core.locales)


def parts(products: Sequence[ProductFacts]) -> Iterator[Part]:
    """Give the products in parts of SIZE, the first of half of it."""
    for start in range(SIZE // 2 - SIZE, len(products), SIZE):
        part = Part()
        for product in products[max(start, 0) : start + SIZE]:
            part.add(product)
        yield part
