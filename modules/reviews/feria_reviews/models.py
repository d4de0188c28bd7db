"""The tables of reviews as Tortoise models, for the drift test; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Review(Model):
    id = fields.UUIDField(primary_key=True)
    product_id = fields.UUIDField()
    customer_id = fields.UUIDField(null=True)
    external_id = fields.TextField(null=True)
    author_name = fields.TextField()
    rating = fields.SmallIntField()
    title = fields.TextField()
    text = fields.TextField()
    locale = fields.TextField()
    status = fields.TextField()
    held_by = fields.TextField(null=True)
    moderation_note = fields.TextField(null=True)
    moderated_at = fields.DatetimeField(null=True)
    is_verified = fields.BooleanField()
    helpful = fields.IntField()
    unhelpful = fields.IntField()
    wilson = fields.FloatField()
    report_count = fields.IntField()
    reply = fields.TextField(null=True)
    replied_at = fields.DatetimeField(null=True)
    version = fields.IntField()
    created_at = fields.DatetimeField()
    edited_at = fields.DatetimeField(null=True)

    class Meta:
        table = "reviews_review"
        app = "reviews"


class Summary(Model):
    product_id = fields.UUIDField(primary_key=True)
    stars_1 = fields.IntField()
    stars_2 = fields.IntField()
    stars_3 = fields.IntField()
    stars_4 = fields.IntField()
    stars_5 = fields.IntField()
    review_count = fields.IntField()
    rating_sum = fields.BigIntField()

    class Meta:
        table = "reviews_summary"
        app = "reviews"


class Vote(Model):
    id = fields.UUIDField(primary_key=True)
    review_id = fields.UUIDField()
    customer_id = fields.UUIDField(null=True)
    is_helpful = fields.BooleanField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "reviews_vote"
        app = "reviews"


class Report(Model):
    id = fields.UUIDField(primary_key=True)
    review_id = fields.UUIDField()
    reporter = fields.BinaryField()
    customer_id = fields.UUIDField(null=True)
    reason = fields.TextField()
    text = fields.TextField()
    created_at = fields.DatetimeField()
    handled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "reviews_report"
        app = "reviews"


class Photo(Model):
    id = fields.UUIDField(primary_key=True)
    review_id = fields.UUIDField()
    key = fields.TextField()
    url = fields.TextField()
    width = fields.IntField()
    height = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "reviews_photo"
        app = "reviews"


class Delivery(Model):
    id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField()
    product_id = fields.UUIDField()
    customer_id = fields.UUIDField(null=True)
    email_hash = fields.BinaryField(null=True)
    delivered_at = fields.DatetimeField(null=True)
    refunded_at = fields.DatetimeField(null=True)
    is_refund_final = fields.BooleanField()
    asked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "reviews_delivery"
        app = "reviews"


class Request(Model):
    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    product_id = fields.UUIDField()
    token_hash = fields.BinaryField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "reviews_request"
        app = "reviews"


class OptOut(Model):
    customer_id = fields.UUIDField(primary_key=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "reviews_optout"
        app = "reviews"


class Refusal(Model):
    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    product_id = fields.UUIDField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "reviews_refusal"
        app = "reviews"


class Key(Model):
    id = fields.SmallIntField(primary_key=True)
    secret = fields.BinaryField()

    class Meta:
        table = "reviews_key"
        app = "reviews"
