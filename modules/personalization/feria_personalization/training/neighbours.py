"""Item to item: which items are near which, from a matrix of baskets or customers by items.

All of it stays sparse: time and memory grow with the pairs of items that meet, not with the square of the catalog.
Results are csr matrices, row = the item that is known, column = the item that is suggested.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

# Each item is explained by so many others: past 50 the measures on past sales no longer rise.
NEAREST = 50
# Small systems that are solved at a time: some 40 MB.
SOLVED_AT_ONCE = 1024


def meetings(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Return items x items: how often two items meet in a row, weighted; on the diagonal how often each occurs."""
    together: sp.csr_matrix = (matrix.T @ matrix).tocsr()
    together.sort_indices()
    return together


def nearest(together: sp.csr_matrix, count: int = NEAREST) -> sp.csr_matrix:
    """Return for each item (row) the `count` items nearest to it by cosine."""
    length = np.sqrt(np.maximum(together.diagonal(), 1e-12)).astype(np.float32)
    rows = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
    cosine = together.data / (length[rows] * length[together.indices])
    cosine[rows == together.indices] = 0.0
    return best(sp.csr_matrix((cosine, together.indices, together.indptr), shape=together.shape), count)


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
        inner = _looked_up(together, part[:, :, None], part[:, None, :]) * (real[:, :, None] & real[:, None, :])
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
    chance: sp.csr_matrix = (matrix.T @ onward).tocsr()
    rows = np.repeat(np.arange(chance.shape[0]), np.diff(chance.indptr))
    chance.data *= ((per_item**-beta)[chance.indices] / per_item[rows]).astype(np.float32)
    chance.data[rows == chance.indices] = 0.0
    return best(chance, count)


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
    enough = sp.csr_matrix(
        ((together.data >= least).astype(np.float32), together.indices, together.indptr), shape=together.shape
    )
    kept: sp.csr_matrix = weights.multiply(enough).tocsr()
    kept.eliminate_zeros()
    return kept


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
    """Return the matrix's values at these places, in the shape that the two have together."""
    shape = np.broadcast_shapes(rows.shape, columns.shape)
    at_rows, at_columns = np.broadcast_to(rows, shape).ravel(), np.broadcast_to(columns, shape).ravel()
    values: NDArray[np.float32] = np.asarray(matrix[at_rows, at_columns], np.float32).reshape(shape)
    return values
