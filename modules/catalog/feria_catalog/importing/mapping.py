"""The map of foreign columns: a TOML file, read and checked; docs/importing.md explains every key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from feria_catalog.importing import limits
from feria_catalog.importing.errors import BadMap
from feria_core.money import MAX_AMOUNT

SourceField = Annotated[str, Field(min_length=1, max_length=200)]
Path_ = Annotated[str, Field(min_length=1, max_length=limits.CATEGORY * limits.CATEGORY_DEPTH)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ProductMap(_Table):
    """Where the facts of a product stand; `group` joins neighbours with the same value to one product."""

    name: SourceField
    slug: SourceField | None = None
    description: SourceField | None = None
    brand: SourceField | None = None
    product_type: SourceField | None = None
    status: SourceField | None = None
    group: SourceField | None = None


class VariantMap(_Table):
    sku: SourceField
    barcode: SourceField | None = None
    weight_g: SourceField | None = None
    options: dict[Annotated[str, Field(min_length=1, max_length=limits.OPTION_NAME)], SourceField] = {}


class PriceMap(_Table):
    """`default`, in minor units, is the price of rows that have none; without it they are refused."""

    field: SourceField
    unit: Literal["decimal", "minor"] = "decimal"
    compare_at: SourceField | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    currency_field: SourceField | None = None
    default: Annotated[int, Field(ge=0, le=MAX_AMOUNT)] | None = None


class StockMap(_Table):
    """A field, or a rule for sources without stock: one number, or one for each SKU in a range."""

    field: SourceField | None = None
    fixed: Annotated[int, Field(ge=0, le=limits.STOCK)] | None = None
    hash_min: Annotated[int, Field(ge=0, le=limits.STOCK)] | None = None
    hash_max: Annotated[int, Field(ge=0, le=limits.STOCK)] | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> StockMap:
        if (self.hash_min is None) != (self.hash_max is None):
            raise ValueError("hash_min and hash_max belong together")
        if self.fixed is not None and self.hash_min is not None:
            raise ValueError("fixed and hash_min/hash_max exclude each other")
        if self.hash_min is not None and self.hash_max is not None and self.hash_min > self.hash_max:
            raise ValueError("hash_min is above hash_max")
        return self


class CategoryRule(_Table):
    """`path` where one of the keywords stands in the rule's fields, and one of the fields in `has` is there."""

    path: Path_
    any: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=500)] = []
    has: Annotated[list[SourceField], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _has_condition(self) -> CategoryRule:
        if not self.any and not self.has:
            raise ValueError("give keywords in `any`, fields in `has`, or both")
        return self


class CategoryMap(_Table):
    """A field that holds the path; else the first rule that fits; else `default`."""

    field: SourceField | None = None
    separator: Annotated[str, Field(min_length=1, max_length=5)] = ">"
    keywords_in: Annotated[list[SourceField], Field(max_length=10)] = []
    rules: Annotated[list[CategoryRule], Field(max_length=1000)] = []
    default: Path_ | None = None


class AttributeMap(_Table):
    """`object` names a field that holds an object of attributes; `fields` names single ones by their code."""

    object: SourceField | None = None
    only: Annotated[list[str], Field(max_length=1000)] = []
    without: Annotated[list[str], Field(max_length=1000)] = []
    fields: dict[str, SourceField] = {}


class ImportMap(_Table):
    product: ProductMap
    variant: VariantMap
    price: PriceMap
    stock: StockMap = StockMap()
    category: CategoryMap = CategoryMap()
    attributes: AttributeMap = AttributeMap()
    cut_long_text: bool = False

    def source_fields(self) -> list[str]:
        """Return every field of the source that the map names, sorted."""
        product = self.product.model_dump(exclude_none=True).values()
        variant = self.variant.model_dump(exclude_none=True, exclude={"options"}).values()
        single = (self.price.field, self.price.compare_at, self.price.currency_field, self.stock.field)
        category = (self.category.field, *self.category.keywords_in, *(f for r in self.category.rules for f in r.has))
        others = (*self.variant.options.values(), *self.attributes.fields.values(), self.attributes.object)
        return sorted({name for name in (*product, *variant, *single, *category, *others) if name})


def load_map(path: Path) -> ImportMap:
    """Return the map in the file. Raises BadMap naming the key and the way out."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return ImportMap.model_validate(document)
    except OSError as error:
        raise BadMap(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMap(f"{path} is not TOML: {error}; correct that line.") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BadMap(f"{path}: '{key}': {first['msg']}; correct it or remove it.") from error
