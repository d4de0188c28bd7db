"""The tables of documents, as the ORM sees them."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField, TSVectorField
from tortoise.models import Model


class ProductDocument(Model):
    product_id = fields.UUIDField(primary_key=True)
    no = fields.IntField(null=True)  # unique
    slug = fields.TextField()  # unique
    listed_from = fields.DatetimeField()
    listed_until = fields.DatetimeField()
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
    title = TSVectorField(null=True)  # no longer written
    search = TSVectorField(null=True)
    card = fields.TextField()
    page = fields.TextField()
    price_until = fields.DatetimeField(null=True)

    class Meta:
        table = "catalog_product_document"
        app = "catalog"


class ProductDocumentText(Model):
    product_id = fields.UUIDField(primary_key=True)  # with locale
    locale = fields.TextField()
    slug = fields.TextField()
    name_key = fields.TextField()
    card = fields.TextField()
    page = fields.TextField()

    class Meta:
        table = "catalog_product_document_text"
        app = "catalog"
