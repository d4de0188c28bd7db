"""Address books."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE users_address (
        id UUID PRIMARY KEY,
        account_id UUID NOT NULL REFERENCES users_account (id) ON DELETE CASCADE,
        -- At most 50 for each account, whatever the code does.
        place SMALLINT NOT NULL CHECK (place BETWEEN 1 AND 50),
        name TEXT NOT NULL CHECK (length(name) <= 200),
        company TEXT CHECK (length(company) <= 200),
        line1 TEXT NOT NULL CHECK (length(line1) <= 200),
        line2 TEXT CHECK (length(line2) <= 200),
        city TEXT NOT NULL CHECK (length(city) <= 200),
        region TEXT CHECK (length(region) <= 200),
        postal_code TEXT CHECK (length(postal_code) <= 40),
        country TEXT NOT NULL CHECK (length(country) = 2),
        phone TEXT CHECK (length(phone) <= 40),
        is_default_shipping BOOLEAN NOT NULL DEFAULT false,
        is_default_billing BOOLEAN NOT NULL DEFAULT false,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        UNIQUE (account_id, place)
    );
    CREATE INDEX users_address_account ON users_address (account_id, id DESC);
    CREATE UNIQUE INDEX users_address_default_shipping ON users_address (account_id) WHERE is_default_shipping;
    CREATE UNIQUE INDEX users_address_default_billing ON users_address (account_id) WHERE is_default_billing;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP TABLE users_address;"
