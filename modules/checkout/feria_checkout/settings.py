"""Settings of the checkout; secrets come from the environment only."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from feria_core.errors import StartRefused
from feria_core.module import ModuleSettings

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
MethodCode = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
Rate = Annotated[Decimal, Field(ge=0, lt=1, max_digits=6, decimal_places=5)]
# https://developer.paypal.com/api/rest/requests/
PAYPAL_URLS = {"live": "https://api-m.paypal.com", "sandbox": "https://api-m.sandbox.paypal.com"}


class ShippingMethodSettings(BaseModel):
    """A way to ship at one price, in minor units of the shop's currency, with an estimate in days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Annotated[str, Field(min_length=1, max_length=100)]
    amount: Annotated[int, Field(ge=0, le=10**12)]
    min_days: Annotated[int, Field(ge=0, le=365)]
    max_days: Annotated[int, Field(ge=0, le=365)]

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.max_days < self.min_days:
            raise ValueError(f"max_days is {self.max_days}, less than min_days {self.min_days}: exchange them")
        return self


def _flat_methods() -> dict[str, ShippingMethodSettings]:
    return {
        "standard": ShippingMethodSettings(label="Standard", amount=500, min_days=3, max_days=5),
        "express": ShippingMethodSettings(label="Express", amount=1500, min_days=1, max_days=2),
    }


class CheckoutSettings(ModuleSettings):
    """The table `[modules.checkout.settings]`; mappings are JSON in the environment."""

    hold_minutes: Annotated[int, Field(ge=1, le=1440, description="How long stock is held without activity")] = 15
    shipping_methods: dict[MethodCode, ShippingMethodSettings] = Field(
        default_factory=_flat_methods, description="By code: label, amount in minor units, min_days, max_days"
    )
    tax_rates: dict[CountryCode, Rate] = Field(
        default_factory=lambda: {"CR": Decimal("0.13"), "DE": Decimal("0.19")},
        description='Rate by country of delivery: "0.13" is 13 percent; other countries are not taxed',
    )
    tax_names: dict[CountryCode, str] = Field(
        default_factory=lambda: {"CR": "IVA", "DE": "MwSt."}, description="What shoppers read before the percentage"
    )
    tax_included: bool = Field(default=False, description="True where prices contain the tax already")
    tax_shipping: bool = Field(default=True, description="True where shipping is taxed like the goods")
    address_rules: Literal["refuse", "normalise", "off"] = Field(
        default="normalise",
        description="What becomes of an address that the rules of its country refuse, where users is enabled",
    )
    digital_tax_classes: frozenset[str] = Field(
        default=frozenset({"digital"}), description="Tax classes of goods that are not shipped"
    )
    shipping_quote_minutes: Annotated[
        int, Field(ge=1, le=10_080, description="How long a chosen way of shipping keeps its price")
    ] = 30
    reconcile_after_s: Annotated[int, Field(ge=5, le=86_400, description="When a pending payment is asked about")] = 300
    return_url: Annotated[
        str | None,
        Field(pattern=r"^https?://", description="Where providers send shoppers back to; {checkout_id} is filled in"),
    ] = None
    provider_deadline_s: Annotated[
        float, Field(gt=0, le=60, description="How long all tries of one call to a provider may take together")
    ] = 4.5
    breaker_failures: Annotated[int, Field(ge=1, le=100, description="Failures in a row that open the breaker")] = 5
    breaker_open_s: Annotated[float, Field(gt=0, le=3600, description="How long an open breaker refuses calls")] = 30.0

    capture: Literal["automatic", "manual"] = Field(
        default="automatic",
        description="Take the money with the order, or only reserve it for staff to take later",
    )
    alert_email: str | None = Field(
        default=None,
        max_length=254,
        pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$",
        description="Who of the staff hears of disputes",
    )
    manual_enabled: bool = Field(default=True, description="Pay on invoice or on delivery")
    stripe_enabled: bool = Field(default=False, description="Needs both secrets, else the start is refused")
    stripe_base_url: Annotated[str, Field(pattern=r"^https?://[^/]+$", description="Stripe's address, or a fake's")] = (
        "https://api.stripe.com"
    )
    stripe_timeout_s: Annotated[float, Field(gt=0, le=60, description="How long one try may take")] = 10.0
    stripe_mode: Literal["payment_intent", "checkout_session"] = Field(
        default="payment_intent", description="Let the frontend take the card, or send shoppers to Stripe's page"
    )
    stripe_publishable_key: str | None = Field(default=None, description="Handed to the frontend, not secret")
    stripe_pay_url: str | None = Field(
        default=None, description="Page to pay on where a fake plays Stripe; {reference} is filled in"
    )
    stripe_secret_key: SecretStr | None = Field(default=None, description="Stripe's secret key")
    stripe_webhook_secret: SecretStr | None = Field(default=None, description="What signs Stripe's webhooks")

    paypal_enabled: bool = Field(
        default=False, description="Needs id, secret and webhook id, else the start is refused"
    )
    paypal_environment: Literal["live", "sandbox"] = Field(
        default="live", description="PayPal itself, or its sandbox where nobody pays"
    )
    paypal_base_url: Annotated[
        str | None, Field(pattern=r"^https?://[^/]+$", description="Another address than the environment's: a fake's")
    ] = None
    paypal_timeout_s: Annotated[float, Field(gt=0, le=60, description="How long one try may take")] = 10.0
    paypal_client_id: SecretStr | None = Field(default=None, description="PayPal's client id")
    paypal_client_secret: SecretStr | None = Field(default=None, description="And its secret")
    paypal_webhook_id: SecretStr | None = Field(default=None, description="The id of the webhook at PayPal")

    def stripe_secrets(self) -> tuple[str, str]:
        """Return the API key and the webhook secret. Raises StartRefused naming the variable that is missing."""
        return (
            _needed(self.stripe_secret_key, "FERIA_CHECKOUT__STRIPE_SECRET_KEY"),
            _needed(self.stripe_webhook_secret, "FERIA_CHECKOUT__STRIPE_WEBHOOK_SECRET"),
        )

    def paypal_secrets(self) -> tuple[str, str, str]:
        """Return client id, client secret and webhook id. Raises StartRefused naming the variable that is missing."""
        return (
            _needed(self.paypal_client_id, "FERIA_CHECKOUT__PAYPAL_CLIENT_ID", enabled_by="paypal_enabled"),
            _needed(self.paypal_client_secret, "FERIA_CHECKOUT__PAYPAL_CLIENT_SECRET", enabled_by="paypal_enabled"),
            _needed(self.paypal_webhook_id, "FERIA_CHECKOUT__PAYPAL_WEBHOOK_ID", enabled_by="paypal_enabled"),
        )

    def paypal_url(self) -> str:
        """Return the address of PayPal's API."""
        return self.paypal_base_url or PAYPAL_URLS[self.paypal_environment]


def _needed(secret: SecretStr | None, variable: str, *, enabled_by: str = "stripe_enabled") -> str:
    value = secret.get_secret_value().strip() if secret else ""
    if not value:
        raise StartRefused(
            f"module 'checkout' has {enabled_by} = true, but {variable} is not set: "
            f"set it (or {variable}_FILE), or set {enabled_by} = false"
        )
    return value
