"""The tables of price lists and of the prices of the past."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PriceList(Model):
    id = fields.UUIDField(primary_key=True)
    code = fields.TextField()  # unique
    name = fields.TextField()
    starts_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)
    customer_group = fields.TextField(null=True)
    min_quantity = fields.IntField(default=1)
    priority = fields.IntField(default=0)
    is_active = fields.BooleanField(default=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "catalog_price_list"
        app = "catalog"


class PriceListPrice(Model):
    price_list_id = fields.UUIDField(primary_key=True)  # with variant_id
    variant_id = fields.UUIDField()
    amount = fields.BigIntField()
    currency = fields.TextField()

    class Meta:
        table = "catalog_price_list_price"
        app = "catalog"


class PriceHistory(Model):
    variant_id = fields.UUIDField(primary_key=True)  # with since
    since = fields.DatetimeField()
    amount = fields.BigIntField()
    is_reduced = fields.BooleanField()

    class Meta:
        table = "catalog_price_history"
        app = "catalog"
