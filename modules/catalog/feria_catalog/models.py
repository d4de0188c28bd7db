"""The tables as Tortoise models, for the drift test and for staff's tools; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField, TSVectorField
from tortoise.models import Model

from feria_catalog.importing.models import Import, ImportProblem

__all__ = [
    "Attribute",
    "Brand",
    "Category",
    "Import",
    "ImportProblem",
    "Media",
    "Product",
    "ProductDocument",
    "SlugHistory",
    "Stock",
    "StockHold",
    "StockMovement",
    "Variant",
]


class Brand(Model):
    id = fields.UUIDField(primary_key=True)
    slug = fields.TextField()  # unique
    name = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "catalog_brand"
        app = "catalog"


class Category(Model):
    id = fields.UUIDField(primary_key=True)
    parent_id = fields.UUIDField(null=True)
    slug = fields.TextField()  # unique
    name = fields.TextField()
    path = ArrayField(element_type="text")
    position = fields.IntField(default=0)
    created_at = fields.DatetimeField()

    class Meta:
        table = "catalog_category"
        app = "catalog"


class Attribute(Model):
    id = fields.UUIDField(primary_key=True)
    code = fields.TextField()  # unique
    name = fields.TextField()
    type = fields.TextField()
    unit = fields.TextField(null=True)
    group_name = fields.TextField(null=True)
    is_filterable = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "catalog_attribute"
        app = "catalog"


class Product(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    slug = fields.TextField()  # unique
    description = fields.TextField(default="")
    brand_id = fields.UUIDField(null=True)
    category_id = fields.UUIDField(null=True)
    product_type = fields.TextField(null=True)
    attributes: fields.JSONField[dict[str, object]] = fields.JSONField()
    status = fields.TextField(default="draft")
    publish_at = fields.DatetimeField(null=True)
    seo_title = fields.TextField(null=True)
    seo_description = fields.TextField(null=True)
    rating = fields.DecimalField(max_digits=3, decimal_places=2, null=True)
    review_count = fields.IntField(default=0)
    popularity = fields.BigIntField(default=0)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "catalog_product"
        app = "catalog"


class SlugHistory(Model):
    slug = fields.CharField(max_length=100, primary_key=True)
    product_id = fields.UUIDField()
    retired_at = fields.DatetimeField()

    class Meta:
        table = "catalog_slug_history"
        app = "catalog"


class Variant(Model):
    id = fields.UUIDField(primary_key=True)
    product_id = fields.UUIDField()
    sku = fields.TextField()  # unique
    options: fields.JSONField[dict[str, str]] = fields.JSONField()
    price_amount = fields.BigIntField()
    currency = fields.TextField()
    compare_at_amount = fields.BigIntField(null=True)
    weight_g = fields.IntField(null=True)
    barcode = fields.TextField(null=True)
    position = fields.IntField(default=0)
    tax_class = fields.TextField(default="standard")
    is_active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "catalog_variant"
        app = "catalog"


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


class Media(Model):
    id = fields.UUIDField(primary_key=True)
    product_id = fields.UUIDField()
    key = fields.TextField()
    alt = fields.TextField(default="")
    position = fields.IntField(default=0)
    width = fields.IntField()
    height = fields.IntField()

    class Meta:
        table = "catalog_media"
        app = "catalog"


class ProductDocument(Model):
    product_id = fields.UUIDField(primary_key=True)
    slug = fields.TextField()  # unique
    listed_from = fields.DatetimeField()
    name_key = fields.TextField()
    price_amount = fields.BigIntField(null=True)
    on_sale = fields.BooleanField()
    in_stock = fields.BooleanField()
    rating = fields.DecimalField(max_digits=3, decimal_places=2)
    popularity = fields.BigIntField()
    created_at = fields.DatetimeField()
    brand_slug = fields.TextField(null=True)
    category_slug = fields.TextField(null=True)
    category_path = ArrayField(element_type="text")
    attribute_values = ArrayField(element_type="text")
    image_key = fields.TextField(null=True)
    variant_ids = ArrayField(element_type="uuid")
    title = TSVectorField()
    search = TSVectorField()
    card = fields.TextField()
    page = fields.TextField()

    class Meta:
        table = "catalog_product_document"
        app = "catalog"
