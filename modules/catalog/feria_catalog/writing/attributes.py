"""Attributes of products and variants as they are stored: known or made on the way, and checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feria_catalog.attributes.definitions import BadValue, Definition, plain
from feria_catalog.folding import attribute_code, label_of
from feria_core import db
from feria_core.errors import Invalid
from feria_core.ids import new_id
from feria_core.text import slug_of

PRODUCT, VARIANT = "product", "variant"

_DEFINITIONS = """
SELECT code, name, type, unit, group_name AS "group", is_filterable, allowed_values, level, position, is_declared
FROM catalog_attribute WHERE code = ANY($1::text[])
"""
_INSERT = """
INSERT INTO catalog_attribute (id, code, name, type, level)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) ON CONFLICT (code) DO NOTHING
"""
_REQUIRED = """
SELECT t.code AS product_type, a.code, a.name, a.level
FROM catalog_product_type t
LEFT JOIN catalog_product_type_attribute ta ON ta.product_type_id = t.id AND ta.is_required
LEFT JOIN catalog_attribute a ON a.id = ta.attribute_id
WHERE t.code = ANY($1::text[]) ORDER BY ta.position, a.code
"""


@dataclass(frozen=True)
class Required:
    """An attribute that products of a type, or each of their variants, must have."""

    code: str
    name: str
    level: str


@dataclass(frozen=True)
class Attributes:
    """The definitions that a batch needs, and what each of its known product types requires, by code."""

    definitions: Mapping[str, Definition] = field(default_factory=dict)
    required: Mapping[str, Sequence[Required]] = field(default_factory=dict)

    def stored(self, given: Mapping[str, Any], level: str) -> dict[str, Any]:
        """Return the values by code, as they are stored. Raises Invalid naming the attribute that does not fit."""
        values = {}
        for name, value in given.items():
            definition = self.definitions[attribute_code(name)]
            if definition.is_declared and definition.level != level:
                raise _refused(
                    definition.code,
                    "wrong_level",
                    f"{definition.name} belongs to each {definition.level}: give it there.",
                )
            try:
                values[definition.code] = definition.fit(value)
            except BadValue as error:
                raise _refused(definition.code, error.code, error.message) from error
        return values

    def type_code(self, product_type: str | None) -> str | None:
        """Return the code of a product type that staff know; another text stays as it is."""
        code = slug_of(product_type) if product_type else None
        return code if code in self.required else product_type

    def demand(
        self, product_type: str | None, product: Mapping[str, Any], variants: Iterable[Mapping[str, Any]]
    ) -> None:
        """Raise Invalid where something that the product type requires is missing."""
        if product_type is None:
            return
        variants = list(variants)
        for needed in self.required.get(slug_of(product_type), ()):
            places = [product] if needed.level == PRODUCT else variants
            if any(needed.code not in place for place in places):
                raise _refused(
                    needed.code, "missing", f"{needed.name} is missing: products of type {product_type} need it."
                )


async def load(
    products: Iterable[Mapping[str, Any]], variants: Iterable[Mapping[str, Any]], product_types: Collection[str]
) -> Attributes:
    """Return what the given attributes and types are checked by; attributes named for the first time exist then."""
    first: dict[str, tuple[str, Any, str]] = {}
    for level, all_given in ((PRODUCT, products), (VARIANT, variants)):
        for given in all_given:
            for name, value in given.items():
                first.setdefault(attribute_code(name), (name, plain(value), level))
    definitions = await find(list(first)) if first else {}
    missing = sorted(first.keys() - definitions.keys())
    if missing:
        await db.execute(
            _INSERT,
            [new_id() for _ in missing], missing, [label_of(first[code][0]) for code in missing],
            [type_of(first[code][1]) for code in missing], [first[code][2] for code in missing],
        )  # fmt: skip
        definitions |= await find(missing)
    return Attributes(definitions, await _required({slug_of(name) for name in product_types}))


async def find(codes: Sequence[str]) -> dict[str, Definition]:
    """Return the definitions of the known ones among `codes`."""
    rows = await db.fetch_all(_DEFINITIONS, list(codes))
    return {row["code"]: Definition(**{**row, "allowed_values": tuple(row["allowed_values"])}) for row in rows}


def type_of(value: Any) -> str:
    """Return the type that an attribute gets from the first value seen."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "list" if isinstance(value, list) else "text"


async def _required(product_types: set[str]) -> dict[str, list[Required]]:
    found: dict[str, list[Required]] = defaultdict(list)
    if product_types:
        for row in await db.fetch_all(_REQUIRED, list(product_types)):
            needed = found[row["product_type"]]
            if row["code"] is not None:
                needed.append(Required(row["code"], row["name"], row["level"]))
    return found


def _refused(attribute: str, code: str, message: str) -> Invalid:
    return Invalid.field("body", "attributes", attribute, code=code, message=message)
