"""The tables as Tortoise models, for the drift test and staff's lists; the checkout itself writes SQL."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class Checkout(Model):
    id = fields.UUIDField(primary_key=True)
    token_hashes = ArrayField("BYTEA")
    customer_id = fields.UUIDField(null=True)
    cart_id = fields.UUIDField()
    state = fields.TextField()
    email = fields.TextField(null=True)
    shipping_address: fields.JSONField[dict[str, Any]] = fields.JSONField(null=True)
    billing_address: fields.JSONField[dict[str, Any]] = fields.JSONField(null=True)
    shipping_method = fields.TextField(null=True)
    note = fields.TextField(null=True)
    locale = fields.TextField()
    currency = fields.TextField()
    version = fields.IntField()
    cart_version = fields.IntField()
    held: fields.JSONField[list[Any]] = fields.JSONField()
    steps: fields.JSONField[dict[str, Any]] = fields.JSONField()
    shipping_quote: fields.JSONField[dict[str, Any]] = fields.JSONField(null=True)
    quote: fields.JSONField[dict[str, Any]] = fields.JSONField(null=True)
    draft: fields.JSONField[dict[str, Any]] = fields.JSONField(null=True)
    has_payment = fields.BooleanField()
    order_id = fields.UUIDField(null=True)
    order_number = fields.TextField(null=True)
    expires_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    completed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "checkout_checkout"
        app = "checkout"


class Payment(Model):
    id = fields.UUIDField(primary_key=True)
    checkout_id = fields.UUIDField()
    order_id = fields.UUIDField(null=True)
    provider = fields.TextField()
    reference = fields.TextField(null=True)
    amount = fields.BigIntField()
    currency = fields.TextField()
    lines: fields.JSONField[list[Any]] = fields.JSONField()
    state = fields.TextField()
    failure = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    checked_at = fields.DatetimeField(null=True)
    authorized = fields.BigIntField()
    capturing = fields.BigIntField()
    captured = fields.BigIntField()
    refunding = fields.BigIntField()
    refunded = fields.BigIntField()
    is_deferred = fields.BooleanField()
    alias = fields.TextField(null=True)

    class Meta:
        table = "checkout_payment"
        app = "checkout"


class Refund(Model):
    id = fields.UUIDField(primary_key=True)
    payment_id = fields.UUIDField()
    order_id = fields.UUIDField()
    amount = fields.BigIntField()
    currency = fields.TextField()
    state = fields.TextField()
    failure = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "checkout_refund"
        app = "checkout"


class Capture(Model):
    id = fields.UUIDField(primary_key=True)
    payment_id = fields.UUIDField()
    order_id = fields.UUIDField()
    amount = fields.BigIntField()
    currency = fields.TextField()
    state = fields.TextField()
    failure = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "checkout_capture"
        app = "checkout"


class WebhookEvent(Model):
    # Tortoise knows no composite keys; the table's is (provider, event_id).
    event_id = fields.CharField(max_length=255, primary_key=True)
    provider = fields.TextField()
    kind = fields.TextField()
    reference = fields.TextField(null=True)
    received_at = fields.DatetimeField()
    handled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "checkout_webhook_event"
        app = "checkout"


class Rules(Model):
    id = fields.IntField(primary_key=True)
    version = fields.BigIntField()

    class Meta:
        table = "checkout_rules"
        app = "checkout"


class TaxZone(Model):
    code = fields.CharField(max_length=40, primary_key=True)
    name = fields.TextField()
    countries = ArrayField("TEXT")
    regions = ArrayField("TEXT")
    postcodes = ArrayField("TEXT")
    is_included = fields.BooleanField(null=True)
    is_on_shipping = fields.BooleanField(null=True)
    rounding = fields.TextField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "checkout_tax_zone"
        app = "checkout"


class TaxRate(Model):
    # Tortoise knows no composite keys; the table's is (zone, class).
    zone = fields.CharField(max_length=40, primary_key=True)
    tax_class = fields.TextField(source_field="class")
    name = fields.TextField()
    rate = fields.DecimalField(max_digits=7, decimal_places=6)

    class Meta:
        table = "checkout_tax_rate"
        app = "checkout"


class TaxExemption(Model):
    customer_id = fields.UUIDField(primary_key=True)
    reason = fields.TextField()
    ends_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "checkout_tax_exemption"
        app = "checkout"


class ShippingZone(Model):
    code = fields.CharField(max_length=40, primary_key=True)
    name = fields.TextField()
    countries = ArrayField("TEXT")
    regions = ArrayField("TEXT")
    postcodes = ArrayField("TEXT")
    updated_at = fields.DatetimeField()

    class Meta:
        table = "checkout_shipping_zone"
        app = "checkout"


class ShippingMethod(Model):
    # Tortoise knows no composite keys; the table's is (zone, code).
    zone = fields.CharField(max_length=40, primary_key=True)
    code = fields.TextField()
    position = fields.IntField()
    label = fields.TextField()
    kind = fields.TextField()
    amount = fields.BigIntField()
    tiers: fields.JSONField[list[Any]] = fields.JSONField()
    free_over = fields.BigIntField(null=True)
    min_days = fields.IntField()
    max_days = fields.IntField()

    class Meta:
        table = "checkout_shipping_method"
        app = "checkout"
