"""The tables of what lists are narrowed to: brands, categories and collections, as the ORM sees them."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class Brand(Model):
    id = fields.UUIDField(primary_key=True)
    slug = fields.TextField()  # unique
    name = fields.TextField()
    version = fields.IntField(default=1)
    names: fields.JSONField[dict[str, str]] = fields.JSONField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "catalog_brand"
        app = "catalog"


class BrandSlug(Model):
    slug = fields.CharField(max_length=100, primary_key=True)
    brand_id = fields.UUIDField()
    retired_at = fields.DatetimeField()

    class Meta:
        table = "catalog_brand_slug"
        app = "catalog"


class Category(Model):
    id = fields.UUIDField(primary_key=True)
    parent_id = fields.UUIDField(null=True)
    slug = fields.TextField()  # unique
    name = fields.TextField()
    path = ArrayField(element_type="text")
    position = fields.IntField(default=0)
    version = fields.IntField(default=1)
    names: fields.JSONField[dict[str, str]] = fields.JSONField()
    custom_fields: fields.JSONField[dict[str, object]] = fields.JSONField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "catalog_category"
        app = "catalog"


class CategorySlug(Model):
    slug = fields.CharField(max_length=100, primary_key=True)
    category_id = fields.UUIDField()
    retired_at = fields.DatetimeField()

    class Meta:
        table = "catalog_category_slug"
        app = "catalog"


class Collection(Model):
    id = fields.UUIDField(primary_key=True)
    slug = fields.TextField()  # unique
    name = fields.TextField()
    description = fields.TextField(default="")
    rule: fields.JSONField[dict[str, object] | None] = fields.JSONField(null=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "catalog_collection"
        app = "catalog"


class CollectionProduct(Model):
    collection_id = fields.UUIDField(primary_key=True)  # with product_id
    product_id = fields.UUIDField()
    position = fields.IntField()

    class Meta:
        table = "catalog_collection_product"
        app = "catalog"
