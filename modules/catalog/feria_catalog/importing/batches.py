"""Products in batches: cut from a reader, written in the caller's transaction, one bad product apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field

import asyncpg

from feria_catalog.domain import ProductInput, UpsertCounts
from feria_catalog.importing.drafts import Parsed
from feria_catalog.importing.errors import RowProblem
from feria_catalog.importing.reader import Reader
from feria_catalog.writing import upsert_products
from feria_core import db
from feria_core.errors import FeriaError

REASON = "import"
# What the database answers to a product that its tables do not take; the batch goes on without it.
REFUSALS = (
    FeriaError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.CardinalityViolationError,
)


@dataclass(frozen=True)
class Placed:
    """A product and the line where it begins."""

    line: int
    product: ProductInput


@dataclass
class Batch:
    """Neighbouring products, what was wrong between them, and where the file was after them."""

    products: list[Placed] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    rows: int = 0
    bytes_done: int = 0


def batches(reader: Reader, size: int) -> Iterator[Batch]:
    """Give the file in batches of at most `size` products or problems.

    A SKU or slug that occurs again begins a new batch, so that the later row changes what the earlier one made.
    """
    batch, seen = Batch(), set[str]()
    for parsed in reader:
        names = _names(parsed)
        if not seen.isdisjoint(names) or len(batch.products) + len(batch.problems) >= size:
            yield batch
            batch, seen = Batch(), set()
        _add(batch, parsed)
        seen |= names
        batch.bytes_done = reader.source.bytes_done
    if batch.rows:
        yield batch


async def ahead(cut: Iterator[Batch]) -> AsyncGenerator[Batch, None]:
    """Give the batches; the next is read, in a thread, while the caller writes one. Close it with `aclosing`."""
    upcoming = asyncio.create_task(asyncio.to_thread(next, cut, None))
    try:
        while (batch := await upcoming) is not None:
            upcoming = asyncio.create_task(asyncio.to_thread(next, cut, None))
            yield batch
    finally:
        # A thread cannot be cancelled: wait for it, so that nobody closes the file under it.
        await asyncio.wait([upcoming])
        if not upcoming.cancelled():
            upcoming.exception()


async def write(products: Sequence[Placed]) -> tuple[UpsertCounts, list[RowProblem]]:
    """Write the products in the caller's transaction; return the counts, and those that were refused.

    Where a batch is refused its halves are tried, down to the product that is the reason.
    """
    if not products:
        return UpsertCounts(), []
    try:
        async with db.savepoint():
            return await upsert_products([placed.product for placed in products], reason=REASON), []
    except REFUSALS as error:
        if len(products) == 1:
            return UpsertCounts(), [_problem(products[0].line, error)]
    middle = len(products) // 2
    first, first_problems = await write(products[:middle])
    second, second_problems = await write(products[middle:])
    return first + second, first_problems + second_problems


def _names(parsed: Parsed) -> set[str]:
    if parsed.product is None:
        return set()
    names = {f"sku {variant.sku}" for variant in parsed.product.variants}
    return names | {f"slug {parsed.product.slug}"} if parsed.product.slug else names


def _add(batch: Batch, parsed: Parsed) -> None:
    batch.rows += parsed.rows
    batch.problems += parsed.problems
    if parsed.product is not None:
        batch.products.append(Placed(parsed.line, parsed.product))


def _problem(line: int, error: Exception) -> RowProblem:
    if isinstance(error, FeriaError):
        return RowProblem(line, error.code, error.detail)
    constraint = getattr(error, "constraint_name", None)
    what = f" (rule {constraint})" if constraint else ""
    return RowProblem(
        line, "refused_by_database", f"the product clashes with a stored one or a rule of the tables{what}."
    )
