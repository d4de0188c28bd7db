from __future__ import annotations

import pytest
from quart import Quart

from feria_core.app import _check_access
from feria_core.auth import CUSTOMER, PUBLIC, Access
from feria_core.errors import StartRefused
from feria_core.http import ApiBlueprint
from feria_core.testing.guarding import staff_routes, unguarded


async def test_nobody_gets_through_a_staff_route_without_its_permission(client):
    """Every route of every module, as anonymous, customer, lesser staff and API keys."""
    assert len(staff_routes(client)) > 100
    assert await unguarded(client) == []


@pytest.mark.parametrize("access", [PUBLIC, CUSTOMER, Access("staff")])
def test_a_staff_route_without_a_permission_refuses_the_start(access):
    blueprint = ApiBlueprint("another", __name__)

    @blueprint.endpoint("GET", "/api/admin/another", access=access)
    async def another():
        """Another module's route."""

    app = Quart("test")
    app.register_blueprint(blueprint)
    with pytest.raises(StartRefused, match="demands no permission"):
        _check_access(app)
