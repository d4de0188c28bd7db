"""The tables of the cart as Tortoise models, for the drift test; the module itself writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Cart(Model):
    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField(null=True)
    token_hash = fields.BinaryField(null=True)
    state = fields.TextField()
    version = fields.IntField()
    order_number = fields.TextField(null=True)
    seen_promotions: fields.JSONField[list[object]] = fields.JSONField(null=True)
    notes: fields.JSONField[list[object]] = fields.JSONField(null=True)
    held_by = fields.UUIDField(null=True)
    restored_from = fields.UUIDField(null=True)
    merged_into = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "cart_cart"
        app = "cart"


class CartItem(Model):
    id = fields.UUIDField(primary_key=True)
    cart_id = fields.UUIDField()
    variant_id = fields.UUIDField()
    quantity = fields.IntField()
    seen_amount = fields.BigIntField()
    seen_currency = fields.TextField()
    added_at = fields.DatetimeField()

    class Meta:
        table = "cart_item"
        app = "cart"


class CartCode(Model):
    id = fields.UUIDField(primary_key=True)
    cart_id = fields.UUIDField()
    code = fields.TextField()
    added_at = fields.DatetimeField()

    class Meta:
        table = "cart_code"
        app = "cart"


class CartTokenKey(Model):
    id = fields.SmallIntField(primary_key=True)
    secret = fields.BinaryField()

    class Meta:
        table = "cart_token_key"
        app = "cart"


class Wishlist(Model):
    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    is_default = fields.BooleanField()
    name = fields.TextField(null=True)
    share_nonce = fields.BinaryField(null=True)
    share_hash = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "cart_wishlist"
        app = "cart"


class WishlistItem(Model):
    id = fields.UUIDField(primary_key=True)
    wishlist_id = fields.UUIDField()
    product_id = fields.UUIDField()
    variant_id = fields.UUIDField()
    sku = fields.TextField()
    name = fields.TextField()
    added_amount = fields.BigIntField()
    added_currency = fields.TextField()
    added_at = fields.DatetimeField()

    class Meta:
        table = "cart_wishlist_item"
        app = "cart"


class Alert(Model):
    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    product_id = fields.UUIDField()
    variant_id = fields.UUIDField()
    sku = fields.TextField()
    kind = fields.TextField()
    asked_amount = fields.BigIntField()
    asked_currency = fields.TextField()
    seen_out = fields.BooleanField()
    by_item = fields.BooleanField()
    created_at = fields.DatetimeField()
    notified_at = fields.DatetimeField(null=True)

    class Meta:
        table = "cart_alert"
        app = "cart"


class SavedItem(Model):
    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField(null=True)
    token_hash = fields.BinaryField(null=True)
    variant_id = fields.UUIDField()
    quantity = fields.IntField()
    seen_amount = fields.BigIntField()
    seen_currency = fields.TextField()
    saved_at = fields.DatetimeField()

    class Meta:
        table = "cart_saved_item"
        app = "cart"


class ProductLimit(Model):
    product_id = fields.UUIDField(primary_key=True)
    most = fields.IntField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "cart_product_limit"
        app = "cart"


class ProductClaim(Model):
    reference = fields.UUIDField(primary_key=True)
    product_id = fields.UUIDField()
    customer_id = fields.UUIDField(null=True)
    units = fields.IntField()
    state = fields.TextField()
    order_id = fields.UUIDField(null=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "cart_product_claim"
        app = "cart"


class ProductUse(Model):
    customer_id = fields.UUIDField(primary_key=True)
    product_id = fields.UUIDField()
    used = fields.IntField()

    class Meta:
        table = "cart_product_use"
        app = "cart"


class Consent(Model):
    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField(null=True)
    cart_id = fields.UUIDField(null=True)
    email = fields.TextField(null=True)
    locale = fields.TextField()
    given_at = fields.DatetimeField()

    class Meta:
        table = "cart_consent"
        app = "cart"


class Optout(Model):
    address_key = fields.BinaryField(primary_key=True)
    at = fields.DatetimeField()

    class Meta:
        table = "cart_optout"
        app = "cart"


class Reminder(Model):
    cart_id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField(null=True)
    sent = fields.SmallIntField()
    value_amount = fields.BigIntField()
    currency = fields.TextField()
    first_at = fields.DatetimeField()
    last_at = fields.DatetimeField()
    visited_at = fields.DatetimeField(null=True)
    stopped = fields.TextField(null=True)
    order_id = fields.UUIDField(null=True)
    order_number = fields.TextField(null=True)
    revenue_amount = fields.BigIntField(null=True)
    recovered_by = fields.TextField(null=True)
    recovered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "cart_reminder"
        app = "cart"
