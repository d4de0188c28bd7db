"""The tables of users as Tortoise models, for the drift test; the repository writes SQL."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class HashField(fields.BinaryField[bytes]):
    """32 bytes that are looked up: PostgreSQL indexes BYTEA well."""

    indexable = True


class Account(Model):
    id = fields.UUIDField(primary_key=True)
    email = fields.TextField()
    email_normalized = fields.TextField()
    name = fields.TextField()
    password_hash = fields.TextField(null=True)
    email_verified_at = fields.DatetimeField(null=True)
    status = fields.TextField()
    locale = fields.TextField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    last_login_at = fields.DatetimeField(null=True)
    otp_confirmed_at = fields.DatetimeField(null=True)
    upgraded_from = fields.BinaryField(null=True)
    customer_group = fields.TextField(null=True)

    class Meta:
        table = "users_account"
        app = "users"


class Session(Model):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    secret = fields.BinaryField()
    user_agent = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    second_factor = fields.BooleanField(default=False)
    acting_staff_id = fields.UUIDField(null=True)
    acting_session_id = fields.UUIDField(null=True)

    class Meta:
        table = "users_session"
        app = "users"


class RefreshToken(Model):
    hash = HashField(primary_key=True)
    session_id = fields.UUIDField()
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "users_refresh_token"
        app = "users"


class OneTimeToken(Model):
    hash = HashField(primary_key=True)
    account_id = fields.UUIDField()
    purpose = fields.TextField()
    email_normalized = fields.TextField()
    name = fields.TextField(null=True)
    password_hash = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    new_email = fields.TextField(null=True)
    new_email_normalized = fields.TextField(null=True)

    class Meta:
        table = "users_one_time_token"
        app = "users"


class PastEmail(Model):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    email = fields.TextField()
    email_normalized = fields.TextField()
    until = fields.DatetimeField()

    class Meta:
        table = "users_past_email"
        app = "users"


class PostalAddress(Model):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    place = fields.SmallIntField()
    name = fields.TextField()
    company = fields.TextField(null=True)
    line1 = fields.TextField()
    line2 = fields.TextField(null=True)
    city = fields.TextField()
    region = fields.TextField(null=True)
    postal_code = fields.TextField(null=True)
    country = fields.TextField()
    phone = fields.TextField(null=True)
    is_default_shipping = fields.BooleanField()
    is_default_billing = fields.BooleanField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "users_address"
        app = "users"


class Role(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    permissions = ArrayField(element_type="text")
    created_at = fields.DatetimeField()
    requires_otp = fields.BooleanField(default=False)

    class Meta:
        table = "users_role"
        app = "users"


class Staff(Model):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    role_id = fields.UUIDField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "users_staff"
        app = "users"


class SigningKey(Model):
    id = fields.UUIDField(primary_key=True)
    private_jwk = fields.TextField()
    created_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "users_signing_key"
        app = "users"


class Otp(Model):
    account_id = fields.UUIDField(primary_key=True)
    secret = fields.TextField()
    created_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    last_step = fields.BigIntField(default=0)

    class Meta:
        table = "users_otp"
        app = "users"


class RecoveryCode(Model):
    hash = HashField(primary_key=True)
    account_id = fields.UUIDField()
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "users_recovery_code"
        app = "users"


class Device(Model):
    hash = HashField(primary_key=True)
    account_id = fields.UUIDField()
    first_used_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField()

    class Meta:
        table = "users_device"
        app = "users"


class KnownPair(Model):
    hash = HashField(primary_key=True)
    account_id = fields.UUIDField()
    last_used_at = fields.DatetimeField()

    class Meta:
        table = "users_known_pair"
        app = "users"


class Guess(Model):
    hash = HashField(primary_key=True)
    failures = fields.IntField()
    refused_until = fields.DatetimeField()
    is_refused = fields.BooleanField(default=False)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "users_guess"
        app = "users"


class Identity(Model):
    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    issuer = fields.TextField()
    subject = fields.TextField()
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField()

    class Meta:
        table = "users_identity"
        app = "users"


class SignIn(Model):
    state_hash = HashField(primary_key=True)
    browser_hash = fields.BinaryField()
    provider = fields.TextField()
    issuer = fields.TextField()
    account_id = fields.UUIDField(null=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "users_sign_in"
        app = "users"
