"""The tables of promotions as Tortoise models, for the drift test; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class State(Model):
    id = fields.SmallIntField(primary_key=True)
    stamp = fields.UUIDField()

    class Meta:
        table = "promotions_state"
        app = "promotions"


class Promotion(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    kind = fields.TextField()
    definition: fields.JSONField[dict[str, object]] = fields.JSONField()
    currency = fields.TextField()
    is_active = fields.BooleanField()
    starts_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)
    stacking = fields.TextField()
    lane = fields.TextField()
    priority = fields.IntField()
    usage_limit = fields.BigIntField(null=True)
    usage_limit_per_customer = fields.BigIntField(null=True)
    used = fields.BigIntField()
    needs_code = fields.BooleanField()
    version = fields.IntField()
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "promotions_promotion"
        app = "promotions"


class CodeBatch(Model):
    id = fields.UUIDField(primary_key=True)
    promotion_id = fields.UUIDField()
    wanted = fields.IntField()
    made = fields.IntField()
    prefix = fields.TextField()
    usage_limit = fields.BigIntField(null=True)
    customer_id = fields.UUIDField(null=True)
    ends_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "promotions_code_batch"
        app = "promotions"


class Code(Model):
    id = fields.UUIDField(primary_key=True)
    promotion_id = fields.UUIDField()
    batch_id = fields.UUIDField(null=True)
    code = fields.TextField()
    folded = fields.TextField()
    usage_limit = fields.BigIntField(null=True)
    used = fields.BigIntField()
    customer_id = fields.UUIDField(null=True)
    ends_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "promotions_code"
        app = "promotions"


class FlashSale(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    is_active = fields.BooleanField()
    version = fields.IntField()
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "promotions_flash_sale"
        app = "promotions"


class FlashItem(Model):
    id = fields.UUIDField(primary_key=True)
    sale_id = fields.UUIDField()
    variant_id = fields.UUIDField()
    sku = fields.TextField()
    price = fields.BigIntField()
    currency = fields.TextField()
    cap = fields.BigIntField(null=True)
    cap_per_customer = fields.BigIntField(null=True)
    sold = fields.BigIntField()
    removed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "promotions_flash_item"
        app = "promotions"


class Claim(Model):
    id = fields.UUIDField(primary_key=True)
    reference = fields.UUIDField()
    kind = fields.TextField()
    target_id = fields.UUIDField()
    cart_id = fields.UUIDField(null=True)
    customer_id = fields.UUIDField(null=True)
    units = fields.BigIntField()
    state = fields.TextField()
    order_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "promotions_claim"
        app = "promotions"


class CustomerUse(Model):
    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    target_id = fields.UUIDField()
    used = fields.BigIntField()

    class Meta:
        table = "promotions_customer_use"
        app = "promotions"
