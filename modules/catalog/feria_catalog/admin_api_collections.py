"""What staff do with collections."""

from __future__ import annotations

from feria_catalog.access import READ, WRITE
from feria_catalog.admin_schemas_collections import AdminCollection, AdminCollections, CollectionBody, CollectionPatch
from feria_catalog.staff import collections
from feria_core.http import ApiBlueprint

blueprint = ApiBlueprint("catalog_admin_collections", __name__)
PATH = "/api/admin/collections"


@blueprint.endpoint("GET", PATH, access=READ, returns=AdminCollections)
async def admin_list_collections() -> AdminCollections:
    """Every collection."""
    return AdminCollections(items=await collections.listed())


@blueprint.endpoint("POST", PATH, access=WRITE, body=CollectionBody, returns=AdminCollection, status=201)
async def admin_create_collection(body: CollectionBody) -> AdminCollection:
    """Create a collection, by rule or by hand."""
    return await collections.create(body)


@blueprint.endpoint("GET", f"{PATH}/<slug>", access=READ, returns=AdminCollection)
async def admin_get_collection(slug: str) -> AdminCollection:
    """One collection."""
    return await collections.find(slug)


@blueprint.endpoint("PATCH", f"{PATH}/<slug>", access=WRITE, body=CollectionPatch, returns=AdminCollection)
async def admin_edit_collection(slug: str, body: CollectionPatch) -> AdminCollection:
    """Change a collection: its texts, its rule, or its products and their order."""
    return await collections.edit(slug, body)


@blueprint.endpoint("DELETE", f"{PATH}/<slug>", access=WRITE, status=204)
async def admin_delete_collection(slug: str) -> None:
    """Delete a collection; its products stay."""
    await collections.delete(slug)
