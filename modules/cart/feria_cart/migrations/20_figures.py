"""Counting carts by when they were begun."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return "CREATE INDEX cart_cart_created ON cart_cart (created_at);"


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP INDEX cart_cart_created;"
