"""The shapes of the checkout's calls."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, JsonValue, WithJsonSchema, field_validator, model_validator

from feria_checkout.countries import COUNTRIES
from feria_core.http import Body, Out
from feria_core.http.schemas import ProductCard
from feria_core.money import MoneyIn, MoneyOut

# The form that HTML's own e-mail field takes (https://html.spec.whatwg.org, "valid e-mail address"): no quoting,
# no list of addresses, nothing that a mail header could read as more than one recipient.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = rf"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*$"

Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\r\n\t]*$")]
Short = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\r\n\t]*$")]


class Address(Body):
    """Where to ship or to bill; only name, line1, city and country are needed everywhere."""

    name: Annotated[Line, Field(description="Who receives it", examples=["Ada Lovelace"])]
    company: Line | None = None
    line1: Annotated[Line, Field(examples=["Calle 5 12"])]
    line2: Line | None = None
    city: Annotated[Line, Field(examples=["San José"])]
    region: Annotated[Line | None, Field(description="State, province or canton", examples=["SJ"])] = None
    postal_code: Annotated[Short | None, Field(examples=["10101"])] = None
    country: Annotated[str, Field(description="ISO 3166-1 alpha-2", examples=["CR"], max_length=2)]
    phone: Short | None = None

    @field_validator("country")
    @classmethod
    def _known(cls, code: str) -> str:
        if code not in COUNTRIES:
            raise ValueError("must be a country code of ISO 3166-1, two capital letters such as CR")
        return code


class CheckoutPatch(Body):
    """What to change; what is left away stays, null removes."""

    email: Annotated[str | None, Field(max_length=254, pattern=EMAIL)] = None
    shipping_address: Address | None = None
    billing_address: Annotated[Address | None, Field(description="Null: the shipping address")] = None
    shipping_method: Annotated[str | None, Field(min_length=1, max_length=40)] = None
    note: Annotated[str | None, Field(max_length=2000)] = None
    steps: Annotated[
        dict[Annotated[str, Field(min_length=1, max_length=40)], JsonValue],
        Field(default_factory=dict, max_length=20, description="What other modules ask for, by name of the step"),
    ]

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(
                "name at least one of email, shipping_address, billing_address, shipping_method, note, steps"
            )
        return self


class NewPayment(Body):
    """How the shopper wants to pay."""

    provider: Annotated[str, Field(min_length=1, max_length=40, examples=["manual"])]


class Completion(Body):
    """The total that the shopper was shown; with another one no order is made."""

    expected_total: MoneyIn


class TaxLineOut(Out):
    """The tax of one rate."""

    rate: Annotated[str, Field(examples=["0.13"])]
    label: Annotated[str, Field(examples=["IVA 13 %"])]
    amount: MoneyOut


class ItemOut(Out):
    """A line of the cart as it is priced now; `total` is after its discount."""

    id: str
    variant_id: str
    product_id: str
    sku: str
    name: str
    options: dict[str, str]
    quantity: int
    unit_price: MoneyOut
    discount: MoneyOut
    tax: MoneyOut
    total: MoneyOut
    image_url: str | None
    product: Annotated[ProductCard | None, Field(description="ProductCard; null once the checkout is completed")]


class CheckoutOut(Out):
    """A checkout with its totals as they are now."""

    id: str
    token: Annotated[str | None, Field(description="Only in the answer that creates it")] = None
    status: Annotated[str, Field(examples=["open"], description="open, completing, completed or expired")]
    version: int
    email: str | None
    shipping_address: Address | None
    billing_address: Address | None
    shipping_method: str | None
    note: str | None
    steps: Annotated[dict[str, Any], Field(description="What was given for other modules' steps, by name")]
    currency: str
    items: list[ItemOut]
    codes: list[str]
    subtotal: MoneyOut
    discount_total: MoneyOut
    shipping_total: MoneyOut
    shipping_discount_total: Annotated[MoneyOut, Field(description="What discounts took off `shipping_total`")]
    tax_total: MoneyOut
    tax_lines: list[TaxLineOut]
    tax_included: bool
    grand_total: MoneyOut
    missing: Annotated[list[str], Field(examples=[["email", "shipping_address", "shipping_method", "payment"]])]
    order_number: str | None
    expires_at: datetime


class ShippingMethodOut(Out):
    """A way to ship this cart to this address."""

    code: Annotated[str, Field(examples=["standard"])]
    label: str
    price: MoneyOut
    is_pickup: Annotated[bool, Field(description="True where the shopper fetches it: no address is needed")]
    min_days: int
    max_days: int
    earliest: Annotated[str, Field(description="Date of the earliest delivery", examples=["2026-11-24"])]
    latest: Annotated[str, Field(examples=["2026-11-26"])]


class PaymentOut(Out):
    """An opened payment, and what the frontend needs to let the shopper pay."""

    payment_id: str
    provider: str
    status: str
    amount: MoneyOut
    client_secret: str | None = None
    approve_url: str | None = None
    pay_url: str | None = None
    publishable_key: str | None = None


class ProviderOut(Out):
    """A way to pay."""

    name: Annotated[str, Field(examples=["manual"])]
    label: str
    is_immediate: Annotated[bool, Field(description="True where completing needs nothing else from the shopper")]


class WebhookTaken(Out):
    """The event is stored."""

    received: bool = True


# The order is a document of orders, sent on as it is; only its token is ours.
PlacedOrder = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "allOf": [
                {"type": "object", "x-shape": "OrderOut"},
                {
                    "type": "object",
                    "properties": {"token": {"type": "string", "description": "Of a guest: reads the order later"}},
                },
            ]
        }
    ),
]
