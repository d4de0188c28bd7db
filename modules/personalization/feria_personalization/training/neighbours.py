"""Item to item: which items are near which, from a matrix of baskets or customers by items.

All of it stays sparse: time and memory grow with the pairs of items that meet, not with the square of the catalog.
Results are csr matrices, row = the item that is known, column = the item that is suggested.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

# Each item is explained by so many others: past 50 the measures on past sales no longer rise.
NEAREST = 50
# Small systems that are solved at a time: some 30 MB.
SOLVED_AT_ONCE = 1024
# Items whose neighbours are looked for at a time: of a product of two matrices no more rows are ever held.
ROWS_AT_ONCE = 256


def meetings(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Return items x items: how often two items meet in a row, weighted; on the diagonal how often each occurs."""
    together: sp.csr_matrix = matrix.T.tocsr() @ matrix
    together.sort_indices()
    return together


def nearest(together: sp.csr_matrix, count: int = NEAREST) -> sp.csr_matrix:
    """Return for each item (row) the `count` items nearest to it by cosine."""
    length = np.sqrt(np.maximum(together.diagonal(), 1e-12)).astype(np.float32)

    def cosine(part: sp.csr_matrix, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        values: NDArray[np.float32] = part.data / (length[rows] * length[part.indices])
        return values

    return _best_by_parts(together, lambda part: part, cosine, count)


def local_ridge(together: sp.csr_matrix, near: sp.csr_matrix, strength: float) -> sp.csr_matrix:
    """Return weights by which each item is predicted from the items nearest to it alone.

    A ridge regression for each item over its neighbours n: (G_nn + strength I) x = G_nj with G the meetings. It finds
    what full linear models (EASE) find, without inverting a matrix of the whole catalog.
    """
    count = int(np.diff(near.indptr).max(initial=1))
    known, used = _padded(near, count)
    solved = np.zeros(known.shape, np.float32)
    identity = strength * np.eye(count, dtype=np.float32)
    for start in range(0, len(known), SOLVED_AT_ONCE):
        part, real = known[start : start + SOLVED_AT_ONCE], used[start : start + SOLVED_AT_ONCE]
        inner = _among(together, part, real)
        targets = np.arange(start, start + len(part))
        outer = _looked_up(together, part, targets[:, None]) * real
        solved[start : start + len(part)] = np.linalg.solve(inner + identity, outer[:, :, None])[:, :, 0]
    targets = np.repeat(np.arange(len(known)), np.diff(near.indptr))
    weights: sp.csr_matrix = sp.csr_matrix((solved[used], (known[used], targets)), shape=near.shape)
    return weights


def walk(
    matrix: sp.csr_matrix,
    *,
    beta: float,
    count: int,
    row_power: float = 1.0,
    freshness: NDArray[np.float64] | None = None,
) -> sp.csr_matrix:
    """Return the chance to come from an item over one of its rows to another, over its frequency to `beta` (RP3beta).

    With 1 for `row_power` each row is left by each of its items alike; below, long rows count for more. `freshness` is
    how much each row counts, all alike without it.
    """
    counts = np.ones(matrix.shape[0]) if freshness is None else freshness
    per_row = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1e-9)
    per_item = np.maximum(counts @ matrix, 1e-9)
    onward = sp.diags_array((counts * per_row**-row_power).astype(np.float32)) @ matrix
    rarity = per_item**-beta

    def chance(part: sp.csr_matrix, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        values: NDArray[np.float32] = part.data * (rarity[part.indices] / per_item[rows]).astype(np.float32)
        return values

    return _best_by_parts(matrix.T.tocsr(), lambda part: part @ onward, chance, count)


def best(matrix: sp.csr_matrix, count: int) -> sp.csr_matrix:
    """Return the matrix with the `count` largest positive values of each row, largest first."""
    columns: list[NDArray[np.int32]] = []
    values: list[NDArray[np.float32]] = []
    lengths = np.zeros(matrix.shape[0] + 1, np.int64)
    for row in range(matrix.shape[0]):
        span = slice(matrix.indptr[row], matrix.indptr[row + 1])
        data, found = matrix.data[span], matrix.indices[span]
        if len(data) > count:
            kept = np.argpartition(-data, count - 1)[:count]
            data, found = data[kept], found[kept]
        order = np.lexsort((found, -data))
        order = order[data[order] > 0]
        columns.append(found[order].astype(np.int32))
        values.append(data[order].astype(np.float32))
        lengths[row + 1] = len(order)
    kept_values = np.concatenate(values) if values else np.zeros(0, np.float32)
    kept_columns = np.concatenate(columns) if columns else np.zeros(0, np.int32)
    return sp.csr_matrix((kept_values, kept_columns, np.cumsum(lengths)), shape=matrix.shape)


def where_met(weights: sp.csr_matrix, together: sp.csr_matrix, least: float) -> sp.csr_matrix:
    """Return the weights of those pairs alone that met at least so often."""
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    kept = weights.copy()
    kept.data[_looked_up(together, rows, weights.indices) < least] = 0.0
    kept.eliminate_zeros()
    return kept


def _best_by_parts(
    matrix: sp.csr_matrix,
    reached: Callable[[sp.csr_matrix], sp.csr_matrix],
    valued: Callable[[sp.csr_matrix, NDArray[np.int64]], NDArray[np.float32]],
    count: int,
) -> sp.csr_matrix:
    """Return for each row of the matrix the `count` best of what it reaches but itself, some rows at a time.

    `valued` gives the values of what rows reach; it is told the row of each.
    """
    found = []
    for start in range(0, max(matrix.shape[0], 1), ROWS_AT_ONCE):
        part = reached(matrix[start : start + ROWS_AT_ONCE])
        rows = np.repeat(np.arange(start, start + part.shape[0]), np.diff(part.indptr))
        values = valued(part, rows)
        values[rows == part.indices] = 0.0
        found.append(best(sp.csr_matrix((values, part.indices, part.indptr), shape=part.shape), count))
    stacked: sp.csr_matrix = sp.vstack(found, format="csr")
    return stacked


def _among(together: sp.csr_matrix, known: NDArray[np.int64], used: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return for each row of items how often each two of them have met, 0 for places that are not used.

    Item by item, laid out in full once for all the rows that hold it.
    """
    among = np.zeros((*known.shape, known.shape[1]), np.float32)
    row = np.zeros(together.shape[1], np.float32)
    lists, places = np.nonzero(used)
    order = np.argsort(known[used], kind="stable")
    items, starts = np.unique(known[used][order], return_index=True)
    for item, start, end in zip(items, starts, [*starts[1:], len(order)], strict=False):
        held = order[start:end]
        span = slice(together.indptr[item], together.indptr[item + 1])
        row[together.indices[span]] = together.data[span]
        among[lists[held], places[held]] = row[known[lists[held]]]
        row[together.indices[span]] = 0.0
    among *= used[:, None, :]
    return among


def _padded(near: sp.csr_matrix, count: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the rows' columns as a rectangle, and where it holds one."""
    known = np.zeros((near.shape[0], count), np.int64)
    used = np.zeros((near.shape[0], count), np.bool_)
    rows = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
    places = np.arange(len(rows)) - near.indptr[rows]
    known[rows, places] = near.indices
    used[rows, places] = True
    return known, used


def _looked_up(matrix: sp.csr_matrix, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the matrix's values at these places, in the shape that the two have together.

    By halving each row, whose columns must be sorted: scipy's own way reads a whole row for each place unless it is
    asked for very many at once.
    """
    low, end, columns = np.broadcast_arrays(matrix.indptr[rows], matrix.indptr[rows + 1], columns)
    if not matrix.nnz:
        return np.zeros(low.shape, np.float32)
    high, last = end, matrix.nnz - 1
    for _ in range(int(np.diff(matrix.indptr).max()).bit_length()):
        middle = (low + high) // 2
        is_before = (middle < high) & (matrix.indices[np.minimum(middle, last)] < columns)
        low, high = np.where(is_before, middle + 1, low), np.where(is_before, high, middle)
    place = np.minimum(low, last)
    is_there = (low < end) & (matrix.indices[place] == columns)
    return np.where(is_there, matrix.data[place], 0).astype(np.float32)
