"""The shapes of staff's calls about zones of tax and shipping."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from feria_checkout.countries import COUNTRIES
from feria_core.http import Body, Out
from feria_core.http.schemas import Moment

Name = Annotated[str, Field(min_length=1, max_length=100)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$", examples=["standard"])]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["CR"])]
Region = Annotated[str, Field(pattern=r"^[A-Z0-9-]{1,10}$", examples=["SJ"])]
Postcode = Annotated[str, Field(pattern=r"^[A-Z0-9*?]{1,20}(-[A-Z0-9]{1,20})?$", examples=["101*", "10000-10999"])]
Amount = Annotated[
    int,
    Field(
        strict=True,
        ge=0,
        le=10**12,
        description="In minor units of the shop's currency",
        json_schema_extra={"x-unit": "minor"},
    ),
]
Days = Annotated[int, Field(strict=True, ge=0, le=365)]
MAX_METHODS = 50


class AreaBody(Body):
    """What a zone covers; empty regions or postal codes: all of the country."""

    name: Name
    countries: Annotated[list[Country], Field(min_length=1, max_length=250)]
    regions: Annotated[list[Region], Field(default_factory=list, max_length=200)]
    postcodes: Annotated[
        list[Postcode],
        Field(default_factory=list, max_length=1000, description="Patterns without blanks: `101*`, or `10000-10999`"),
    ]

    @field_validator("countries")
    @classmethod
    def _known(cls, codes: list[str]) -> list[str]:
        unknown = [code for code in codes if code not in COUNTRIES]
        if unknown:
            raise ValueError(f"{unknown[0]} is no country code of ISO 3166-1")
        return codes


class TaxRateBody(Body):
    """The rate of one class of goods: "0.13" is 13 percent."""

    name: Annotated[Name, Field(examples=["IVA"])]
    rate: Annotated[str, Field(pattern=r"^0(\.[0-9]{1,6})?$", examples=["0.13"], json_schema_extra={"x-unit": "share"})]

    @property
    def value(self) -> Decimal:
        """The rate as a number."""
        return Decimal(self.rate)


class TaxZoneBody(AreaBody):
    """A zone of tax; the class `standard` is for goods whose class has no rate here, `shipping` for shipping."""

    rates: Annotated[dict[Code, TaxRateBody], Field(max_length=50, description="By tax class")]
    is_included: Annotated[bool | None, Field(description="Prices contain the tax; null: as the settings say")] = None
    is_on_shipping: Annotated[bool | None, Field(description="Shipping is taxed; null: as the settings say")] = None
    rounding: Annotated[Literal["order", "line"], Field(description="Once on the order's sum, or line by line")] = (
        "order"
    )


class TaxZoneOut(TaxZoneBody):
    """A zone of tax."""

    code: str


class TierBody(Body):
    """What it costs up to a weight or a total; the last bound may be null."""

    up_to: Annotated[
        int | None,
        Field(
            strict=True,
            ge=0,
            le=10**12,
            description="Grams, or minor units",
            json_schema_extra={"x-unit-by": {"kind": {"total": "minor"}}},
        ),
    ]
    amount: Amount


class ShippingMethodBody(Body):
    """A way to ship to the zone."""

    code: Code
    label: Name
    kind: Annotated[
        Literal["flat", "weight", "total", "pickup"],
        Field(description="One price; by weight or by the goods' total; or fetched by the shopper"),
    ]
    amount: Annotated[Amount, Field(description="The price of a flat one, in minor units")] = 0
    tiers: Annotated[list[TierBody], Field(default_factory=list, max_length=100)]
    free_over: Annotated[Amount | None, Field(description="Free from this total of goods on")] = None
    min_days: Days
    max_days: Days

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.max_days < self.min_days:
            raise ValueError("max_days is less than min_days: exchange them")
        needs_tiers = self.kind in {"weight", "total"}
        if needs_tiers != bool(self.tiers):
            raise ValueError("tiers belong to the kinds weight and total, which need at least one")
        bounds = [tier.up_to for tier in self.tiers]
        known = [bound for bound in bounds if bound is not None]
        if None in bounds[:-1] or sorted(set(known)) != known:
            raise ValueError("the bounds of tiers ascend, and only the last may be null")
        return self


class ShippingZoneBody(AreaBody):
    """A zone of shipping, its methods in the order in which shoppers see them."""

    methods: Annotated[list[ShippingMethodBody], Field(max_length=MAX_METHODS)]

    @model_validator(mode="after")
    def _unique(self) -> Self:
        codes = [method.code for method in self.methods]
        if len(set(codes)) != len(codes):
            raise ValueError("two methods of a zone have the same code")
        return self


class ShippingZoneOut(ShippingZoneBody):
    """A zone of shipping."""

    code: str


class ExemptionBody(Body):
    """Why a customer pays no tax, and until when."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    ends_at: Annotated[Moment | None, Field(description="Null: for good")] = None


class ExemptionOut(Out):
    """A customer who pays no tax."""

    customer_id: UUID
    reason: str
    ends_at: datetime | None
