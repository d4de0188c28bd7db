"""The tables as Tortoise models, for the drift test; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Order(Model):
    id = fields.UUIDField(primary_key=True)
    number = fields.TextField()
    checkout_id = fields.UUIDField(unique=True)
    customer_id = fields.UUIDField(null=True)
    email = fields.TextField()
    locale = fields.TextField()
    state = fields.TextField()
    payment_status = fields.TextField()
    fulfilment_status = fields.TextField()
    payment_provider = fields.TextField(null=True)
    currency = fields.TextField()
    subtotal = fields.BigIntField()
    discount_total = fields.BigIntField()
    shipping_total = fields.BigIntField()
    tax_total = fields.BigIntField()
    grand_total = fields.BigIntField()
    refunded_total = fields.BigIntField()
    tax_lines: fields.JSONField[list[object]] = fields.JSONField()
    tax_included = fields.BooleanField()
    shipping_address: fields.JSONField[dict[str, object]] = fields.JSONField(null=True)
    billing_address: fields.JSONField[dict[str, object]] = fields.JSONField(null=True)
    shipping_method = fields.TextField(null=True)
    shipping_label = fields.TextField(null=True)
    codes: fields.JSONField[list[object]] = fields.JSONField()
    note = fields.TextField(null=True)
    staff_note = fields.TextField(null=True)
    placed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "orders_order"
        app = "orders"


class OrderLine(Model):
    id = fields.UUIDField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", on_delete=fields.CASCADE)
    position = fields.IntField()
    variant_id = fields.UUIDField()
    product_id = fields.UUIDField()
    sku = fields.TextField()
    name = fields.TextField()
    options: fields.JSONField[dict[str, str]] = fields.JSONField()
    quantity = fields.IntField()
    unit_price = fields.BigIntField()
    discount = fields.BigIntField()
    tax = fields.BigIntField()
    total = fields.BigIntField()
    image_url = fields.TextField(null=True)

    class Meta:
        table = "orders_line"
        app = "orders"


class OrderEvent(Model):
    id = fields.UUIDField(primary_key=True)
    seq = fields.BigIntField()
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", on_delete=fields.CASCADE)
    at = fields.DatetimeField()
    kind = fields.TextField()
    message = fields.TextField(null=True)
    public = fields.BooleanField()

    class Meta:
        table = "orders_event"
        app = "orders"


class GuestToken(Model):
    id = fields.UUIDField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", on_delete=fields.CASCADE)
    hash = fields.BinaryField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "orders_guest_token"
        app = "orders"
