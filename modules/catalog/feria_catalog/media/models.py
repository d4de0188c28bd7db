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
