"""Second factors, what a login is compared with (devices, client addresses, guesses), roles that demand a factor."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- On the account itself, so that the statement that opens a session sees it change under its row lock.
    ALTER TABLE users_account ADD COLUMN otp_confirmed_at TIMESTAMPTZ;
    -- SHA-256 of the hash before and after an upgrade: a login that was checked against the former still counts,
    -- and only for as long as the latter is the account's.
    ALTER TABLE users_account ADD COLUMN upgraded_from BYTEA CHECK (octet_length(upgraded_from) = 32);
    -- Hashes of an import, the most expensive first: there are none in most shops, and this is empty then.
    CREATE INDEX users_account_bcrypt ON users_account (substr(password_hash, 5, 2))
        WHERE password_hash LIKE '$2%';

    ALTER TABLE users_session ADD COLUMN second_factor BOOLEAN NOT NULL DEFAULT false;

    ALTER TABLE users_role ADD COLUMN requires_otp BOOLEAN NOT NULL DEFAULT false;

    CREATE TABLE users_otp (
        account_id UUID PRIMARY KEY REFERENCES users_account (id) ON DELETE CASCADE,
        secret TEXT NOT NULL CHECK (length(secret) = 32),
        created_at TIMESTAMPTZ NOT NULL,
        confirmed_at TIMESTAMPTZ,
        -- Of the latest code that was taken: it and all before are used up (RFC 6238, 5.2).
        last_step BIGINT NOT NULL DEFAULT 0
    );

    CREATE TABLE users_recovery_code (
        hash BYTEA PRIMARY KEY CHECK (octet_length(hash) = 32),
        account_id UUID NOT NULL REFERENCES users_account (id) ON DELETE CASCADE,
        created_at TIMESTAMPTZ NOT NULL,
        used_at TIMESTAMPTZ
    );
    CREATE INDEX users_recovery_code_account ON users_recovery_code (account_id);

    -- Of account and user agent together.
    CREATE TABLE users_device (
        hash BYTEA PRIMARY KEY CHECK (octet_length(hash) = 32),
        account_id UUID NOT NULL REFERENCES users_account (id) ON DELETE CASCADE,
        first_used_at TIMESTAMPTZ NOT NULL,
        last_used_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX users_device_account ON users_device (account_id);
    CREATE INDEX users_device_last_used ON users_device (last_used_at);

    -- Pairs of account and client address that signed in: hashed together, so that a row tells neither.
    CREATE TABLE users_known_pair (
        hash BYTEA PRIMARY KEY CHECK (octet_length(hash) = 32),
        account_id UUID NOT NULL REFERENCES users_account (id) ON DELETE CASCADE,
        last_used_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX users_known_pair_account ON users_known_pair (account_id);
    CREATE INDEX users_known_pair_last_used ON users_known_pair (last_used_at);

    -- Wrong passwords for one account from anywhere; the account by its hash, known or not.
    CREATE TABLE users_guess (
        hash BYTEA PRIMARY KEY CHECK (octet_length(hash) = 32),
        failures INT NOT NULL,
        refused_until TIMESTAMPTZ NOT NULL,
        is_refused BOOLEAN NOT NULL DEFAULT false,
        expires_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX users_guess_expires ON users_guess (expires_at);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE users_guess;
    DROP TABLE users_known_pair;
    DROP TABLE users_device;
    DROP TABLE users_recovery_code;
    DROP TABLE users_otp;
    ALTER TABLE users_role DROP COLUMN requires_otp;
    ALTER TABLE users_session DROP COLUMN second_factor;
    DROP INDEX users_account_bcrypt;
    ALTER TABLE users_account DROP COLUMN upgraded_from;
    ALTER TABLE users_account DROP COLUMN otp_confirmed_at;
    """
