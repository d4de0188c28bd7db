"""Categories for staff."""

from __future__ import annotations

from feria_catalog.admin_schemas import AdminCategory, CategoryBody
from feria_catalog.documents.writing import LISTS
from feria_catalog.errors import NameTaken, SlugTaken
from feria_catalog.staff.products import no_category
from feria_catalog.writing.lock import one_writer
from feria_catalog.writing.references import MAX_DEPTH, CategoryNode, CategoryTree
from feria_core import audit, cache, db

_ALL = """
SELECT c.id, c.slug, c.name, p.slug AS parent, c.path
FROM catalog_category c LEFT JOIN catalog_category p ON p.id = c.parent_id ORDER BY c.path
"""


async def listed() -> list[AdminCategory]:
    """Return every category, parents before their children."""
    return [AdminCategory(**row) for row in await db.fetch_all(_ALL)]


async def create(body: CategoryBody) -> AdminCategory:
    """Create a category. Raises NotFound for an unknown parent, NameTaken, SlugTaken."""
    async with db.transaction():
        await one_writer()
        tree = await CategoryTree.load()
        parent = _parent(tree, body.parent) if body.parent else None
        if (parent.id if parent else None, body.name.lower()) in tree.by_name:
            raise NameTaken(f"There is a category '{body.name}' in that place already: use it, or choose another name.")
        if body.slug in tree.slugs:
            raise SlugTaken(body.slug)
        node = await tree.create(body.name, parent=parent, slug=body.slug)
        created = AdminCategory(
            id=node.id, slug=node.path[-1], name=body.name, parent=body.parent, path=list(node.path)
        )
        await audit.record("catalog.category.created", "category", node.id, after=created.model_dump(mode="json"))
        cache.touch(LISTS)
        return created


def _parent(tree: CategoryTree, slug: str) -> CategoryNode:
    for node in tree.by_name.values():
        if node.path[-1] == slug and len(node.path) < MAX_DEPTH:
            return node
    raise no_category(slug)
