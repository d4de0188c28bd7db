"""Address books, and what a form for an address has to ask for."""

from __future__ import annotations

from feria_core import db
from feria_core.auth import current_principal
from feria_core.cache import Cached
from feria_core.errors import BadRequest, NotFound
from feria_core.http import CUSTOMER, PUBLIC, ApiBlueprint, Page, PageQuery, decode_cursor, encode_cursor
from feria_core.http.request import locale
from feria_core.ids import parse_id
from feria_users.countries import codes, country
from feria_users.country_texts import field_label
from feria_users.schemas_addresses import (
    AddressBody,
    AddressOut,
    AddressPatch,
    CountryFormOut,
    CountryListOut,
    CountryOut,
    FormFieldOut,
)
from feria_users.service import addresses

blueprint = ApiBlueprint("users_addresses", __name__)
HOUR_S = 3600
# Only a new version of the shop changes them.
STATIC = Cached(tags=("users.countries",), max_age_s=HOUR_S)


@blueprint.endpoint("GET", "/api/users/me/addresses", access=CUSTOMER, query=PageQuery, returns=Page[AddressOut])
async def list_addresses(query: PageQuery) -> Page[AddressOut]:
    """Your addresses, the newest first."""
    position = decode_cursor(query.cursor, 1)
    before = parse_id(str(position[0])) if position else None
    if position and before is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    rows = await addresses.page(current_principal().id, before=before, limit=query.limit + 1)
    shown = [_shown(row) for row in rows[: query.limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(rows) > query.limit else None)


@blueprint.endpoint(
    "POST", "/api/users/me/addresses", access=CUSTOMER, body=AddressBody, returns=AddressOut, status=201
)
async def add_address(body: AddressBody) -> AddressOut:
    """Add an address; your first one is your default for shipping and billing."""
    return _shown(await addresses.add(current_principal().id, body.model_dump()))


@blueprint.endpoint(
    "PATCH", "/api/users/me/addresses/<address_id>", access=CUSTOMER, body=AddressPatch, returns=AddressOut
)
async def change_address(address_id: str, body: AddressPatch) -> AddressOut:
    """Change an address; making it a default takes that from the one that was."""
    changes = body.model_dump(exclude_unset=True)
    return _shown(await addresses.change(current_principal().id, parse_id(address_id), changes))


@blueprint.endpoint("DELETE", "/api/users/me/addresses/<address_id>", access=CUSTOMER, status=204)
async def delete_address(address_id: str) -> None:
    """Delete an address; orders keep their copies."""
    await addresses.delete(current_principal().id, parse_id(address_id))


@blueprint.endpoint("GET", "/api/countries", access=PUBLIC, returns=CountryListOut, cached=STATIC)
async def list_countries() -> CountryListOut:
    """Every country, by name in your language."""
    found = [CountryOut(code=code, name=_name(code)) for code in codes()]
    return CountryListOut(items=sorted(found, key=lambda each: each.name))


@blueprint.endpoint("GET", "/api/countries/<code>", access=PUBLIC, returns=CountryFormOut, cached=STATIC)
async def get_country(code: str) -> CountryFormOut:
    """What a form for an address in this country shows: fields, their labels, regions, postal codes."""
    rules = await country(code.upper())
    if rules is None:
        raise NotFound("There is no such country: GET /api/countries lists them by their codes.")
    language = locale()
    return CountryFormOut(
        code=rules.code,
        name=_name(rules.code),
        fields=[
            FormFieldOut(name=name, label=field_label(rules, name, language), required=name in rules.required)
            for name in rules.fields
        ],
        regions=[CountryOut(code=key, name=name) for key, name in rules.regions],
        postal_code_examples=list(rules.postal_code_examples),
        postal_code_pattern=rules.postal_code.pattern if rules.postal_code else None,
    )


def _name(code: str) -> str:
    from babel import Locale

    return str(Locale.parse(locale()).territories.get(code, code))


def _shown(row: db.Row) -> AddressOut:
    return AddressOut.model_validate(dict(row))
