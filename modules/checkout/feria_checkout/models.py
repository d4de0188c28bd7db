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
    quote: fields.JSONField[dict[str, Any]] = fields.JSONField(null=True)
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
