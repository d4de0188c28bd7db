"""The tables of attributes and product types, as the ORM sees them."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class Attribute(Model):
    id = fields.UUIDField(primary_key=True)
    code = fields.TextField()  # unique
    name = fields.TextField()
    type = fields.TextField()
    unit = fields.TextField(null=True)
    group_name = fields.TextField(null=True)
    is_filterable = fields.BooleanField(default=True)
    allowed_values = ArrayField(element_type="text")
    level = fields.TextField(default="product")
    position = fields.IntField(default=0)
    is_declared = fields.BooleanField(default=False)
    names: fields.JSONField[dict[str, str]] = fields.JSONField()
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "catalog_attribute"
        app = "catalog"


class ProductType(Model):
    id = fields.UUIDField(primary_key=True)
    code = fields.TextField()  # unique
    name = fields.TextField()
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "catalog_product_type"
        app = "catalog"


class ProductTypeAttribute(Model):
    product_type_id = fields.UUIDField(primary_key=True)  # with attribute_id
    attribute_id = fields.UUIDField()
    is_required = fields.BooleanField(default=False)
    position = fields.IntField(default=0)

    class Meta:
        table = "catalog_product_type_attribute"
        app = "catalog"
