"""API keys."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE admin_api_key (
        id UUID PRIMARY KEY,
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
        -- What people tell keys apart by; 8 of its 43 characters leave 208 bits unknown.
        beginning TEXT NOT NULL,
        hash BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32),
        permissions TEXT[] NOT NULL,
        created_by UUID,
        created_at TIMESTAMPTZ NOT NULL,
        expires_at TIMESTAMPTZ,
        last_used_at TIMESTAMPTZ,
        revoked_at TIMESTAMPTZ
    );
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP TABLE admin_api_key;"
