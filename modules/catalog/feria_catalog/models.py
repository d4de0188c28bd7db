"""The tables as Tortoise models, for the drift test and for staff's tools; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField, TSVectorField
from tortoise.models import Model

from feria_catalog.custom_fields.models import CustomField
from feria_catalog.facets.models import Facet, FacetRemoval, FacetValue
from feria_catalog.importing.models import Import, ImportChange, ImportImage, ImportProblem
from feria_catalog.media.models import MediaFile, MediaUse
from feria_catalog.pricing.models import PriceHistory, PriceList, PriceListPrice

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
    "PriceHistory",
    "PriceList",
    "PriceListPrice",
    "Product",
    "ProductDocument",
    "ProductDocumentText",
    "ProductTranslation",
    "ProductType",
    "ProductTypeAttribute",
    "SlugHistory",
    "Stock",
    "StockHold",
    "StockMovement",
    "Variant",
    "VariantMedia",
]


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
    focal_x = fields.DecimalField(max_digits=4, decimal_places=3, null=True)
    focal_y = fields.DecimalField(max_digits=4, decimal_places=3, null=True)
    source_url = fields.TextField(null=True)

    class Meta:
        table = "catalog_media"
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


class VariantMedia(Model):
    variant_id = fields.UUIDField(primary_key=True)  # with media_id
    media_id = fields.UUIDField()
    position = fields.IntField(default=0)

    class Meta:
        table = "catalog_variant_media"
        app = "catalog"


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


class SearchEntry(Model):
    product_no = fields.IntField(primary_key=True, generated=False)
    digest = fields.BigIntField()
    terms = ArrayField(element_type="text")
    impacts = ArrayField(element_type="real")
    changed_xid = fields.TextField()  # xid8

    class Meta:
        table = "catalog_search_entry"
        app = "catalog"


class Posting(Model):
    product_no = fields.IntField(primary_key=True, generated=False)  # with term and impact
    term = fields.TextField()
    impact = fields.FloatField()

    class Meta:
        table = "catalog_posting"
        app = "catalog"


class SearchWord(Model):
    word = fields.CharField(primary_key=True, max_length=40)  # text

    class Meta:
        table = "catalog_search_word"
        app = "catalog"


class Synonym(Model):
    id = fields.UUIDField(primary_key=True)
    term = fields.TextField()
    synonyms = ArrayField(element_type="text")
    is_two_way = fields.BooleanField(default=True)
    term_key = fields.TextField()  # unique
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    changed_xid = fields.TextField()  # xid8

    class Meta:
        table = "catalog_synonym"
        app = "catalog"


class SearchLog(Model):
    day = fields.DateField(primary_key=True)  # with query
    query = fields.TextField()
    searches = fields.BigIntField()
    hits = fields.IntField()
    sample = fields.TextField()

    class Meta:
        table = "catalog_search_log"
        app = "catalog"
