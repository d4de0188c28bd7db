"""The sums of a product, kept in the transaction that changes its reviews, and shown on its card by the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from feria_core import cache, db
from feria_core.contracts.catalog import PRODUCTS
from feria_core.db import Row
from feria_core.runtime import registry, settings
from feria_reviews.domain import STARS, bayesian_mean, mean
from feria_reviews.repository import summaries
from feria_reviews.settings import ReviewsSettings

_BATCH = 100


@dataclass(frozen=True)
class Summary:
    """What is said of a product by numbers; means are None without reviews."""

    count: int
    mean: Decimal | None
    bayesian_mean: Decimal | None
    histogram: Mapping[int, int]


def tag(product_id: UUID) -> str:
    """Return the cache tag of a product's reviews."""
    return f"reviews:{product_id}"


async def of(product_id: UUID) -> Summary:
    """Return the product's sums."""
    row = await summaries.find(product_id)
    if row is None:
        return Summary(0, None, None, dict.fromkeys(STARS, 0))
    return Summary(
        count=row["review_count"],
        mean=mean(row["rating_sum"], row["review_count"]),
        bayesian_mean=_bayesian_mean(row),
        histogram={stars: row[f"stars_{stars}"] for stars in STARS},
    )


async def move(product_id: UUID, *, before: int | None, after: int | None) -> None:
    """Count a published review's stars, given before and after the change; None where it was or is not published.

    Changes of one product wait here for each other. Touches what shows its reviews, also where no sum changes.
    """
    db.require_transaction("summaries.move()")
    cache.touch(tag(product_id))
    if before == after:
        return
    deltas = dict.fromkeys(STARS, 0)
    if before is not None:
        deltas[before] -= 1
    if after is not None:
        deltas[after] += 1
    await add(product_id, deltas)


async def add(product_id: UUID, deltas: Mapping[int, int]) -> None:
    """Add to the numbers of published reviews by stars, in the open transaction; several products in id order."""
    cache.touch(tag(product_id))
    await summaries.make(product_id)
    await _show(await summaries.change(product_id, deltas))


async def recount() -> int:
    """Count anew, each in a transaction, the products whose sums are wrong; return how many there were."""
    done = 0
    while wrong := await summaries.different(_BATCH):
        for product_id in wrong:
            async with db.transaction():
                cache.touch(tag(product_id))
                await summaries.make(product_id)
                await _show(await summaries.recount(product_id))
        done += len(wrong)
    return done


async def _show(row: Row) -> None:
    rating, rank = mean(row["rating_sum"], row["review_count"]), _bayesian_mean(row)
    await registry().get(PRODUCTS).rate(row["product_id"], rating=rating, count=row["review_count"], rank=rank)


def _bayesian_mean(row: Row) -> Decimal | None:
    wanted = settings(ReviewsSettings)
    return bayesian_mean(row["rating_sum"], row["review_count"], prior=wanted.prior_rating, weight=wanted.prior_weight)
