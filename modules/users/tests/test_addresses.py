from __future__ import annotations

import asyncio

import pytest

from feria_core import db
from feria_core.contracts.users import ADDRESS_RULES
from feria_core.ids import new_id
from feria_core.runtime import registry
from feria_users.countries import codes, country

PATH = "/api/users/me/addresses"
SAN_JOSE = {
    "name": "Ana Castro", "company": None, "line1": "Calle 5 12", "line2": None, "city": "San José", "region": "SJ",
    "postal_code": "10101", "country": "CR", "phone": "+506 2222 2222",
}  # fmt: skip
BOSTON = {
    "name": "Ana",
    "line1": "1 Main St",
    "city": "Boston",
    "region": "ma",
    "postal_code": "02108",
    "country": "US",
}


def wrong(answer):
    return [(error["loc"][-1], error["code"]) for error in answer.json["errors"]]


async def test_an_address_is_kept_shown_changed_and_deleted(signed_in):
    ana = (await signed_in()).client
    added = await ana.post(PATH, SAN_JOSE)
    assert added.status == 201
    assert added.json == SAN_JOSE | {"id": added.json["id"], "is_default_shipping": True, "is_default_billing": True}
    assert (await ana.get(PATH)).json == {"items": [added.json], "next_cursor": None}
    changed = await ana.patch(f"{PATH}/{added.json['id']}", {"line2": "Piso 3", "phone": None})
    assert changed.json == added.json | {"line2": "Piso 3", "phone": None}
    assert (await ana.delete(f"{PATH}/{added.json['id']}")).status == 204
    assert (await ana.get(PATH)).json["items"] == []


async def test_region_and_postal_code_are_written_as_their_country_does(signed_in):
    ana = (await signed_in()).client
    boston = (await ana.post(PATH, BOSTON)).json
    assert (boston["region"], boston["city"]) == ("MA", "Boston")
    by_name = (await ana.post(PATH, BOSTON | {"region": "massachusetts"})).json
    assert by_name["region"] == "MA"
    london = {"name": "Ana", "line1": "1 High St", "city": "London", "postal_code": "ec1y 8sy", "country": "GB"}
    assert (await ana.post(PATH, london)).json["postal_code"] == "EC1Y 8SY"
    tokyo = {"name": "Ana", "line1": "1-1", "city": "Chiyoda", "region": "Tokyo", "postal_code": "100-0001",
             "country": "JP"}  # fmt: skip
    assert (await ana.post(PATH, tokyo)).json["city"] == "Chiyoda"


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"region": None}, [("region", "address_required")]),
        ({"region": "Ontario"}, [("region", "address_region")]),
        ({"postal_code": "1234"}, [("postal_code", "address_postal_code")]),
        ({"postal_code": "02108-12345"}, [("postal_code", "address_postal_code")]),
        ({"postal_code": "90210"}, [("postal_code", "address_postal_code_region")]),
        ({"region": None, "postal_code": None}, [("region", "address_required"), ("postal_code", "address_required")]),
        ({"country": "XX"}, [("country", "address_country")]),
        ({"country": "XK"}, [("country", "address_country")]),
    ],
)
async def test_what_the_country_does_not_take_is_named(signed_in, changes, errors):
    ana = (await signed_in()).client
    refused = await ana.post(PATH, BOSTON | changes)
    assert (refused.status, refused.code) == (422, "validation_failed")
    assert wrong(refused) == errors


async def test_what_is_wrong_is_told_in_the_language_of_the_caller(signed_in):
    ana = (await signed_in()).client.with_headers(accept_language="es")
    refused = await ana.post(PATH, BOSTON | {"postal_code": None})
    assert refused.json["errors"][0]["message"] == "Código ZIP: es necesario en este país, complételo."


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""}, {"name": None}, {"line1": "a\nb"}, {"city": "x" * 201}, {"country": "us"}, {"country": "USA"},
        {"country": 1}, {"phone": "1" * 41}, {"is_default_shipping": "yes"}, {"id": "x"}, {"postal_code": "9" * 41},
    ],
)  # fmt: skip
async def test_no_more_is_taken_than_an_address(signed_in, changes):
    ana = (await signed_in()).client
    assert (await ana.post(PATH, BOSTON | changes)).status == 422
    own = (await ana.post(PATH, BOSTON)).json["id"]
    assert (await ana.patch(f"{PATH}/{own}", changes)).status == 422


async def test_a_change_is_checked_as_a_whole(signed_in):
    ana = (await signed_in()).client
    own = f"{PATH}/{(await ana.post(PATH, BOSTON)).json['id']}"
    assert wrong(await ana.patch(own, {"country": "GB"})) == [("postal_code", "address_postal_code")]
    assert wrong(await ana.patch(own, {"region": "CA"})) == [("postal_code", "address_postal_code_region")]
    assert (await ana.patch(own, {"region": "CA", "postal_code": "90210"})).status == 200


async def test_each_kind_has_one_default(signed_in):
    ana = (await signed_in()).client
    first, second = [(await ana.post(PATH, BOSTON)).json for _ in range(2)]
    assert (second["is_default_shipping"], second["is_default_billing"]) == (False, False)
    await ana.patch(f"{PATH}/{second['id']}", {"is_default_shipping": True})
    third = (await ana.post(PATH, BOSTON | {"is_default_billing": True})).json
    shown = {each["id"]: each for each in (await ana.get(PATH)).json["items"]}
    assert [key for key, each in shown.items() if each["is_default_shipping"]] == [second["id"]]
    assert [key for key, each in shown.items() if each["is_default_billing"]] == [third["id"]]
    assert not shown[first["id"]]["is_default_billing"]
    await ana.patch(f"{PATH}/{third['id']}", {"is_default_billing": False})
    assert not any(each["is_default_billing"] for each in (await ana.get(PATH)).json["items"])


async def test_twins_leave_one_default(signed_in):
    ana = (await signed_in()).client
    ids = [(await ana.post(PATH, BOSTON)).json["id"] for _ in range(6)]
    answers = await asyncio.gather(*(ana.patch(f"{PATH}/{each}", {"is_default_shipping": True}) for each in ids))
    assert {answer.status for answer in answers} == {200}
    assert await db.fetch_value("SELECT count(*) FROM users_address WHERE is_default_shipping") == 1


async def test_fifty_fit_into_a_book_however_they_come(signed_in):
    ana = (await signed_in()).client
    for _ in range(9):
        answers = await asyncio.gather(*(ana.post(PATH, BOSTON) for _ in range(6)))
    assert {answer.status for answer in answers} == {201, 409}
    assert {answer.code for answer in answers if answer.status == 409} == {"too_many_addresses"}
    assert await db.fetch_value("SELECT count(*) FROM users_address") == 50
    page = (await ana.get(f"{PATH}?limit=30")).json
    rest = (await ana.get(f"{PATH}?limit=30&cursor={page['next_cursor']}")).json
    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (30, 20, None)
    assert (await ana.delete(f"{PATH}/{page['items'][0]['id']}")).status == 204
    assert (await ana.post(PATH, BOSTON)).status == 201


async def test_anothers_address_is_missing(signed_in):
    ana, bea = (await signed_in("ana@example.org")).client, (await signed_in("bea@example.org")).client
    own = (await ana.post(PATH, BOSTON)).json["id"]
    for path in (f"{PATH}/{own}", f"{PATH}/{new_id()}", f"{PATH}/none"):
        assert (await bea.patch(path, {"city": "Salem"})).code == "not_found"
        assert (await bea.delete(path)).code == "not_found"
    assert (await bea.get(PATH)).json["items"] == []
    assert (await ana.get(PATH)).json["items"][0]["city"] == "Boston"


async def test_guests_have_no_book(client):
    for method, path in (("GET", PATH), ("POST", PATH), ("PATCH", f"{PATH}/x"), ("DELETE", f"{PATH}/x")):
        assert (await client.call(method, path, json={})).status == 401


async def test_forms_are_told_what_a_country_needs(client):
    listed = (await client.get("/api/countries")).json["items"]
    assert len(listed) == 249
    assert {"code": "CR", "name": "Costa Rica"} in listed
    spanish = (await client.with_headers(accept_language="es").get("/api/countries")).json["items"]
    assert {"code": "DE", "name": "Alemania"} in spanish
    form = await client.get("/api/countries/US")
    assert form.headers["etag"]
    assert {each["name"]: (each["label"], each["required"]) for each in form.json["fields"]} == {
        "name": ("Name", True), "company": ("Company", False), "line1": ("Street address", True),
        "line2": ("Apartment, floor, details", False), "city": ("City", True), "region": ("State", True),
        "postal_code": ("ZIP code", True),
    }  # fmt: skip
    assert {"code": "MA", "name": "Massachusetts"} in form.json["regions"]
    assert form.json["postal_code_examples"][0] == "95014"
    assert (await client.get("/api/countries/us")).json["code"] == "US"
    for unknown in ("XX", "ZZ", "all", "..%2Fus", "U", "%00"):
        assert (await client.get(f"/api/countries/{unknown}")).status == 404


async def test_every_country_can_be_read_and_its_example_codes_hold(client):
    for code in codes():
        rules = await country(code)
        assert rules is not None
        assert rules.fields.count("line1") == 1
        assert rules.required <= set(rules.fields)
        for example in rules.postal_code_examples:
            if rules.postal_code is not None and "~" not in example and ":" not in example:
                assert rules.postal_code.fullmatch(example.upper()), (code, example)
        assert all(rules.region(name) and rules.region(key) == key for key, name in rules.regions), code


async def test_other_modules_can_ask(client):
    rules = registry().get(ADDRESS_RULES)
    fine = await rules.check(BOSTON)
    assert (fine.problems, fine.address["region"]) == ((), "MA")
    bad = await rules.check(BOSTON | {"postal_code": "x"})
    assert [(problem.field, problem.code) for problem in bad.problems] == [("postal_code", "address_postal_code")]
    assert (await rules.check({})).problems[0].code == "address_country"
