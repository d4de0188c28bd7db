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


class Webhook(Model):
    id = fields.UUIDField(primary_key=True)
    url = fields.TextField()
    events = ArrayField(element_type="text")
    description = fields.TextField(null=True)
    is_personal = fields.BooleanField()
    is_active = fields.BooleanField()
    secret = fields.TextField()
    old_secret = fields.TextField(null=True)
    old_secret_until = fields.DatetimeField(null=True)
    owner_id = fields.UUIDField(null=True)
    failures_in_a_row = fields.IntField()
    off_reason = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "admin_webhook"
        app = "admin"


class Delivery(Model):
    id = fields.UUIDField(primary_key=True)
    webhook_id = fields.UUIDField()
    event_id = fields.UUIDField(null=True)
    event = fields.TextField()
    state = fields.TextField()
    round = fields.IntField()
    tries = fields.IntField()
    next_try_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "admin_delivery"
        app = "admin"


class DeliveryTry(Model):
    id = fields.UUIDField(primary_key=True)
    delivery_id = fields.UUIDField()
    at = fields.DatetimeField()
    status = fields.IntField(null=True)
    error = fields.TextField(null=True)
    duration_ms = fields.IntField()

    class Meta:
        table = "admin_delivery_try"
        app = "admin"


class Figure(Model):
    source = fields.CharField(max_length=120, primary_key=True)
    grain = fields.TextField()
    at = fields.DatetimeField()
    key = fields.TextField()
    currency = fields.TextField()
    counts = ArrayField(element_type="bigint")

    class Meta:
        table = "admin_figure"
        app = "admin"


class FigureSource(Model):
    name = fields.CharField(max_length=120, primary_key=True)
    measures = ArrayField(element_type="text")
    kept_from = fields.DatetimeField()
    kept_until = fields.DatetimeField()
    rebuilt_until = fields.DatetimeField(null=True)

    class Meta:
        table = "admin_figure_source"
        app = "admin"


class FigureStale(Model):
    source = fields.CharField(max_length=120, primary_key=True)
    day = fields.DatetimeField()

    class Meta:
        table = "admin_figure_stale"
        app = "admin"


class Bulk(Model):
    id = fields.UUIDField(primary_key=True)
    section = fields.TextField()
    act = fields.TextField()
    body: fields.JSONField[dict[str, object]] = fields.JSONField()
    query: fields.JSONField[dict[str, object]] = fields.JSONField(null=True)
    cursor = fields.TextField(null=True)
    state = fields.TextField()
    reason = fields.TextField(null=True)
    total = fields.IntField()
    done = fields.IntField()
    failed = fields.IntField()
    skipped = fields.IntField()
    actor_kind = fields.TextField()
    actor_id = fields.UUIDField(null=True)
    address = fields.TextField(null=True)
    request_id = fields.TextField(null=True)
    locale = fields.TextField()
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "admin_bulk"
        app = "admin"


class BulkRow(Model):
    bulk_id = fields.UUIDField(primary_key=True)  # with position
    position = fields.IntField()
    key = fields.TextField()
    state = fields.TextField()
    code = fields.TextField(null=True)
    reason = fields.TextField(null=True)

    class Meta:
        table = "admin_bulk_row"
        app = "admin"
