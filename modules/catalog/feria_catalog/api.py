"""What anybody may read: products, categories, brands."""

from __future__ import annotations

from feria_catalog import browsing, product_page
from feria_catalog.documents.writing import LISTS
from feria_catalog.listing import service
from feria_catalog.listing.filters import Filters
from feria_catalog.schemas import (
    BrandList,
    CategoryDetail,
    CategoryTreeOut,
    Product,
    ProductListQuery,
    ProductPage,
    Suggestions,
    SuggestQuery,
)
from feria_core.cache import Cached, tag
from feria_core.errors import NotFound
from feria_core.http import PUBLIC, Answer, ApiBlueprint

blueprint = ApiBlueprint("catalog", __name__)

# Writes make answers stale at once; the age bounds only what the clock changes: products that are published later.
LIST_CACHE = Cached(tags=(LISTS,), max_age_s=30)
PAGE_CACHE = Cached(max_age_s=30)


@blueprint.endpoint(
    "GET", "/api/products", access=PUBLIC, query=ProductListQuery, returns=ProductPage, cached=LIST_CACHE
)
async def list_products(query: ProductListQuery) -> bytes:
    """Products, filtered, searched and sorted; newest first, or by relevance where `q` is given."""
    filters = Filters(
        category=query.category,
        brands=query.brand or (),
        price_min=query.price_min,
        price_max=query.price_max,
        in_stock=query.in_stock,
        on_sale=query.on_sale,
        rating_min=query.rating_min,
        attributes=query.attributes(),
    )
    return await service.page(filters, q=query.q, sort=query.sort, limit=query.limit, cursor=query.cursor)


@blueprint.endpoint(
    "GET", "/api/products/suggest", access=PUBLIC, query=SuggestQuery, returns=Suggestions, cached=LIST_CACHE
)
async def suggest(query: SuggestQuery) -> Suggestions:
    """At most ten completions of what was typed so far."""
    return Suggestions(items=await browsing.suggestions(query.q))


@blueprint.endpoint("GET", "/api/products/<key>", access=PUBLIC, returns=Product, cached=PAGE_CACHE)
async def get_product(key: str) -> bytes | Answer:
    """One product by slug or id; an old slug answers 301 to the present one."""
    found = await product_page.find(key)
    if found is not None and found.is_listed:
        tag(*(f"product:{product_id}" for product_id in found.shown))
        return f"{found.text}}}".encode()
    slug = await product_page.moved_to(key)
    if slug is None:
        raise NotFound(f"There is no product '{key[:100]}': GET /api/products lists them.")
    return Answer({"slug": slug}, status=301, headers={"Location": f"/api/products/{slug}"})


@blueprint.endpoint("GET", "/api/categories", access=PUBLIC, returns=CategoryTreeOut, cached=LIST_CACHE)
async def list_categories() -> CategoryTreeOut:
    """The tree of categories, each with the number of products in its subtree."""
    return CategoryTreeOut(items=await browsing.category_tree())


@blueprint.endpoint("GET", "/api/categories/<slug>", access=PUBLIC, returns=CategoryDetail, cached=LIST_CACHE)
async def get_category(slug: str) -> CategoryDetail:
    """One category with its breadcrumb, its children and the attributes to filter by."""
    return await browsing.category(slug)


@blueprint.endpoint("GET", "/api/brands", access=PUBLIC, returns=BrandList, cached=LIST_CACHE)
async def list_brands() -> BrandList:
    """The brands of the products that are sold, each with their number."""
    return BrandList(items=await browsing.brands())
