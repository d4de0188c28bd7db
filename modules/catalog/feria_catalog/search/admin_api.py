"""What staff do with the search: synonyms, and what was searched for."""

from __future__ import annotations

from feria_catalog.access import READ, WRITE
from feria_catalog.search import searches, synonym_service
from feria_catalog.search.schemas import (
    SearchesQuery,
    SearchPage,
    SynonymBody,
    SynonymOut,
    SynonymPage,
    SynonymPatch,
    SynonymQuery,
)
from feria_core.http import ApiBlueprint

blueprint = ApiBlueprint("catalog_search_admin", __name__)


@blueprint.endpoint("GET", "/api/admin/synonyms", access=READ, query=SynonymQuery, returns=SynonymPage)
async def admin_list_synonyms(query: SynonymQuery) -> SynonymPage:
    """Synonyms by their term."""
    return await synonym_service.page(query)


@blueprint.endpoint("POST", "/api/admin/synonyms", access=WRITE, body=SynonymBody, returns=SynonymOut, status=201)
async def admin_create_synonym(body: SynonymBody) -> SynonymOut:
    """Let a search for a term also find its synonyms; two-way ones are found for each other."""
    return await synonym_service.create(body)


@blueprint.endpoint("PATCH", "/api/admin/synonyms/<synonym_id>", access=WRITE, body=SynonymPatch, returns=SynonymOut)
async def admin_edit_synonym(synonym_id: str, body: SynonymPatch) -> SynonymOut:
    """Change what is named."""
    return await synonym_service.edit(synonym_id, body)


@blueprint.endpoint("DELETE", "/api/admin/synonyms/<synonym_id>", access=WRITE, status=204)
async def admin_delete_synonym(synonym_id: str) -> None:
    """Delete the synonyms of a term."""
    await synonym_service.delete(synonym_id)


@blueprint.endpoint("GET", "/api/admin/searches", access=READ, query=SearchesQuery, returns=SearchPage)
async def admin_list_searches(query: SearchesQuery) -> SearchPage:
    """What was searched for, the most frequent first; without hits with words that may have been meant."""
    return await searches.page(query)
