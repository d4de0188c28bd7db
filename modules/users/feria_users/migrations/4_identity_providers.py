"""Sign-in with an identity provider: whose identities belong to which account, sign-ins that are under way."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE users_identity (
        id UUID PRIMARY KEY,
        account_id UUID NOT NULL REFERENCES users_account (id) ON DELETE CASCADE,
        issuer TEXT NOT NULL CHECK (length(issuer) <= 500),
        subject TEXT NOT NULL CHECK (length(subject) <= 255),
        created_at TIMESTAMPTZ NOT NULL,
        last_used_at TIMESTAMPTZ NOT NULL,
        UNIQUE (issuer, subject)
    );
    CREATE INDEX users_identity_account ON users_identity (account_id);

    CREATE TABLE users_sign_in (
        state_hash BYTEA PRIMARY KEY CHECK (octet_length(state_hash) = 32),
        browser_hash BYTEA NOT NULL CHECK (octet_length(browser_hash) = 32),
        provider TEXT NOT NULL,
        issuer TEXT NOT NULL,
        -- Set once the provider has vouched and only the second factor is missing.
        account_id UUID REFERENCES users_account (id) ON DELETE CASCADE,
        expires_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX users_sign_in_expires ON users_sign_in (expires_at);
    CREATE INDEX users_sign_in_account ON users_sign_in (account_id);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE users_sign_in;
    DROP TABLE users_identity;
    """
