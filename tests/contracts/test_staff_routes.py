from __future__ import annotations

import pytest
from quart import Quart

from feria_core import db
from feria_core.app import _check_access
from feria_core.auth import CUSTOMER, PUBLIC, Access
from feria_core.errors import StartRefused
from feria_core.http import ApiBlueprint
from feria_core.testing.guarding import staff_routes, unguarded


async def test_nobody_gets_through_a_staff_route_without_its_permission(client):
    """Every route of every module, as anonymous, customer, lesser staff and API keys."""
    routes = staff_routes(client)
    assert len(routes) > 100
    assert await unguarded(client) == []
    # Each of the four that were turned away from an act is on record, once, as is what the act refused itself.
    acts = [route for route in routes if route.method != "GET"]
    turned_away = "SELECT count(*) FROM core_audit WHERE action = 'refused' AND after->>'code' = 'forbidden'"
    assert await db.fetch_value(turned_away) >= 4 * len(acts)
    assert await db.fetch_all("SELECT request_id FROM core_audit GROUP BY 1 HAVING count(*) > 1") == []


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


async def test_staff_read_in_spanish_what_each_permission_lets_them_do(client):
    staff = client.as_staff("staff.write")
    spanish = await staff.get("/api/admin/permissions", headers={"Accept-Language": "es"})
    english = await staff.get("/api/admin/permissions", headers={"Accept-Language": "en"})
    told = {item["name"]: item["description"] for item in english.json["items"]}
    assert len(told) > 25
    assert [each["name"] for each in spanish.json["items"] if each["description"] == told[each["name"]]] == []
