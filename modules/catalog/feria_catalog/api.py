"""What anybody may read: products, categories, brands."""

from __future__ import annotations

from feria_catalog import browsing, curated, product_page
from feria_catalog.documents import languages
from feria_catalog.documents.writing import LISTS
from feria_catalog.listing import by_hand, service
from feria_catalog.listing.filters import Filters
from feria_catalog.pricing.current import PRICES
from feria_catalog.schemas import (
    BrandList,
    CategoryDetail,
    CategoryTreeOut,
    CollectionList,
    CollectionOut,
    Product,
    ProductListQuery,
    ProductPage,
    Suggestions,
    SuggestQuery,
)
from feria_catalog.search import suggesting
from feria_catalog.writing import renames
from feria_core.cache import Cached, tag, until
from feria_core.errors import NotFound
from feria_core.http import PUBLIC, Answer, ApiBlueprint

blueprint = ApiBlueprint("catalog", __name__)

# Writes make answers stale at once; no answer outlives the moment at which a product is published or ends.
LIST_CACHE = Cached(tags=(LISTS,), max_age_s=30)
PAGE_CACHE = Cached(max_age_s=30)


@blueprint.endpoint(
    "GET", "/api/products", access=PUBLIC, query=ProductListQuery, returns=ProductPage, cached=LIST_CACHE
)
async def list_products(query: ProductListQuery) -> Answer:
    """Products, filtered, searched and sorted; newest first, or by relevance where `q` is given."""
    filters = Filters(
        category=await curated.present_category(query.category),
        brands=await curated.present_brands(query.brand),
        price_min=query.price_min,
        price_max=query.price_max,
        in_stock=query.in_stock,
        on_sale=query.on_sale,
        rating_min=query.rating_min,
        attributes=query.attributes(),
        ranges=query.ranges(),
    )
    collection = await curated.find(query.collection) if query.collection is not None else None
    if query.collection is not None:
        filters = curated.narrowed(filters, collection)
    with languages.noted() as found:
        if collection is not None and collection.is_by_hand and query.q is None and query.sort is None:
            text = await by_hand.page(filters, limit=query.limit, cursor=query.cursor, facets=query.facets)
            return Answer(text, headers=languages.content_language(found))
        text = await service.page(
            filters, q=query.q, sort=query.sort, limit=query.limit, cursor=query.cursor, facets=query.facets
        )
    return Answer(text, headers=languages.content_language(found))


@blueprint.endpoint(
    "GET", "/api/products/suggest", access=PUBLIC, query=SuggestQuery, returns=Suggestions, cached=LIST_CACHE
)
async def suggest(query: SuggestQuery) -> Suggestions:
    """At most ten completions of what was typed so far."""
    return Suggestions(items=await suggesting.suggestions(query.q))


@blueprint.endpoint("GET", "/api/products/<key>", access=PUBLIC, returns=Product, cached=PAGE_CACHE)
async def get_product(key: str) -> Answer:
    """One product by slug or id; an old slug answers 301 to the present one."""
    with languages.noted() as served:
        found = await product_page.find(key)
    if found is not None and found.is_listed:
        until(found.next_edge)
        tag(PRICES, *(f"product:{product_id}" for product_id in found.shown))
        return Answer(await product_page.completed(found), headers=languages.content_language(served))
    slug = await product_page.moved_to(key)
    if slug is None:
        raise NotFound(f"There is no product '{key[:100]}': GET /api/products lists them.")
    return Answer({"slug": slug}, status=301, headers={"Location": f"/api/products/{slug}"})


@blueprint.endpoint("GET", "/api/categories", access=PUBLIC, returns=CategoryTreeOut, cached=LIST_CACHE)
async def list_categories() -> Answer:
    """The tree of categories, each with the number of products in its subtree."""
    with languages.noted() as found:
        tree = CategoryTreeOut(items=await browsing.category_tree())
    return Answer(tree, headers=languages.content_language(found))


@blueprint.endpoint("GET", "/api/categories/<slug>", access=PUBLIC, returns=CategoryDetail, cached=LIST_CACHE)
async def get_category(slug: str) -> Answer:
    """One category with its breadcrumb, its children and the attributes to filter by; an old slug answers 301."""
    present = await renames.present(renames.CATEGORY, [slug]) if product_page.SLUG.fullmatch(slug) else {}
    if slug in present:
        return Answer({"slug": present[slug]}, status=301, headers={"Location": f"/api/categories/{present[slug]}"})
    with languages.noted() as found:
        detail = await browsing.category(slug)
    return Answer(detail, headers=languages.content_language(found))


@blueprint.endpoint("GET", "/api/brands", access=PUBLIC, returns=BrandList, cached=LIST_CACHE)
async def list_brands() -> Answer:
    """The brands of the products that are sold, each with their number."""
    with languages.noted() as found:
        brands = BrandList(items=await browsing.brands())
    return Answer(brands, headers=languages.content_language(found))


@blueprint.endpoint("GET", "/api/collections", access=PUBLIC, returns=CollectionList, cached=LIST_CACHE)
async def list_collections() -> CollectionList:
    """The collections, each with the number of its products."""
    return CollectionList(items=await curated.listed())


@blueprint.endpoint("GET", "/api/collections/<slug>", access=PUBLIC, returns=CollectionOut, cached=LIST_CACHE)
async def get_collection(slug: str) -> CollectionOut:
    """One collection; its products are listed with `GET /api/products?collection=<slug>`."""
    return await curated.shown(slug)
