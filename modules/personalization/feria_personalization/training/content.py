"""Alike by what is written about them: names, brands, categories and texts, as TF-IDF reduced by a truncated SVD."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from feria_core.contracts.catalog import ProductText

NEIGHBOURS = 40
DIMENSIONS = 128
MOST_WORDS = 50_000
WORD = r"[^\W]+(?:-[^\W]+)?"
# From so many texts on, a word of one text alone tells nothing that is worth its memory.
MANY_TEXTS = 1000
# Rows that are compared with all at a time: with 100,000 products a block of 100 MB.
AT_ONCE = 256
# Below this two texts share hardly more than an everyday word.
LEAST_COSINE = 0.2
# What a text says in its name weighs more than the same word in its description.
NAME_TIMES, CATEGORY_TIMES = 3, 2


def words_of(text: ProductText) -> str:
    """Return what products are compared by: the name three times, the category path twice, the rest once."""
    categories = " ".join(f"category-{slug.replace('-', '_')}" for slug in text.categories)
    brand = f"brand_{text.brand.replace(' ', '_')}" if text.brand else ""
    parts = (
        [text.name] * NAME_TIMES + [categories] * CATEGORY_TIMES + [brand, *text.attributes, text.description[:2000]]
    )
    return " ".join(parts)


def alike(documents: Sequence[str], among: Sequence[int] | None = None) -> sp.csr_matrix:
    """Return for each document its nearest others by cosine, largest first; with `among` only those are found."""
    columns = np.arange(len(documents)) if among is None else np.asarray(among, np.int64)
    vectors = _vectors(documents)
    if vectors is None or not len(columns):
        return sp.csr_matrix((len(documents), len(documents)), dtype=np.float32)
    rows, found, values = [], [], []
    for start in range(0, len(documents), AT_ONCE):
        scores = vectors[start : start + AT_ONCE] @ vectors[columns].T
        own = np.arange(start, start + len(scores))
        scores[own[:, None] == columns[None, :]] = -1.0
        count = min(NEIGHBOURS, scores.shape[1])
        top = np.argpartition(-scores, count - 1, axis=1)[:, :count]
        rows.append(np.repeat(own, count))
        found.append(columns[top].ravel())
        values.append(np.take_along_axis(scores, top, axis=1).ravel())
    weights = np.concatenate(values)
    near = weights >= LEAST_COSINE
    shape = (len(documents), len(documents))
    return sp.csr_matrix((weights[near], (np.concatenate(rows)[near], np.concatenate(found)[near])), shape=shape)


def _vectors(documents: Sequence[str]) -> NDArray[np.float32] | None:
    """Return a unit vector for each document; None where there are no words."""
    if not any(document.strip() for document in documents):
        return None
    vectorizer = TfidfVectorizer(
        sublinear_tf=True, min_df=1 if len(documents) < MANY_TEXTS else 2, max_df=1.0, max_features=MOST_WORDS,
        token_pattern=WORD, dtype=np.float32,
    )  # fmt: skip
    try:
        counted = vectorizer.fit_transform(documents)
    except ValueError:  # nothing but signs: there is no word to compare by
        return None
    dimensions = min(DIMENSIONS, min(counted.shape) - 1)
    if dimensions < 2:  # noqa: PLR2004 - a plane is the least that can be reduced to
        return np.asarray(normalize(counted).toarray(), np.float32)
    reduced = TruncatedSVD(n_components=dimensions, n_iter=3, random_state=0).fit_transform(counted)
    return np.asarray(normalize(reduced), np.float32)
