"""API keys, for staff who hand them out."""

from __future__ import annotations

from feria_admin.cursors import only_id
from feria_admin.schemas_keys import KeyBody, KeyOut, KeyQuery, NewKeyOut
from feria_admin.service import api_keys
from feria_core.http import ApiBlueprint, Page, encode_cursor, staff
from feria_core.ids import parse_id

blueprint = ApiBlueprint("admin_api_keys", __name__)
PATH = "/api/admin/api-keys"
WRITE = staff("api_keys.write")


@blueprint.endpoint("GET", PATH, access=WRITE, query=KeyQuery, returns=Page[KeyOut])
async def admin_list_api_keys(query: KeyQuery) -> Page[KeyOut]:
    """API keys, the latest first: those that hold, or with `revoked=true` those that no longer do."""
    rows = await api_keys.listed(revoked=query.revoked, before=only_id(query.cursor), limit=query.limit + 1)
    shown = [KeyOut(**row) for row in rows[: query.limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(rows) > query.limit else None)


@blueprint.endpoint("POST", PATH, access=WRITE, body=KeyBody, returns=NewKeyOut, status=201)
async def admin_create_api_key(body: KeyBody) -> NewKeyOut:
    """Make a key of permissions that you hold yourself; `key` is shown in this answer alone."""
    row, key = await api_keys.create(body)
    return NewKeyOut(**row, key=key)


@blueprint.endpoint("GET", f"{PATH}/<key_id>", access=WRITE, returns=KeyOut)
async def admin_get_api_key(key_id: str) -> KeyOut:
    """One key, revoked or not."""
    return KeyOut(**await api_keys.find(parse_id(key_id)))


@blueprint.endpoint("DELETE", f"{PATH}/<key_id>", access=WRITE, status=204)
async def admin_revoke_api_key(key_id: str) -> None:
    """Revoke a key: the next request with it is refused."""
    await api_keys.revoke(parse_id(key_id))
