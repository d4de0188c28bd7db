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
