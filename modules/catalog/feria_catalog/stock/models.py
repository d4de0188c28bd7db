"""The tables of stock, as the ORM sees them."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Stock(Model):
    variant_id = fields.UUIDField(primary_key=True)
    on_hand = fields.IntField(default=0)
    reserved = fields.IntField(default=0)

    class Meta:
        table = "catalog_stock"
        app = "catalog"


class StockHold(Model):
    holder = fields.UUIDField(primary_key=True)  # with variant_id; Tortoise knows no composite keys
    variant_id = fields.UUIDField()
    quantity = fields.IntField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "catalog_stock_hold"
        app = "catalog"


class StockMovement(Model):
    id = fields.UUIDField(primary_key=True)
    variant_id = fields.UUIDField()
    change = fields.IntField()
    reason = fields.TextField()
    reference = fields.TextField(null=True)
    actor = fields.TextField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "catalog_stock_movement"
        app = "catalog"
