"""The tables of admin as Tortoise models, for the drift test; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class ApiKey(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    beginning = fields.TextField()
    hash = fields.BinaryField()
    permissions = ArrayField(element_type="text")
    created_by = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "admin_api_key"
        app = "admin"


class PageSession(Model):
    id_hash = fields.BinaryField(primary_key=True)
    user_id = fields.UUIDField()
    sealed = fields.BinaryField()
    access_until = fields.DatetimeField()
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()

    class Meta:
        table = "admin_page_session"
        app = "admin"
