"""What the fields of an address are called, and what is wrong with them, in English and Spanish."""

from __future__ import annotations

from feria_users.countries import Country

# The kinds of Google's address data.
_LABELS = {
    "en": {
        "name": "Name", "company": "Company", "line1": "Street address", "line2": "Apartment, floor, details",
        "area": "Area", "city": "City", "county": "County", "department": "Department", "district": "District",
        "do_si": "Do/Si", "eircode": "Eircode", "emirate": "Emirate", "island": "Island",
        "neighborhood": "Neighbourhood", "oblast": "Oblast", "parish": "Parish", "pin": "PIN code",
        "post_town": "Post town", "postal": "Postal code",
        "prefecture": "Prefecture", "province": "Province", "state": "State", "suburb": "Suburb",
        "townland": "Townland", "village_township": "Village", "zip": "ZIP code",
    },
    "es": {
        "name": "Nombre", "company": "Empresa", "line1": "Dirección", "line2": "Apartamento, piso, señas",
        "area": "Zona", "city": "Ciudad", "county": "Condado", "department": "Departamento", "district": "Distrito",
        "do_si": "Do/Si", "eircode": "Eircode", "emirate": "Emirato", "island": "Isla", "neighborhood": "Barrio",
        "oblast": "Óblast", "parish": "Parroquia", "pin": "Código PIN", "post_town": "Población",
        "postal": "Código postal", "prefecture": "Prefectura", "province": "Provincia", "state": "Estado",
        "suburb": "Suburbio", "townland": "Townland", "village_township": "Pueblo", "zip": "Código ZIP",
    },
}  # fmt: skip
_SENTENCES = {
    "en": {
        "address_country": "This is no country: take a code of ISO 3166-1 in capitals, e.g. CR.",
        "address_required": "{field}: it is needed in this country, fill it in.",
        "address_region": "{field}: this country has none of that name, take one of its list.",
        "address_postal_code": "{field}: this country writes it otherwise, e.g. {examples}.",
        "address_postal_code_region": "{field}: it belongs to another part of the country, correct one of the two.",
    },
    "es": {
        "address_country": "No es un país: use un código ISO 3166-1 en mayúsculas, p. ej. CR.",
        "address_required": "{field}: es necesario en este país, complételo.",
        "address_region": "{field}: este país no tiene ninguna con ese nombre, elija una de la lista.",
        "address_postal_code": "{field}: este país lo escribe de otra forma, p. ej. {examples}.",
        "address_postal_code_region": "{field}: pertenece a otra parte del país, corrija uno de los dos.",
    },
}


def field_label(rules: Country, name: str, locale: str) -> str:
    """Return what a form of that country calls the field."""
    kinds = {"region": rules.region_kind, "city": rules.city_kind, "postal_code": rules.postal_code_kind}
    labels = _LABELS.get(locale, _LABELS["en"])
    return labels.get(kinds.get(name, name), name)


def sentence(code: str, locale: str) -> str:
    """Return the sentence of a broken rule, with places for `field` and `examples`."""
    return _SENTENCES.get(locale, _SENTENCES["en"])[code]
