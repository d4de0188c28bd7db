"""The tables as Tortoise models, for the drift test and for staff's tools; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from feria_catalog.attributes.models import Attribute, ProductType, ProductTypeAttribute
from feria_catalog.custom_fields.models import CustomField
from feria_catalog.documents.models import ProductDocument, ProductDocumentText
from feria_catalog.facets.models import Facet, FacetRemoval, FacetValue
from feria_catalog.importing.models import Import, ImportChange, ImportImage, ImportProblem
from feria_catalog.listing.models import Brand, BrandSlug, Category, CategorySlug, Collection, CollectionProduct
from feria_catalog.media.models import Media, MediaFile, MediaUse, VariantMedia
from feria_catalog.pricing.models import PriceHistory, PriceList, PriceListPrice
from feria_catalog.search.models import Posting, SearchEntry, SearchLog, SearchWord, Synonym
from feria_catalog.stock.models import Stock, StockHold, StockMovement

__all__ = [
    "Attribute",
    "Brand",
    "BrandSlug",
    "Category",
    "CategorySlug",
    "Collection",
    "CollectionProduct",
    "CustomField",
    "Facet",
    "FacetRemoval",
    "FacetValue",
    "Import",
    "ImportChange",
    "ImportImage",
    "ImportProblem",
    "Media",
    "MediaFile",
    "MediaUse",
    "Posting",
    "PriceHistory",
    "PriceList",
    "PriceListPrice",
    "Product",
    "ProductDocument",
    "ProductDocumentText",
    "ProductTranslation",
    "ProductType",
    "ProductTypeAttribute",
    "SearchEntry",
    "SearchLog",
    "SearchWord",
    "SlugHistory",
    "Stock",
    "StockHold",
    "StockMovement",
    "Synonym",
    "Variant",
    "VariantMedia",
]


class Product(Model):
    id = fields.UUIDField(primary_key=True)
    no = fields.IntField()  # unique, an identity of PostgreSQL
    name = fields.TextField()
    slug = fields.TextField()  # unique
    description = fields.TextField(default="")
    brand_id = fields.UUIDField(null=True)
    category_id = fields.UUIDField(null=True)
    product_type = fields.TextField(null=True)
    attributes: fields.JSONField[dict[str, object]] = fields.JSONField()
    status = fields.TextField(default="draft")
    publish_at = fields.DatetimeField(null=True)
    unpublish_at = fields.DatetimeField(null=True)
    seo_title = fields.TextField(null=True)
    seo_description = fields.TextField(null=True)
    rating = fields.DecimalField(max_digits=3, decimal_places=2, null=True)
    rating_rank = fields.DecimalField(max_digits=3, decimal_places=2, null=True)
    review_count = fields.IntField(default=0)
    popularity = fields.BigIntField(default=0)
    custom_fields: fields.JSONField[dict[str, object]] = fields.JSONField()
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
    options_key = fields.TextField(null=True)  # unique in its product, among those that are sold
    attributes: fields.JSONField[dict[str, object]] = fields.JSONField()
    price_amount = fields.BigIntField()
    currency = fields.TextField()
    compare_at_amount = fields.BigIntField(null=True)
    weight_g = fields.IntField(null=True)
    barcode = fields.TextField(null=True)
    barcode_key = fields.TextField(null=True)  # unique
    position = fields.IntField(default=0)
    tax_class = fields.TextField(default="standard")
    custom_fields: fields.JSONField[dict[str, object]] = fields.JSONField()
    is_active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "catalog_variant"
        app = "catalog"


class ProductTranslation(Model):
    product_id = fields.UUIDField(primary_key=True)  # with locale
    locale = fields.TextField()
    name = fields.TextField(null=True)
    slug = fields.TextField(null=True)  # unique in its locale
    description = fields.TextField(null=True)
    seo_title = fields.TextField(null=True)
    seo_description = fields.TextField(null=True)

    class Meta:
        table = "catalog_product_translation"
        app = "catalog"
