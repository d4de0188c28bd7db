"""Wish lists with their share links, and the alerts of who waits for stock or for a lower price."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE cart_wishlist (
        id UUID PRIMARY KEY,
        customer_id UUID NOT NULL,
        is_default BOOLEAN NOT NULL,
        -- NULL is a default list that nobody has named: it is shown in the language of who looks.
        name TEXT CHECK (length(name) BETWEEN 1 AND 100),
        -- The link is made of the nonce and a key that is not in this table; it is found by its SHA-256.
        share_nonce BYTEA CHECK (octet_length(share_nonce) = 32),
        share_hash BYTEA UNIQUE CHECK (octet_length(share_hash) = 32),
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        CHECK (is_default OR name IS NOT NULL),
        CHECK ((share_nonce IS NULL) = (share_hash IS NULL))
    );
    CREATE UNIQUE INDEX cart_wishlist_default ON cart_wishlist (customer_id) WHERE is_default;
    CREATE INDEX cart_wishlist_customer ON cart_wishlist (customer_id);

    CREATE TABLE cart_wishlist_item (
        id UUID PRIMARY KEY,
        wishlist_id UUID NOT NULL REFERENCES cart_wishlist (id) ON DELETE CASCADE,
        product_id UUID NOT NULL,
        variant_id UUID NOT NULL,
        -- What the variant was called when it was added: shown once it is not sold any more.
        sku TEXT NOT NULL,
        name TEXT NOT NULL,
        added_amount BIGINT NOT NULL CHECK (added_amount >= 0),
        added_currency TEXT NOT NULL CHECK (length(added_currency) = 3),
        added_at TIMESTAMPTZ NOT NULL,
        UNIQUE (wishlist_id, variant_id)
    );

    CREATE TABLE cart_alert (
        id UUID PRIMARY KEY,
        customer_id UUID NOT NULL,
        product_id UUID NOT NULL,
        variant_id UUID NOT NULL,
        sku TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('back_in_stock', 'price_drop')),
        asked_amount BIGINT NOT NULL CHECK (asked_amount >= 0),
        asked_currency TEXT NOT NULL CHECK (length(asked_currency) = 3),
        -- True once the variant was seen sold out: only then it can be back.
        seen_out BOOLEAN NOT NULL,
        -- True where it was asked for on an item of a wish list, with which it goes.
        by_item BOOLEAN NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        notified_at TIMESTAMPTZ,
        UNIQUE (customer_id, variant_id, kind)
    );
    CREATE INDEX cart_alert_waiting ON cart_alert (product_id, id) WHERE notified_at IS NULL;
    CREATE INDEX cart_alert_done ON cart_alert (notified_at) WHERE notified_at IS NOT NULL;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE cart_alert;
    DROP TABLE cart_wishlist_item;
    DROP TABLE cart_wishlist;
    """
