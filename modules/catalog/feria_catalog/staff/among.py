"""The products of a search, as a condition of a statement."""

from __future__ import annotations

import numpy as np
from pyroaring import BitMap

from feria_catalog.listing.filters import Statement
from feria_catalog.proved import view_of

# PostgreSQL's planner looks at every element of an array, 60 ms for as many as half of a large shop.
LISTED = 1000


def among(column: str, products: BitMap, statement: Statement) -> str:
    """Return the condition that `column`, a product's number, is one of `products`; its value goes to the statement.

    Few are sought by their numbers. Of many a list meets its first rows wherever it begins: they are told by a bit for
    each number there could be, 12 kB for a hundred thousand.
    """
    if len(products) <= LISTED:
        return f"{column} = ANY({statement.add(list(products))}::int[])"
    is_in = np.zeros(products.max() + 1, np.bool_)
    is_in[view_of(products.to_array())] = True
    # get_bit() counts from the lowest bit of each byte (PostgreSQL manual, 9.5), and raises past the end.
    bits, count = statement.add(np.packbits(is_in, bitorder="little").tobytes()), statement.add(len(is_in))
    return f"CASE WHEN {column} < {count}::bigint THEN get_bit({bits}::bytea, {column}) = 1 ELSE false END"
