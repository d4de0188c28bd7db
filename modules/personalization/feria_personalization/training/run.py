"""One training: read, learn, and put the new model into service in one transaction."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import scipy.sparse as sp
import structlog

from feria_core import clock, db
from feria_core.contracts.catalog import ProductText
from feria_core.runtime import settings
from feria_personalization.domain import ANYONE, Table
from feria_personalization.repository import models, trainings
from feria_personalization.repository.models import NeighbourRow
from feria_personalization.settings import PersonalizationSettings
from feria_personalization.training import neighbours, reading
from feria_personalization.training.choosing import Learned, Progress, learn
from feria_personalization.training.replay import day_of
from feria_personalization.training.sales import Sales

log = structlog.get_logger("feria.personalization")

VIEWED_KEPT = 60
DEMANDED_KEPT = 100
NEW_DAYS = 30
WRITTEN_AT_ONCE = 1000

NamedTable = tuple[Table, Sequence[Any], sp.csr_matrix]


class Superseded(Exception):
    """The training was given up meanwhile, or another one has taken its place: nothing is written."""


async def train(training_id: UUID, progress: Progress) -> int:
    """Return the version of the model that was trained and is now in service.

    What is written becomes visible with the commit and not before: killed at any moment, it leaves the model before it
    in service. Raises Superseded.
    """
    started, now = time.monotonic(), clock.now()
    chosen = settings(PersonalizationSettings)
    progress("reading", 0.0)
    sales = await reading.sales(now=now, days=chosen.sales_days)
    visits = await reading.visits(now=now, days=chosen.activity_days)
    texts = [text async for text in reading.texts()]
    progress("learning", 0.1)
    learned, tables = await asyncio.to_thread(_learned, sales, visits, texts, now, chosen.min_support, progress)
    progress("writing", 0.85)
    report = {
        "sales": len(sales.item), "visits": len(visits.item), "products": len(texts),
        "people": len(sales.customers), "min_support": chosen.min_support,
        "tables": {table.name.lower(): found.report() for table, found in learned.items()},
        "pairs": {table.name.lower(): int(weights.nnz) for table, _, weights in tables},
    }  # fmt: skip
    async with db.transaction():
        version = await models.add(trained_at=now, seconds=time.monotonic() - started, report=report)
        await _write(version, tables, learned, sales)
        await models.serve(version)
        await models.prune(chosen.models_kept)
        if not await trainings.finish(training_id, version=version, now=clock.now()):
            raise Superseded(f"training {training_id} was given up meanwhile")
    log.info("recommendations.trained", version=version, seconds=round(time.monotonic() - started, 1))
    return version


def _learned(
    sales: Sales, visits: Sales, texts: Sequence[ProductText], now: datetime, min_support: int, progress: Progress
) -> tuple[dict[Table, Learned], list[NamedTable]]:
    """Return what was learned from purchases, and every table of the model; in a thread, so that progress is told."""
    learned = _from_sales(sales, now, min_support, lambda stage, share: progress(stage, 0.1 + 0.6 * share))
    tables: list[NamedTable] = [(table, sales.items, found.weights) for table, found in learned.items()]
    tables.append((Table.VIEWED, visits.items, _viewed(visits, min_support)))
    progress("comparing texts", 0.7)
    return learned, tables + _from_texts(texts, now)


def _from_sales(sales: Sales, now: datetime, min_support: int, progress: Progress) -> dict[Table, Learned]:
    if not len(sales.item):
        return {}
    return learn(sales, now=day_of(now), min_support=min_support, progress=progress)


def _viewed(visits: Sales, min_support: int) -> sp.csr_matrix:
    """Return which products are looked at in the same visits."""
    matrix = visits.by_basket()
    weights = neighbours.walk(matrix, beta=0.1, count=VIEWED_KEPT)
    return neighbours.where_met(weights, neighbours.meetings(matrix), min_support) if min_support > 1 else weights


def _from_texts(texts: Sequence[ProductText], now: datetime) -> list[NamedTable]:
    """Return which products are alike, and for each the new ones alone."""
    # What compares texts weighs as much as a table that is learned: not before those are done.
    from feria_personalization.training import content

    products = [text.product_id for text in texts]
    documents = [content.words_of(text) for text in texts]
    new = [number for number, text in enumerate(texts) if text.created_at > now - timedelta(days=NEW_DAYS)]
    similar = content.alike(documents)
    # Where all are new, as in a shop that has just opened, none stands out.
    fresh = content.alike(documents, new) if 0 < len(new) < len(texts) / 2 else similar[:0]
    tables: list[NamedTable] = [(Table.SIMILAR, products, similar)]
    return [*tables, (Table.FRESH, products, fresh)] if fresh.shape[0] else tables


async def _write(version: int, tables: Sequence[NamedTable], learned: dict[Table, Learned], sales: Sales) -> None:
    for table, items, weights in tables:
        batch: list[NeighbourRow] = []
        for row in _rows(table, items, weights):
            batch.append(row)
            if len(batch) == WRITTEN_AT_ONCE:
                await models.add_neighbours(version, batch)
                batch = []
        await models.add_neighbours(version, batch)
    if Table.NEXT in learned:
        await models.add_neighbours(version, _demanded(sales.items, learned[Table.NEXT].demand))


def _rows(table: Table, items: Sequence[Any], weights: sp.csr_matrix) -> Iterator[NeighbourRow]:
    """Give a row for each product that has neighbours, the nearest first."""
    for number, product in enumerate(items[: weights.shape[0]]):
        span = slice(weights.indptr[number], weights.indptr[number + 1])
        order = np.argsort(-weights.data[span], kind="stable")
        if len(order):
            found = weights.indices[span][order]
            values = weights.data[span][order].astype(float).tolist()
            yield int(table), product, [items[other] for other in found], values


def _demanded(items: Sequence[Any], demand: np.ndarray[Any, Any]) -> list[NeighbourRow]:
    """Return what everybody gets, as the neighbours of a product that nobody has."""
    best = [number for number in np.argsort(-demand, kind="stable")[:DEMANDED_KEPT] if demand[number] > 0]
    if not best:
        return []
    return [(int(Table.NEXT), ANYONE, [items[number] for number in best], [float(demand[number]) for number in best])]
