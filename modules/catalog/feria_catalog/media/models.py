"""The tables of files, as the ORM sees them."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class MediaFile(Model):
    """A stored original and when it was last of use."""

    key = fields.CharField(max_length=200, primary_key=True)
    width = fields.IntField()
    height = fields.IntField()
    bytes = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    touched_at = fields.DatetimeField()
    doomed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "catalog_media_file"
        app = "catalog"


class MediaUse(Model):
    """That something of another module shows the file; the key of this table is (holder, key)."""

    holder = fields.CharField(max_length=200, primary_key=True)
    key = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "catalog_media_use"
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


class VariantMedia(Model):
    variant_id = fields.UUIDField(primary_key=True)  # with media_id
    media_id = fields.UUIDField()
    position = fields.IntField(default=0)

    class Meta:
        table = "catalog_variant_media"
        app = "catalog"
