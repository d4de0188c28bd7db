"""The tables as Tortoise models, for the drift test; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Order(Model):
    id = fields.UUIDField(primary_key=True)
    number = fields.TextField()
    checkout_id = fields.UUIDField(unique=True)
    cart_id = fields.UUIDField(null=True)
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
    cancelled = fields.IntField()
    shipped = fields.IntField()
    delivered = fields.IntField()
    in_return = fields.IntField()
    returned = fields.IntField()
    refunded = fields.IntField()
    restocked = fields.IntField()

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
    actor_kind = fields.TextField()
    actor_id = fields.UUIDField(null=True)
    data: fields.JSONField[dict[str, object]] = fields.JSONField(null=True)

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


class Fulfilment(Model):
    id = fields.UUIDField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", on_delete=fields.CASCADE)
    status = fields.TextField()
    carrier = fields.TextField(null=True)
    tracking_number = fields.TextField(null=True)
    tracking_url = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    shipped_at = fields.DatetimeField(null=True)
    delivered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "orders_fulfilment"
        app = "orders"


class FulfilmentLine(Model):
    # Tortoise knows no composite keys; the table's is (fulfilment_id, line_id), and so in the other tables of lines.
    line = fields.UUIDField(primary_key=True, source_field="line_id")
    fulfilment: fields.ForeignKeyRelation[Fulfilment] = fields.ForeignKeyField(
        "orders.Fulfilment", on_delete=fields.CASCADE
    )
    quantity = fields.IntField()

    class Meta:
        table = "orders_fulfilment_line"
        app = "orders"


class Return(Model):
    id = fields.UUIDField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", on_delete=fields.CASCADE)
    status = fields.TextField()
    wish = fields.TextField()
    reason = fields.TextField()
    note = fields.TextField(null=True)
    answer = fields.TextField(null=True)
    requested_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    received_at = fields.DatetimeField(null=True)

    class Meta:
        table = "orders_return"
        app = "orders"


class ReturnLine(Model):
    line = fields.UUIDField(primary_key=True, source_field="line_id")
    of_return: fields.ForeignKeyRelation[Return] = fields.ForeignKeyField(
        "orders.Return", on_delete=fields.CASCADE, source_field="return_id"
    )
    quantity = fields.IntField()
    resellable = fields.IntField()
    damaged = fields.IntField()

    class Meta:
        table = "orders_return_line"
        app = "orders"


class Refund(Model):
    id = fields.UUIDField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", on_delete=fields.CASCADE)
    of_return: fields.ForeignKeyNullableRelation[Return] = fields.ForeignKeyField(
        "orders.Return", on_delete=fields.SET_NULL, null=True, source_field="return_id"
    )
    kind = fields.TextField()
    state = fields.TextField()
    amount = fields.BigIntField()
    shipping = fields.BigIntField()
    tax = fields.BigIntField()
    reason = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "orders_refund"
        app = "orders"


class RefundLine(Model):
    line = fields.UUIDField(primary_key=True, source_field="line_id")
    refund: fields.ForeignKeyRelation[Refund] = fields.ForeignKeyField("orders.Refund", on_delete=fields.CASCADE)
    quantity = fields.IntField()
    amount = fields.BigIntField()

    class Meta:
        table = "orders_refund_line"
        app = "orders"


class Series(Model):
    year = fields.IntField(primary_key=True)
    kind = fields.TextField()
    last_serial = fields.BigIntField()

    class Meta:
        table = "orders_series"
        app = "orders"


class Document(Model):
    id = fields.UUIDField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField("orders.Order", on_delete=fields.RESTRICT)
    refund: fields.ForeignKeyNullableRelation[Refund] = fields.ForeignKeyField(
        "orders.Refund", on_delete=fields.RESTRICT, null=True
    )
    kind = fields.TextField()
    year = fields.IntField()
    serial = fields.BigIntField()
    number = fields.TextField()
    issued_at = fields.DatetimeField()
    locale = fields.TextField()
    seller: fields.JSONField[dict[str, object]] = fields.JSONField()

    class Meta:
        table = "orders_document"
        app = "orders"
