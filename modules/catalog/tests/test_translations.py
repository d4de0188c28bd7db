"""Content in the shop's other languages: what is translated is shown, everything else in the first one."""

from __future__ import annotations

import pytest

from feria_core import db

ES = {"Accept-Language": "es"}
TABLE = {"name": "Mesa de roble", "slug": "mesa-de-roble", "description": "Bonita", "seo": {"title": "Mesa"}}


@pytest.fixture
async def table(staff, make_product):
    await staff.post("/api/admin/categories", {"name": "Tables"})
    return await make_product(
        "Oak table", category="tables", brand="Acme", description="Nice", attributes={"material": "Oak"}
    )


def path(table, locale="es"):
    return f"/api/admin/products/{table['id']}/translations/{locale}"


async def test_a_product_reads_in_the_language_that_is_asked_for(client, staff, table):
    await client.get("/api/products/oak-table", headers=ES)
    put = await staff.put(path(table), {**TABLE, "version": 1})
    assert (put.status, put.json["version"], put.json["items"][0]["name"]) == (200, 2, "Mesa de roble")
    page = await client.get("/api/products/oak-table", headers=ES)
    assert (page.json["name"], page.json["description_html"]) == ("Mesa de roble", "<p>Bonita</p>")
    assert page.json["seo"]["title"] == "Mesa"
    assert page.json["seo"]["canonical"].endswith("/products/mesa-de-roble")
    assert page.headers["content-language"] == "es"
    assert page.json["variants"][0]["available"] == 5
    assert (await staff.get(f"/api/admin/products/{table['id']}", headers=ES)).json["name"] == "Oak table"
    english = await client.get("/api/products/oak-table")
    assert (english.json["name"], english.headers["content-language"]) == ("Oak table", "en")
    for query in ("", "?category=tables", "?sort=price&brand=acme"):
        listed = await client.get(f"/api/products{query}", headers=ES)
        assert listed.json["items"][0]["name"] == "Mesa de roble", query
        assert listed.headers["content-language"] == "es"
        assert (await client.get(f"/api/products{query}")).json["items"][0]["name"] == "Oak table"


async def test_what_is_not_translated_is_shown_in_the_first_language(client, staff, table, make_product):
    await make_product("Chair", category="tables")
    await staff.put(path(table), {"name": "Mesa"})
    page = await client.get("/api/products/oak-table", headers=ES)
    assert (page.json["name"], page.json["slug"], page.json["description_html"]) == ("Mesa", "oak-table", "<p>Nice</p>")
    chair = await client.get("/api/products/chair", headers=ES)
    assert (chair.json["name"], chair.json["related"][0]["name"]) == ("Chair", "Mesa")
    assert (await client.get("/api/products", headers={"Accept-Language": "de"})).headers["content-language"] == "en"


async def test_a_translated_slug_finds_the_product_and_an_old_one_leads_to_it(client, staff, table, make_product):
    await staff.put(path(table), TABLE)
    assert (await client.get("/api/products/mesa-de-roble")).json["id"] == table["id"]
    other = await make_product("Mesa de roble")
    assert other["slug"] == "mesa-de-roble-2"
    clash = await staff.patch(f"/api/admin/products/{other['id']}", {"slug": "mesa-de-roble"})
    assert clash.code == "slug_taken"
    assert (await staff.put(path(other), {"slug": "mesa-de-roble"})).code == "slug_taken"
    assert (await staff.put(path(other), {"slug": "oak-table"})).code == "slug_taken"
    await staff.put(path(table), {**TABLE, "slug": "mesa"})
    moved = await client.get("/api/products/mesa-de-roble")
    assert (moved.status, moved.headers["location"]) == (301, "/api/products/oak-table")
    assert (await client.get("/api/products/mesa")).status == 200


async def test_names_of_categories_brands_and_attributes_are_translated(client, staff, table):
    for kind, key, name in (
        ("categories", "tables", "Mesas"), ("brands", "acme", "Ácme"), ("attributes", "material", "Material (es)"),
    ):  # fmt: skip
        put = await staff.put(f"/api/admin/{kind}/{key}/translations/es", {"name": name, "version": 1})
        assert (put.status, put.json) == (200, {"names": {"es": name}, "version": 2})
        stale = await staff.put(f"/api/admin/{kind}/{key}/translations/es", {"name": "X", "version": 1})
        assert stale.code == "stale_version"
        assert (await staff.get(f"/api/admin/{kind}/{key}/translations")).json == put.json
        assert (await staff.get(f"/api/admin/{kind}/nothing/translations")).status == 404
    page = (await client.get("/api/products/oak-table", headers=ES)).json
    assert (page["category_path"][0]["name"], page["brand"]) == ("Mesas", "Ácme")
    assert page["specifications"][0]["name"] == "Material (es)"
    tree = await client.get("/api/categories", headers=ES)
    assert (tree.json["items"][0]["name"], tree.headers["content-language"]) == ("Mesas", "es")
    assert (await client.get("/api/categories/tables", headers=ES)).json["attributes"][0]["name"] == "Material (es)"
    assert (await client.get("/api/brands", headers=ES)).json["items"][0]["name"] == "Ácme"
    assert (await client.get("/api/brands")).json["items"][0]["name"] == "Acme"
    assert (await staff.delete("/api/admin/categories/tables/translations/es")).status == 204
    assert (await client.get("/api/categories", headers=ES)).headers["content-language"] == "en"


async def test_a_translation_is_taken_away_with_its_documents(client, staff, table):
    await staff.put(path(table), TABLE)
    assert (await staff.delete(path(table))).status == 204
    assert (await client.get("/api/products/oak-table", headers=ES)).json["name"] == "Oak table"
    assert await db.fetch_value("SELECT count(*) FROM catalog_product_document_text") == 0
    actions = [row["action"] for row in await db.fetch_all("SELECT action FROM core_audit ORDER BY id")]
    assert actions.count("catalog.product.translated") == 2


@pytest.mark.parametrize(
    ("locale", "body", "status"),
    [
        ("en", {"name": "X"}, 422), ("de", {"name": "X"}, 422), ("es", {"name": ""}, 422), ("es", {"colour": "x"}, 422),
        ("es", {"slug": "Not A Slug"}, 422), ("es", {"slug": "suggest"}, 409), ("%00", {"name": "X"}, 422),
        ("es", {"name": "X", "version": 9}, 409),
    ],
)  # fmt: skip
async def test_senseless_translations_are_refused(staff, table, locale, body, status):
    assert (await staff.put(path(table, locale), body)).status == status
