"""The table of custom fields."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class CustomField(Model):
    id = fields.UUIDField(primary_key=True)
    code = fields.TextField()  # unique
    name = fields.TextField()
    type = fields.TextField()
    allowed_values = ArrayField(element_type="text")
    object = fields.TextField()
    is_filterable = fields.BooleanField(default=False)
    is_public = fields.BooleanField(default=False)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()

    class Meta:
        table = "catalog_custom_field"
        app = "catalog"
