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

    class Meta:
        table = "users_one_time_token"
        app = "users"


class Role(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    permissions = ArrayField(element_type="text")
    created_at = fields.DatetimeField()

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
