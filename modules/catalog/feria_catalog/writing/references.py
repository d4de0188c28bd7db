"""Brands, categories and attributes that products name: found, or created on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from feria_catalog.domain import ProductInput
from feria_catalog.folding import attribute_code, label_of, slug_of
from feria_catalog.writing.attributes import stored_value, type_of
from feria_core import db
from feria_core.ids import new_id

MAX_DEPTH = 16

_INSERT_BRANDS = """
INSERT INTO catalog_brand (id, slug, name) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
ON CONFLICT (slug) DO NOTHING
"""
_INSERT_CATEGORY = "INSERT INTO catalog_category (id, parent_id, slug, name, path) VALUES ($1, $2, $3, $4, $5)"
_INSERT_ATTRIBUTES = """
INSERT INTO catalog_attribute (id, code, name, type)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) ON CONFLICT (code) DO NOTHING
"""


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

    @classmethod
    async def load(cls) -> CategoryTree:
        """Return the tree as it is stored."""
        tree = cls()
        for row in await db.fetch_all("SELECT id, parent_id, slug, name, path FROM catalog_category"):
            tree.by_name[row["parent_id"], row["name"].lower()] = CategoryNode(row["id"], tuple(row["path"]))
            tree.slugs.add(row["slug"])
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
        node = CategoryNode(new_id(), (*(parent.path if parent else ()), slug))
        await db.execute(_INSERT_CATEGORY, node.id, parent.id if parent else None, slug, name, list(node.path))
        self.by_name[parent.id if parent else None, name.lower()] = node
        self.slugs.add(slug)
        return node

    def _free_slug(self, name: str, parent: CategoryNode | None) -> str:
        wished = slug_of(name)
        if wished in self.slugs and parent:
            wished = slug_of(f"{parent.path[-1]}-{wished}")
        slug, number = wished, 2
        while slug in self.slugs:
            slug, number = f"{wished}-{number}", number + 1
        return slug


@dataclass(frozen=True)
class References:
    """Ids of what a batch of products names."""

    brands: Mapping[str, UUID]
    categories: Mapping[tuple[str, ...], UUID | None]

    def brand_id(self, name: str | None) -> UUID | None:
        """Return the brand's id; None for no brand."""
        return self.brands[slug_of(name)] if name else None


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
    await ensure_attributes(product.attributes for product in products)
    return References(await ensure_brands({product.brand for product in products if product.brand}), found)


async def ensure_brands(names: Iterable[str]) -> dict[str, UUID]:
    """Return ids by slug; two spellings of one slug are one brand."""
    wanted = {slug_of(name): name for name in sorted(names, reverse=True)}
    if not wanted:
        return {}
    found = await _brands(wanted)
    missing = sorted(set(wanted) - set(found))
    if missing:
        await db.execute(_INSERT_BRANDS, [new_id() for _ in missing], missing, [wanted[slug] for slug in missing])
        found = await _brands(wanted)
    return found


async def _brands(slugs: Iterable[str]) -> dict[str, UUID]:
    rows = await db.fetch_all("SELECT slug, id FROM catalog_brand WHERE slug = ANY($1::text[])", list(slugs))
    return {row["slug"]: row["id"] for row in rows}


async def ensure_attributes(all_attributes: Iterable[Mapping[str, Any]]) -> None:
    """Create the attributes that are named for the first time, with the type of the value that they have there."""
    first: dict[str, Any] = {}
    for attributes in all_attributes:
        for name, value in attributes.items():
            first.setdefault(name, value)
    seen = {attribute_code(name): (name, stored_value(value)) for name, value in first.items()}
    if not seen:
        return
    known = await db.fetch_all("SELECT code FROM catalog_attribute WHERE code = ANY($1::text[])", list(seen))
    missing = sorted(set(seen) - {row["code"] for row in known})
    if missing:
        await db.execute(
            _INSERT_ATTRIBUTES,
            [new_id() for _ in missing], missing, [label_of(seen[code][0]) for code in missing],
            [type_of(seen[code][1]) for code in missing],
        )  # fmt: skip
