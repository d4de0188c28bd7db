"""Brands, categories and attributes that products name: found, or created on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from feria_catalog.domain import ProductInput
from feria_catalog.writing import attributes, renames
from feria_catalog.writing.attributes import Attributes
from feria_core import db
from feria_core.ids import new_id
from feria_core.text import slug_of

MAX_DEPTH = 16

_INSERT_BRANDS = """
INSERT INTO catalog_brand (id, slug, name) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
ON CONFLICT (slug) DO NOTHING
"""
_BRANDS = """
SELECT slug, id FROM catalog_brand WHERE slug = ANY($1::text[])
UNION ALL SELECT slug, brand_id FROM catalog_brand_slug WHERE slug = ANY($1::text[])
"""
# A renamed brand may keep its slug, so the name is asked first; the oldest of two with one name.
_BRANDS_NAMED = "SELECT name, id FROM catalog_brand WHERE name = ANY($1::text[]) ORDER BY id DESC"
_INSERT_CATEGORY = "INSERT INTO catalog_category (id, parent_id, slug, name, path) VALUES ($1, $2, $3, $4, $5)"


@dataclass(frozen=True)
class CategoryNode:
    """A category by its place in the tree."""

    id: UUID
    path: tuple[str, ...]


@dataclass
class CategoryTree:
    """The whole tree in memory: a shop has hundreds of categories, not millions."""

    by_name: dict[tuple[UUID | None, str], CategoryNode] = field(default_factory=dict)
    slugs: set[str] = field(default_factory=set)
    # Old slugs, which lead to the category that had them: not to be taken without being asked for.
    retired: set[str] = field(default_factory=set)

    @classmethod
    async def load(cls) -> CategoryTree:
        """Return the tree as it is stored."""
        tree = cls()
        for row in await db.fetch_all("SELECT id, parent_id, slug, name, path FROM catalog_category"):
            tree.by_name[row["parent_id"], row["name"].lower()] = CategoryNode(row["id"], tuple(row["path"]))
            tree.slugs.add(row["slug"])
        tree.retired = {row["slug"] for row in await db.fetch_all("SELECT slug FROM catalog_category_slug")}
        return tree

    async def ensure(self, names: Sequence[str]) -> CategoryNode | None:
        """Return the category of the path of names, created with its ancestors where it is missing."""
        node: CategoryNode | None = None
        for name in names[:MAX_DEPTH]:
            child = self.by_name.get((node.id if node else None, name.lower()))
            node = child or await self.create(name, parent=node)
        return node

    async def create(self, name: str, *, parent: CategoryNode | None, slug: str | None = None) -> CategoryNode:
        """Add a category; without `slug` a free one is made of its name, else of its path."""
        slug = slug or self._free_slug(name, parent)
        if slug in self.retired:
            await renames.claim(renames.CATEGORY, slug)
        node = CategoryNode(new_id(), (*(parent.path if parent else ()), slug))
        await db.execute(_INSERT_CATEGORY, node.id, parent.id if parent else None, slug, name, list(node.path))
        self.by_name[parent.id if parent else None, name.lower()] = node
        self.slugs.add(slug)
        return node

    def _free_slug(self, name: str, parent: CategoryNode | None) -> str:
        wished = slug_of(name)
        used = self.slugs | self.retired
        if wished in used and parent:
            wished = slug_of(f"{parent.path[-1]}-{wished}")
        slug, number = wished, 2
        while slug in used:
            slug, number = f"{wished}-{number}", number + 1
        return slug


@dataclass(frozen=True)
class References:
    """Ids of what a batch of products names."""

    brands: Mapping[str, UUID]
    categories: Mapping[tuple[str, ...], UUID | None]
    attributes: Attributes

    def brand_id(self, name: str | None) -> UUID | None:
        """Return the brand's id; None for no brand."""
        return self.brands[name] if name else None


async def resolve(products: Iterable[ProductInput]) -> References:
    """Return the ids of the brands and categories of `products`, all existing afterwards, and so their attributes."""
    products = list(products)
    paths = {product.category_path for product in products}
    found: dict[tuple[str, ...], UUID | None] = {}
    if any(paths):
        tree = await CategoryTree.load()
        for path in sorted(paths):
            node = await tree.ensure(path)
            found[path] = node.id if node else None
    else:
        found[()] = None
    checks = await attributes.load(
        (product.attributes for product in products),
        (variant.attributes or {} for product in products for variant in product.variants),
        {product.product_type for product in products if product.product_type},
    )
    return References(await ensure_brands({product.brand for product in products if product.brand}), found, checks)


async def ensure_brands(names: Iterable[str]) -> dict[str, UUID]:
    """Return ids by name, of brands that have just this name, else its slug; two spellings of one are one brand."""
    wanted = {name: slug_of(name) for name in sorted(names, reverse=True)}
    if not wanted:
        return {}
    named = {row["name"]: row["id"] for row in await db.fetch_all(_BRANDS_NAMED, list(wanted))}
    slugs = {slug: name for name, slug in wanted.items() if name not in named}
    found = await _brands(slugs) if slugs else {}
    missing = sorted(set(slugs) - set(found))
    if missing:
        await db.execute(_INSERT_BRANDS, [new_id() for _ in missing], missing, [slugs[slug] for slug in missing])
        found = await _brands(slugs)
    return {name: named.get(name) or found[slug] for name, slug in wanted.items()}


async def _brands(slugs: Iterable[str]) -> dict[str, UUID]:
    """Return ids by present or old slug."""
    rows = await db.fetch_all(_BRANDS, list(slugs))
    return {row["slug"]: row["id"] for row in rows}
