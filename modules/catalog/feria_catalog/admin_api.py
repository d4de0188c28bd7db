"""What staff do with products and categories."""

from __future__ import annotations

from feria_catalog.access import READ, WRITE
from feria_catalog.admin_schemas import (
    AdminListQuery,
    AdminPage,
    AdminVariants,
    ListedVariant,
    MatrixBody,
    ProductBody,
    ProductPatch,
    RepriceBody,
    VariantBody,
    VariantPatch,
    VariantQuery,
)
from feria_catalog.schemas import AdminProduct
from feria_catalog.staff import matrix, products, reading, repricing, variant_list, variants
from feria_core.http import ApiBlueprint, Page

blueprint = ApiBlueprint("catalog_admin", __name__)


@blueprint.endpoint("GET", "/api/admin/products", access=READ, query=AdminListQuery, returns=AdminPage)
async def admin_list_products(query: AdminListQuery) -> bytes:
    """Products of every status, newest first."""
    return await reading.page(query)


@blueprint.endpoint("POST", "/api/admin/products", access=WRITE, body=ProductBody, returns=AdminProduct, status=201)
async def admin_create_product(body: ProductBody) -> bytes:
    """Create a product with its variants and their first stock."""
    return await products.create(body)


@blueprint.endpoint("GET", "/api/admin/products/<key>", access=READ, returns=AdminProduct)
async def admin_get_product(key: str) -> bytes:
    """One product by id or slug, of any status."""
    return await reading.document((await reading.view(key)).row.id)


@blueprint.endpoint("PATCH", "/api/admin/products/<key>", access=WRITE, body=ProductPatch, returns=AdminProduct)
async def admin_edit_product(key: str, body: ProductPatch) -> bytes:
    """Change what is named; with `version` only where nobody else was faster."""
    return await products.edit(key, body)


@blueprint.endpoint(
    "POST", "/api/admin/products/<key>/reprice", access=WRITE, body=RepriceBody, returns=AdminProduct
)  # fmt: skip
async def admin_reprice_product(key: str, body: RepriceBody) -> bytes:
    """Change the prices of all its variants by so many percent."""
    return await repricing.reprice(key, body)


@blueprint.endpoint("DELETE", "/api/admin/products/<key>", access=WRITE, status=204)
async def admin_archive_product(key: str) -> None:
    """Archive a product: it is sold no more, and stays known to orders."""
    await products.archive(key)


@blueprint.endpoint("GET", "/api/admin/variants", access=READ, query=VariantQuery, returns=Page[ListedVariant])
async def admin_find_variants(query: VariantQuery) -> Page[ListedVariant]:
    """Variants of all products, the newest first; `q` finds them by SKU, barcode, name and options.

    Where it finds more than 1,000 products, the newest of them are looked through.
    """
    return await variant_list.page(query)


@blueprint.endpoint("GET", "/api/admin/products/<key>/variants", access=READ, returns=AdminVariants)
async def admin_list_variants(key: str) -> AdminVariants:
    """A product's variants with their stock, withdrawn ones too."""
    return await variants.listed(key)


@blueprint.endpoint(
    "POST", "/api/admin/products/<key>/variants", access=WRITE, body=VariantBody, returns=AdminProduct, status=201
)
async def admin_add_variant(key: str, body: VariantBody) -> bytes:
    """Add a variant to a product."""
    return await variants.add(key, body)


@blueprint.endpoint(
    "POST", "/api/admin/products/<key>/variants/matrix", access=WRITE, body=MatrixBody, returns=AdminProduct
)
async def admin_generate_variants(key: str, body: MatrixBody) -> bytes:
    """Generate the variants that are missing of every combination of the options; repeating it changes nothing."""
    return await matrix.generate(key, body)


@blueprint.endpoint(
    "PATCH", "/api/admin/products/<key>/variants/<variant>", access=WRITE, body=VariantPatch, returns=AdminProduct
)
async def admin_edit_variant(key: str, variant: str, body: VariantPatch) -> bytes:
    """Change a variant, found by id or SKU: its price, its options, whether it is sold."""
    return await variants.edit(key, variant, body)
