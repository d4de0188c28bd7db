"""How good a list is: the measures that the model is chosen and reported by."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

LENGTH = 10
# Queries that are scored at a time: their scores of all items are a dense block.
AT_ONCE = 256


@dataclass(frozen=True)
class Queries:
    """What is known of each query (rows of `given`, with weights), what must not be shown, what would be right."""

    given: sp.csr_matrix
    hidden: sp.csr_matrix
    relevant: Sequence[Collection[int]]

    def __len__(self) -> int:
        return len(self.relevant)


@dataclass(frozen=True)
class Quality:
    """Means over the queries: NDCG and hit rate of the first ten."""

    ndcg: float
    hit: float


def top_items(
    given: sp.csr_matrix, hidden: sp.csr_matrix, weights: sp.csr_matrix, anyway: NDArray[np.float32], count: int
) -> NDArray[np.int64]:
    """Return the `count` best items of each query, best first; `anyway` is what each item gets whoever asks."""
    answers = np.zeros((given.shape[0], min(count, weights.shape[1])), np.int64)
    for start in range(0, given.shape[0], AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        scores = (given[rows] @ weights).toarray() + anyway
        unwanted = hidden[rows].tocoo()
        scores[unwanted.row, unwanted.col] = -np.inf
        answers[rows] = _largest(scores, answers.shape[1])
    return answers


def _largest(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Return the columns of each row's largest scores, largest first."""
    found = np.argpartition(-scores, count - 1, axis=1)[:, :count] if count < scores.shape[1] else None
    if found is None:
        return np.argsort(-scores, axis=1, kind="stable")
    found.sort(axis=1)
    order = np.argsort(-np.take_along_axis(scores, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)


def quality(queries: Queries, weights: sp.csr_matrix, anyway: NDArray[np.float32]) -> Quality:
    """Return how good the first ten are."""
    if not len(queries):
        return Quality(0.0, 0.0)
    shown = top_items(queries.given, queries.hidden, weights, anyway, LENGTH)
    gains = 1.0 / np.log2(np.arange(LENGTH) + 2.0)
    ndcg = hits = 0.0
    for items, relevant in zip(shown, queries.relevant, strict=True):
        right = np.fromiter((item in relevant for item in items), np.bool_, len(items))
        ndcg += float(gains[: len(items)][right].sum() / gains[: min(LENGTH, len(relevant))].sum())
        hits += bool(right.any())
    return Quality(ndcg / len(queries), hits / len(queries))
