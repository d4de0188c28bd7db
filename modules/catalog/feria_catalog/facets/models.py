"""The tables of facets."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class Xid8Field(fields.BigIntField):
    """The id of a transaction, which PostgreSQL fills in; sixty-four bits that never come again."""

    SQL_TYPE = "XID8"


class FacetValue(Model):
    id = fields.IntField(primary_key=True)
    token = fields.TextField()  # unique
    code = fields.TextField()
    label = fields.TextField()
    number = fields.FloatField(null=True)
    changed_xid = Xid8Field()

    class Meta:
        table = "catalog_facet_value"
        app = "catalog"


class Facet(Model):
    product_no = fields.IntField(primary_key=True)
    value_ids = ArrayField(element_type="int")
    listed_from = fields.DatetimeField()
    listed_until = fields.DatetimeField()
    price_amount = fields.BigIntField(null=True)
    rating = fields.IntField()
    rating_rank = fields.IntField()
    popularity = fields.BigIntField()
    created_at = fields.DatetimeField()
    in_stock = fields.BooleanField()
    on_sale = fields.BooleanField()
    changed_xid = Xid8Field()

    class Meta:
        table = "catalog_facet"
        app = "catalog"


class FacetRemoval(Model):
    changed_xid = Xid8Field(primary_key=True)

    class Meta:
        table = "catalog_facet_removal"
        app = "catalog"
