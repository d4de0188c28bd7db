"""The tables of uploads, as the ORM sees them."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Import(Model):
    """One uploaded file of products and how far it is."""

    id = fields.UUIDField(primary_key=True)
    state = fields.TextField(default="queued")
    file = fields.TextField()
    format = fields.TextField()
    bytes_total = fields.BigIntField()
    bytes_done = fields.BigIntField(default=0)
    position = fields.BigIntField(default=0)
    created = fields.BigIntField(default=0)
    updated = fields.BigIntField(default=0)
    unchanged = fields.BigIntField(default=0)
    errors = fields.BigIntField(default=0)
    failure = fields.TextField(null=True)
    source = fields.TextField(default="upload")
    fingerprint = fields.TextField(null=True)
    is_dry_run = fields.BooleanField(default=False)
    created_by = fields.UUIDField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "catalog_import"
        app = "catalog"


class ImportProblem(Model):
    """What was wrong with one row of an upload."""

    id = fields.UUIDField(primary_key=True)
    import_id = fields.UUIDField()
    line = fields.BigIntField()
    code = fields.TextField()
    message = fields.TextField()
    column_name = fields.TextField(null=True)
    given = fields.TextField(null=True)

    class Meta:
        table = "catalog_import_error"
        app = "catalog"


class ImportChange(Model):
    """What a dry run would do to one product."""

    id = fields.UUIDField(primary_key=True)
    import_id = fields.UUIDField()
    line = fields.BigIntField()
    kind = fields.TextField()
    sku = fields.TextField()
    name = fields.TextField()
    changes: fields.JSONField[list[dict[str, object]]] = fields.JSONField()

    class Meta:
        table = "catalog_import_change"
        app = "catalog"


class ImportImage(Model):
    """A picture that an import still has to fetch, or has fetched."""

    id = fields.UUIDField(primary_key=True)
    import_id = fields.UUIDField()
    product_id = fields.UUIDField()
    line = fields.BigIntField()
    url = fields.TextField()
    alt = fields.TextField()
    attempts = fields.IntField(default=0)
    not_before = fields.DatetimeField()
    state = fields.TextField(default="waiting")

    class Meta:
        table = "catalog_import_image"
        app = "catalog"
