"""Core's tables as Tortoise models, for the drift test and for staff's lists; core itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Outbox(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    version = fields.IntField()
    payload: fields.JSONField[dict[str, object]] = fields.JSONField()
    occurred_at = fields.DatetimeField()
    dispatched_at = fields.DatetimeField(null=True)

    class Meta:
        table = "core_outbox"
        app = "core"


class JobRow(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    queue = fields.TextField()
    arguments: fields.JSONField[dict[str, object]] = fields.JSONField()
    event_id = fields.UUIDField(null=True)
    state = fields.TextField()
    run_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    dispatch = fields.IntField()
    attempt = fields.IntField()
    max_attempts = fields.IntField()
    lease_until = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    last_error = fields.TextField(null=True)

    class Meta:
        table = "core_job"
        app = "core"
