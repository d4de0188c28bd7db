"""Carts of customers and guests, their lines and codes, and the key that signs guests' tokens."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE cart_cart (
        id UUID PRIMARY KEY,
        customer_id UUID,
        token_hash BYTEA,
        state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'ordered', 'merged')),
        version INT NOT NULL DEFAULT 1 CHECK (version > 0),
        order_number TEXT,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        CHECK ((customer_id IS NULL) <> (token_hash IS NULL)),
        CHECK ((state = 'ordered') = (order_number IS NOT NULL))
    );
    -- One open cart for each owner; closed ones of the same owner stay beside it until they expire.
    CREATE UNIQUE INDEX cart_cart_open_customer ON cart_cart (customer_id) WHERE state = 'open';
    CREATE UNIQUE INDEX cart_cart_open_token ON cart_cart (token_hash) WHERE state = 'open';
    CREATE INDEX cart_cart_updated ON cart_cart (updated_at);

    CREATE TABLE cart_item (
        id UUID PRIMARY KEY,
        cart_id UUID NOT NULL REFERENCES cart_cart (id) ON DELETE CASCADE,
        variant_id UUID NOT NULL,
        quantity INT NOT NULL CHECK (quantity > 0),
        seen_amount BIGINT NOT NULL CHECK (seen_amount >= 0),
        seen_currency TEXT NOT NULL CHECK (length(seen_currency) = 3),
        added_at TIMESTAMPTZ NOT NULL,
        UNIQUE (cart_id, variant_id)
    );

    CREATE TABLE cart_code (
        id UUID PRIMARY KEY,
        cart_id UUID NOT NULL REFERENCES cart_cart (id) ON DELETE CASCADE,
        code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 64),
        added_at TIMESTAMPTZ NOT NULL,
        UNIQUE (cart_id, code)
    );

    CREATE TABLE cart_token_key (
        id SMALLINT PRIMARY KEY CHECK (id = 1),
        secret BYTEA NOT NULL
    );
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE cart_token_key;
    DROP TABLE cart_code;
    DROP TABLE cart_item;
    DROP TABLE cart_cart;
    """
