"""Products in batches: cut from a reader, written in the caller's transaction, one bad product apart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import asyncpg

from feria_catalog.domain import ProductInput, UpsertCounts
from feria_catalog.importing.changes import Change
from feria_catalog.importing.changes import of as changed
from feria_catalog.importing.drafts import Parsed
from feria_catalog.importing.errors import RowProblem, RowRefused
from feria_catalog.importing.pictures import sized
from feria_catalog.importing.reader import Reader
from feria_catalog.importing.records import as_given
from feria_catalog.writing import rehearse_products, upsert_products
from feria_core import db
from feria_core.errors import FeriaError
from feria_core.text import slug_of

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
    """A product, the line where it begins, and its first row as it was given."""

    line: int
    product: ProductInput
    given: list[str] | bytes | None = None


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


async def write(products: Sequence[Placed]) -> tuple[UpsertCounts, list[RowProblem]]:
    """Write the products in the caller's transaction; return the counts, and those that were refused.

    Where a batch is refused its halves are tried, down to the product that is the reason.
    """
    known, problems = await _known(products)

    async def attempt(part: Sequence[Placed]) -> UpsertCounts:
        return await upsert_products([placed.product for placed in part], reason=REASON)

    counts, refused = await _halved(known, attempt)
    return counts, problems + refused


async def _known(products: Sequence[Placed]) -> tuple[list[Placed], list[RowProblem]]:
    """Return the products whose pictures are stored, and the problems of the others."""
    known, problems = [], []
    for placed, product in zip(products, await sized([placed.product for placed in products]), strict=True):
        if isinstance(product, RowRefused):
            problems.append(product.at(placed.line, as_given(placed.given)))
        else:
            known.append(placed if product is placed.product else replace(placed, product=product))
    return known, problems


async def _halved(
    products: Sequence[Placed], attempt: Callable[[Sequence[Placed]], Awaitable[UpsertCounts]]
) -> tuple[UpsertCounts, list[RowProblem]]:
    if not products:
        return UpsertCounts(), []
    try:
        async with db.savepoint():
            return await attempt(products), []
    except REFUSALS as error:
        if len(products) == 1:
            return UpsertCounts(), [_problem(products[0], error)]
    middle = len(products) // 2
    first, first_problems = await _halved(products[:middle], attempt)
    second, second_problems = await _halved(products[middle:], attempt)
    return first + second, first_problems + second_problems


async def rehearse(products: Sequence[Placed]) -> tuple[UpsertCounts, list[RowProblem], list[Change]]:
    """Return what `write` would do, and what would change; the caller undoes its transaction."""
    known, problems = await _known(products)
    found: list[Change] = []

    async def attempt(part: Sequence[Placed]) -> UpsertCounts:
        rehearsed = await rehearse_products([placed.product for placed in part])
        changes = await changed(rehearsed, {id(placed.product): placed.line for placed in part})
        found.extend(changes)
        created = sum(change.kind == "created" for change in changes)
        return UpsertCounts(created, len(changes) - created, len(part) - len(changes))

    counts, refused = await _halved(known, attempt)
    return counts, problems + refused, sorted(found, key=lambda change: change.line)


def _names(parsed: Parsed) -> set[str]:
    if parsed.product is None:
        return set()
    names = {f"sku {variant.sku}" for variant in parsed.product.variants}
    return names | {f"slug {parsed.product.slug}"} if parsed.product.slug else names


def _add(batch: Batch, parsed: Parsed) -> None:
    batch.rows += parsed.rows
    batch.problems += parsed.problems
    if parsed.product is not None:
        if not parsed.product.slug:
            slug_of(parsed.product.name)  # remembered: made here, in the reading thread, while PostgreSQL works
        batch.products.append(Placed(parsed.line, parsed.product, parsed.given))


def _problem(placed: Placed, error: Exception) -> RowProblem:
    line, given = placed.line, as_given(placed.given)
    if isinstance(error, FeriaError):
        return RowProblem(line, error.code, error.detail, None, given)
    constraint = getattr(error, "constraint_name", None)
    what = f" (rule {constraint})" if constraint else ""
    return RowProblem(
        line, "refused_by_database", f"the product clashes with a stored one or a rule of the tables{what}.", None,
        given,
    )  # fmt: skip
