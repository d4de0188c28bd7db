"""What a person may ask about themselves."""

from __future__ import annotations

from typing import Any

from feria_core.auth import current_principal
from feria_core.http import IN_PERSON, ApiBlueprint
from feria_core.http.responses import Answer
from feria_core.limits import Limit
from feria_users.service import privacy

blueprint = ApiBlueprint("users_privacy", __name__)


@blueprint.endpoint(
    "GET",
    "/api/users/me/export",
    access=IN_PERSON,
    returns=dict[str, Any],
    limit=Limit("users.export", 60, 3600),
)
async def export_me() -> Answer:
    """Everything that is stored about you, by the part of the shop that stores it."""
    found = await privacy.export(current_principal().id)
    return Answer(found, headers={"Content-Disposition": 'attachment; filename="personal-data.json"'})
