"""Many products at once: created, or made equal to what is given."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from feria_catalog import documents
from feria_catalog.domain import ProductInput, UpsertCounts
from feria_catalog.errors import SkuTaken, SlugTaken, WrongCurrency
from feria_catalog.media.attached import replace_media
from feria_catalog.stock import levels
from feria_catalog.writing import current, plan, references, rows, slugs
from feria_catalog.writing.lock import one_writer
from feria_core import clock, db
from feria_core.runtime import core_settings

BATCH = 500


@dataclass(frozen=True)
class Rehearsed:
    """A batch that was not written: what was given, what is stored of it, and what would be written."""

    given: Sequence[ProductInput]
    stored: current.Stored
    wanted: plan.Plan


async def upsert_products(products: Sequence[ProductInput], *, reason: str) -> UpsertCounts:
    """Create or change the products in the caller's transaction; return how many of each.

    A product is the stored one that has any of its SKUs; it becomes equal to what is given, but for its slug
    where none is given, its pictures where none are given, and variants that are not named, which stay. Levels
    are set with movements of `reason`; what is held for buyers stays covered. Raises SkuTaken, SlugTaken,
    WrongCurrency; then nothing of the batch is written.
    """
    db.require_transaction("upsert_products()")
    check_currency(products)
    await one_writer()
    counts = UpsertCounts()
    for batch in _batches(products):
        counts += await _upsert(batch, reason)
    return counts


async def rehearse_products(products: Sequence[ProductInput]) -> list[Rehearsed]:
    """Return what `upsert_products` would do, checked against the tables; the caller undoes its transaction.

    Stock, documents and events are left out, and nothing is drawn from a sequence. Raises what upsert_products does.
    """
    db.require_transaction("rehearse_products()")
    check_currency(products)
    await one_writer()
    found: list[Rehearsed] = []
    for batch in _batches(products):
        stored = await current.find(batch)
        wanted = plan.make(batch, await _slugs(batch, stored), stored, await references.resolve(batch))
        await _write_rows(wanted, stored, batch, is_rehearsal=True)
        found.append(Rehearsed(batch, stored, wanted))
    return found


async def create_product(product: ProductInput, *, reason: str) -> UUID:
    """Create one product; return its id. Raises SkuTaken where any of its SKUs is in use, as upsert_products else."""
    check_currency([product])
    await one_writer()
    skus = [variant.sku for variant in product.variants]
    taken = await db.fetch_value("SELECT min(sku) FROM catalog_variant WHERE sku = ANY($1::text[])", skus)
    if taken is not None:
        raise SkuTaken(taken)
    _check_distinct(product)
    stored = await current.find([product])
    written = await _write([product], stored, reason)
    return next(iter(written.created))


def check_currency(products: Sequence[ProductInput]) -> None:
    """Raise WrongCurrency unless every price is in the shop's currency."""
    expected = core_settings().currency
    for product in products:
        for variant in product.variants:
            for price in (variant.price, variant.compare_at_price):
                if price is not None and price.currency != expected:
                    raise WrongCurrency(price.currency, expected)


def _batches(products: Sequence[ProductInput]) -> Iterator[list[ProductInput]]:
    """Give batches in which no SKU stands twice, so that the later of two rows is applied to the earlier."""
    batch: list[ProductInput] = []
    seen: set[str] = set()
    for product in products:
        _check_distinct(product)
        skus = {variant.sku for variant in product.variants}
        if len(batch) == BATCH or seen & skus:
            yield batch
            batch, seen = [], set()
        batch.append(product)
        seen |= skus
    if batch:
        yield batch


def _check_distinct(product: ProductInput) -> None:
    skus = [variant.sku for variant in product.variants]
    for sku in skus:
        if skus.count(sku) > 1:
            raise SkuTaken(sku)


async def _upsert(batch: list[ProductInput], reason: str) -> UpsertCounts:
    stored = await current.find(batch)
    now, later = _split_repeated(stored.targets)
    if later:
        first = await _upsert([batch[i] for i in now], reason)
        return first + await _upsert([batch[i] for i in later], reason)
    written = await _write(batch, stored, reason)
    changed = len(written.edited | written.restocked)
    created = len(written.created)
    return UpsertCounts(created, changed, len(batch) - created - changed)


def _split_repeated(targets: Sequence[UUID | None]) -> tuple[list[int], list[int]]:
    """Return the places of each product's first row, and of its further ones."""
    now: list[int] = []
    later: list[int] = []
    seen: set[UUID] = set()
    for i, target in enumerate(targets):
        (later if target in seen else now).append(i)
        if target is not None:
            seen.add(target)
    return now, later


async def _write(batch: Sequence[ProductInput], stored: current.Stored, reason: str) -> plan.Plan:
    """Write the batch in the order: products, variants, pictures, levels, documents."""
    wanted = plan.make(batch, await _slugs(batch, stored), stored, await references.resolve(batch))
    await _write_rows(wanted, stored, batch)
    await levels.record_first(wanted.first_levels, reason=reason)
    await replace_media(wanted.media)
    restocked = await levels.set_levels(wanted.levels, reason=reason) if wanted.levels else set()
    wanted.restocked = restocked - wanted.created
    await documents.rewrite(wanted.created | wanted.edited | restocked)
    return wanted


async def _write_rows(
    wanted: plan.Plan, stored: current.Stored, batch: Sequence[ProductInput], *, is_rehearsal: bool = False
) -> None:
    now = clock.now()
    await _move_slugs(wanted, stored, {product.slug for product in batch})
    await rows.insert_products(wanted.new_products, now=now, is_rehearsal=is_rehearsal)
    await rows.update_products(wanted.changed_products, now=now)
    await rows.raise_versions(wanted.edited - {row.id for row in wanted.changed_products}, now=now)
    await rows.insert_variants(wanted.new_variants, now=now, levels=wanted.first_levels)
    await rows.update_variants(wanted.changed_variants, now=now)


async def _slugs(batch: Sequence[ProductInput], stored: current.Stored) -> list[str | None]:
    """Return each product's slug: the given one, None to keep the stored one, else a free one."""
    given = [product.slug for product in batch if product.slug]
    if len(set(given)) < len(given):
        raise SlugTaken(next(slug for slug in given if given.count(slug) > 1))
    nameless = [i for i, product in enumerate(batch) if not product.slug and stored.targets[i] is None]
    free = await slugs.free_slugs([batch[i].name for i in nameless], taken=given) if nameless else []
    made = dict(zip(nameless, free, strict=True))
    return [product.slug or made.get(i) for i, product in enumerate(batch)]


async def _move_slugs(wanted: plan.Plan, stored: current.Stored, given: Collection[str | None]) -> None:
    """Take the given slugs, and keep the old ones as ways to them; those that were made are free already."""
    moved = [row for row in wanted.changed_products if stored.products[row.id].slug != row.slug]
    await slugs.claim({row.slug: row.id for row in (*wanted.new_products, *moved) if row.slug in given})
    await slugs.retire({stored.products[row.id].slug: row.id for row in moved})
