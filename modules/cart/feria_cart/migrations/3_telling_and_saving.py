"""What a merge did, whose hold is the cart's own, copies and merged carts, items saved for later."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- Rows of kind, variant, wanted, quantity, code.
    ALTER TABLE cart_cart ADD COLUMN notes JSONB CHECK (jsonb_typeof(notes) = 'array');
    -- The checkout that has last held the stock of the cart.
    ALTER TABLE cart_cart ADD COLUMN held_by UUID;
    -- The cart whose link this one was begun with, and the one into which it was merged.
    ALTER TABLE cart_cart ADD COLUMN restored_from UUID;
    ALTER TABLE cart_cart ADD COLUMN merged_into UUID;
    CREATE INDEX cart_cart_merged_into ON cart_cart (merged_into) WHERE merged_into IS NOT NULL;
    CREATE INDEX cart_cart_order ON cart_cart (order_number) WHERE order_number IS NOT NULL;

    -- Of an owner, not of a cart: an order takes the cart, what was saved for later stays.
    CREATE TABLE cart_saved_item (
        id UUID PRIMARY KEY,
        customer_id UUID,
        token_hash BYTEA,
        variant_id UUID NOT NULL,
        quantity INT NOT NULL CHECK (quantity > 0),
        seen_amount BIGINT NOT NULL CHECK (seen_amount >= 0),
        seen_currency TEXT NOT NULL CHECK (length(seen_currency) = 3),
        saved_at TIMESTAMPTZ NOT NULL,
        CHECK ((customer_id IS NULL) <> (token_hash IS NULL))
    );
    CREATE UNIQUE INDEX cart_saved_item_customer ON cart_saved_item (customer_id, variant_id)
        WHERE customer_id IS NOT NULL;
    CREATE UNIQUE INDEX cart_saved_item_token ON cart_saved_item (token_hash, variant_id)
        WHERE token_hash IS NOT NULL;
    CREATE INDEX cart_saved_item_guests ON cart_saved_item (saved_at) WHERE token_hash IS NOT NULL;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE cart_saved_item;
    ALTER TABLE cart_cart DROP COLUMN merged_into;
    ALTER TABLE cart_cart DROP COLUMN restored_from;
    ALTER TABLE cart_cart DROP COLUMN held_by;
    ALTER TABLE cart_cart DROP COLUMN notes;
    """
