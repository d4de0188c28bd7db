"""The tables of users: accounts, sessions, one-time links, staff roles, signing keys."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE users_account (
        id UUID PRIMARY KEY,
        -- As its owner typed it, for showing; compared is the normalised form alone.
        email TEXT NOT NULL CHECK (length(email) <= 254),
        email_normalized TEXT NOT NULL UNIQUE CHECK (length(email_normalized) <= 254),
        name TEXT NOT NULL CHECK (length(name) <= 200),
        password_hash TEXT,
        email_verified_at TIMESTAMPTZ,
        status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled', 'erased')),
        locale TEXT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        last_login_at TIMESTAMPTZ
    );

    CREATE TABLE users_session (
        id UUID PRIMARY KEY,
        account_id UUID NOT NULL REFERENCES users_account (id) ON DELETE CASCADE,
        secret BYTEA NOT NULL CHECK (octet_length(secret) = 32),
        user_agent TEXT CHECK (length(user_agent) <= 300),
        created_at TIMESTAMPTZ NOT NULL,
        last_used_at TIMESTAMPTZ NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL,
        revoked_at TIMESTAMPTZ
    );
    CREATE INDEX users_session_account ON users_session (account_id, id DESC);
    CREATE INDEX users_session_expires ON users_session (expires_at);

    CREATE TABLE users_refresh_token (
        hash BYTEA PRIMARY KEY CHECK (octet_length(hash) = 32),
        session_id UUID NOT NULL REFERENCES users_session (id) ON DELETE CASCADE,
        created_at TIMESTAMPTZ NOT NULL,
        used_at TIMESTAMPTZ
    );
    CREATE INDEX users_refresh_token_session ON users_refresh_token (session_id);
    -- A family has one live successor, whatever the code does.
    CREATE UNIQUE INDEX users_refresh_token_live ON users_refresh_token (session_id) WHERE used_at IS NULL;

    CREATE TABLE users_one_time_token (
        hash BYTEA PRIMARY KEY CHECK (octet_length(hash) = 32),
        account_id UUID NOT NULL REFERENCES users_account (id) ON DELETE CASCADE,
        purpose TEXT NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
        -- The address that the link was sent to: once the account has another, the link is void.
        email_normalized TEXT NOT NULL,
        -- Of a registration: what the link puts in force.
        name TEXT,
        password_hash TEXT,
        created_at TIMESTAMPTZ NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL,
        used_at TIMESTAMPTZ
    );
    CREATE INDEX users_one_time_token_account ON users_one_time_token (account_id);
    CREATE INDEX users_one_time_token_expires ON users_one_time_token (expires_at);

    CREATE TABLE users_role (
        id UUID PRIMARY KEY,
        name TEXT NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9_-]{0,39}$'),
        -- Names of permissions; '*' is every permission that the enabled modules declare.
        permissions TEXT[] NOT NULL,
        created_at TIMESTAMPTZ NOT NULL
    );

    CREATE TABLE users_staff (
        id UUID PRIMARY KEY,
        account_id UUID NOT NULL REFERENCES users_account (id) ON DELETE CASCADE,
        role_id UUID NOT NULL REFERENCES users_role (id) ON DELETE RESTRICT,
        created_at TIMESTAMPTZ NOT NULL,
        UNIQUE (account_id, role_id)
    );
    CREATE INDEX users_staff_role ON users_staff (role_id);

    CREATE TABLE users_signing_key (
        id UUID PRIMARY KEY,
        private_jwk TEXT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        retired_at TIMESTAMPTZ
    );
    -- One key signs; retired ones only verify until their last token is gone.
    CREATE UNIQUE INDEX users_signing_key_current ON users_signing_key ((true)) WHERE retired_at IS NULL;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE users_signing_key;
    DROP TABLE users_staff;
    DROP TABLE users_role;
    DROP TABLE users_one_time_token;
    DROP TABLE users_refresh_token;
    DROP TABLE users_session;
    DROP TABLE users_account;
    """
