"""The tables as Tortoise models, for the drift test; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class Person(Model):
    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField(null=True)
    guest = fields.BinaryField(null=True)
    is_granted = fields.BooleanField()
    decided_at = fields.DatetimeField()
    bucket = fields.SmallIntField()

    class Meta:
        table = "personalization_person"
        app = "personalization"


class Activity(Model):
    id = fields.UUIDField(primary_key=True)
    at = fields.DatetimeField()
    person_id = fields.UUIDField()
    kind = fields.TextField()
    product_id = fields.UUIDField(null=True)
    query = fields.TextField(null=True)
    exposure_id = fields.UUIDField(null=True)
    cart_id = fields.UUIDField(null=True)

    class Meta:
        table = "personalization_activity"
        app = "personalization"


class Exposure(Model):
    id = fields.UUIDField(primary_key=True)
    at = fields.DatetimeField()
    person_id = fields.UUIDField()
    place = fields.TextField()
    is_held_out = fields.BooleanField()
    version = fields.BigIntField(null=True)
    products = ArrayField("uuid")

    class Meta:
        table = "personalization_exposure"
        app = "personalization"


class Sale(Model):
    order_id = fields.UUIDField(primary_key=True)
    product_id = fields.UUIDField()
    quantity = fields.IntField()
    amount = fields.BigIntField()
    currency = fields.TextField()
    at = fields.DatetimeField()
    person_id = fields.UUIDField(null=True)

    class Meta:
        table = "personalization_sale"
        app = "personalization"


class CancelledOrder(Model):
    order_id = fields.UUIDField(primary_key=True)
    at = fields.DatetimeField()

    class Meta:
        table = "personalization_cancelled_order"
        app = "personalization"


class ReturnedSale(Model):
    order_id = fields.UUIDField(primary_key=True)
    product_id = fields.UUIDField()
    at = fields.DatetimeField()

    class Meta:
        table = "personalization_returned_sale"
        app = "personalization"


class TrainedModel(Model):
    version = fields.BigIntField(primary_key=True)
    state = fields.TextField()
    trained_at = fields.DatetimeField()
    seconds = fields.FloatField()
    report: fields.JSONField[dict[str, object]] = fields.JSONField()
    stale_told_at = fields.DatetimeField(null=True)

    class Meta:
        table = "personalization_model"
        app = "personalization"


class Neighbour(Model):
    version = fields.BigIntField(primary_key=True)
    kind = fields.SmallIntField()
    product_id = fields.UUIDField()
    neighbours = ArrayField("uuid")
    weights = ArrayField("real")

    class Meta:
        table = "personalization_neighbour"
        app = "personalization"


class Popular(Model):
    product_id = fields.UUIDField(primary_key=True)
    kind = fields.TextField()
    score = fields.FloatField()

    class Meta:
        table = "personalization_popular"
        app = "personalization"


class Training(Model):
    id = fields.UUIDField(primary_key=True)
    state = fields.TextField()
    stage = fields.TextField()
    progress = fields.FloatField()
    asked_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    version = fields.BigIntField(null=True)
    error = fields.TextField(null=True)

    class Meta:
        table = "personalization_training"
        app = "personalization"
