"""The discounts that a cart's owner has seen, so that he is told of one that is gone."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- Rows of promotion, label, amount in minor units, currency.
    ALTER TABLE cart_cart ADD COLUMN seen_promotions JSONB CHECK (jsonb_typeof(seen_promotions) = 'array');
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "ALTER TABLE cart_cart DROP COLUMN seen_promotions;"
