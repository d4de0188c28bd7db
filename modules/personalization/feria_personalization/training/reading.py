"""What a training learns from, read from the database a page at a time into arrays."""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from feria_core import db
from feria_core.contracts.catalog import PRODUCTS, ProductText
from feria_core.db import Row
from feria_core.runtime import registry
from feria_personalization.training.sales import NOBODY, Sales

PAGE = 5_000
TEXT_PAGE = 1000
DAY_S = 86_400.0
FIRST = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0), UUID(int=0))

# A person counts only while they agree: who withdrew is nobody from the next training on.
_SALES = """
SELECT s.at, s.order_id, s.product_id, p.id AS person_id
FROM personalization_sale s LEFT JOIN personalization_person p ON p.id = s.person_id AND p.is_granted
WHERE s.at >= $1 AND (s.at, s.order_id, s.product_id) > ($2, $3, $4)
ORDER BY s.at, s.order_id, s.product_id LIMIT $5
"""
_VISITS = """
SELECT a.at, a.id, a.product_id, a.person_id
FROM personalization_activity a JOIN personalization_person p ON p.id = a.person_id AND p.is_granted
WHERE a.at >= $1 AND a.product_id IS NOT NULL AND (a.at, a.id) > ($2, $3)
ORDER BY a.at, a.id LIMIT $4
"""


class Columns:
    """Rows that become arrays, their ids numbered as they come."""

    def __init__(self) -> None:
        self._items: dict[UUID, int] = {}
        self._people: dict[UUID, int] = {}
        self._baskets: dict[object, int] = {}
        self._columns = {name: array("i") for name in ("item", "basket", "customer")}
        self._days = array("d")

    def add(self, product: UUID, basket: object, person: UUID | None, at: datetime) -> None:
        """Add one line."""
        self._columns["item"].append(self._items.setdefault(product, len(self._items)))
        self._columns["basket"].append(self._baskets.setdefault(basket, len(self._baskets)))
        number = NOBODY if person is None else self._people.setdefault(person, len(self._people))
        self._columns["customer"].append(number)
        self._days.append(at.timestamp() / DAY_S)

    def sales(self) -> Sales:
        """Return all of them."""
        made: dict[str, Any] = {
            name: np.frombuffer(column, np.int32) if column else np.zeros(0, np.int32)
            for name, column in self._columns.items()
        }
        day = np.frombuffer(self._days, np.float64) if self._days else np.zeros(0)
        return Sales(list(self._items), list(self._people), len(self._baskets), day=day, **made)


async def sales(*, now: datetime, days: int) -> Sales:
    """Return what was sold in the last `days` days."""
    since, last, columns = now - timedelta(days=days), FIRST, Columns()
    while True:
        rows = await db.fetch_all(_SALES, since, *last, PAGE)
        for row in rows:
            columns.add(row["product_id"], row["order_id"], row["person_id"], row["at"])
        if len(rows) < PAGE:
            return columns.sales()
        last = (rows[-1]["at"], rows[-1]["order_id"], rows[-1]["product_id"])


async def visits(*, now: datetime, days: int) -> Sales:
    """Return what people looked at, clicked on and put into carts in the last `days` days; a basket is a day of one."""
    since, last, columns = now - timedelta(days=days), FIRST[:2], Columns()
    while True:
        rows: list[Row] = list(await db.fetch_all(_VISITS, since, *last, PAGE))
        for row in rows:
            person, at = row["person_id"], row["at"]
            columns.add(row["product_id"], (person, at.date()), person, at)
        if len(rows) < PAGE:
            return columns.sales()
        last = (rows[-1]["at"], rows[-1]["id"])


async def texts() -> AsyncIterator[ProductText]:
    """Give every product that is shown now."""
    after: UUID | None = None
    while True:
        page = await registry().get(PRODUCTS).texts(after=after, limit=TEXT_PAGE)
        for text in page:
            yield text
        if len(page) < TEXT_PAGE:
            return
        after = page[-1].product_id
