"""The table as a Tortoise model, for the drift test; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class GiftNote(Model):
    id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField()
    order_number = fields.TextField(null=True)
    customer_id = fields.UUIDField(null=True)
    guest_email = fields.TextField(null=True)
    text = fields.TextField()
    created_at = fields.DatetimeField()
    written_at = fields.DatetimeField(null=True)

    class Meta:
        table = "gift_notes_note"
        app = "gift_notes"
