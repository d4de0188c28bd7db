"""The variants of a product generated from its options: those that are missing, whatever was there before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product as combinations
from math import prod

from feria_catalog import documents
from feria_catalog.admin_schemas import MatrixBody, VariantBody
from feria_catalog.staff import reading, variants, versions
from feria_catalog.writing import rows
from feria_catalog.writing.lock import one_writer
from feria_core import audit, clock, db
from feria_core.errors import Invalid
from feria_core.text import slug_of

MAX_VARIANTS = 200
MAX_SKU = 100


async def generate(key: str, body: MatrixBody) -> bytes:
    """Add the combinations that the product has no variant of; return the product. Repeats safely.

    Withdrawn variants count as being there. Raises NotFound, StaleVersion, Invalid where it would be too many.
    """
    async with db.transaction():
        await one_writer()
        product = await reading.view(key, lock=True)
        versions.check(product.version, body.version)
        product_id = product.row.id
        stored = await variants.stored(product_id)
        has = {_key(row.options) for row in stored}
        _bounded(body, len(stored))
        missing = [choice for choice in _choices(body) if _key(choice) not in has]
        if not missing:
            return await reading.document(product_id)
        _bounded(body, len(stored), missing=len(missing))
        skus = await _free_skus(body.sku_prefix or product.row.slug.upper(), missing)
        await variants.insert(
            product_id, [_variant(body, sku, choice) for sku, choice in zip(skus, missing, strict=True)]
        )
        await variants.demand_required(product.row)
        await rows.raise_versions([product_id], now=clock.now())
        await documents.rewrite([product_id])
        await audit.record(
            "catalog.variant.generated", "product", product_id,
            after={"skus": skus, **body.model_dump(mode="json", exclude_none=True, exclude={"version"})},
        )  # fmt: skip
        return await reading.document(product_id)


def _bounded(body: MatrixBody, stored: int, *, missing: int = 0) -> None:
    wanted = max(prod(len(values) for values in body.options.values()), stored + missing)
    if wanted > MAX_VARIANTS:
        raise Invalid.field(
            "body", "options", code="too_many_variants",
            message=f"The product would have {wanted} variants, {MAX_VARIANTS} are the most: take values away.",
        )  # fmt: skip


def _choices(body: MatrixBody) -> list[dict[str, str]]:
    return [dict(zip(body.options, values, strict=True)) for values in combinations(*body.options.values())]


def _key(options: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the combination as it is compared: without the order of its options, without capitals."""
    return tuple(sorted((name.lower(), value.lower()) for name, value in options.items()))


def _variant(body: MatrixBody, sku: str, choice: dict[str, str]) -> VariantBody:
    return VariantBody(
        sku=sku, price=body.price, compare_at_price=body.compare_at_price, stock=body.stock, options=choice,
        weight_g=body.weight_g, tax_class=body.tax_class, attributes=body.attributes,
    )  # fmt: skip


async def _free_skus(prefix: str, choices: Sequence[dict[str, str]]) -> list[str]:
    """Return an SKU for each choice, `OAK-160-RED`, numbered where another variant has it."""
    found: list[str] = []
    for choice in choices:
        parts = [prefix, *(slug_of(value).upper() for value in choice.values())]
        found.append("-".join(parts)[: MAX_SKU - 5])
    attempt = 2
    while taken := await _taken(found):
        found = [
            f"{sku.removesuffix(f'~{attempt - 1}')}~{attempt}" if i in taken else sku for i, sku in enumerate(found)
        ]
        attempt += 1
    return found


async def _taken(skus: Sequence[str]) -> set[int]:
    """Return the places of those that another variant has, or that stand in the list before."""
    found = await db.fetch_all("SELECT sku FROM catalog_variant WHERE sku = ANY($1::text[])", list(skus))
    stored = {row["sku"] for row in found}
    return {i for i, sku in enumerate(skus) if sku in stored or sku in skus[:i]}
