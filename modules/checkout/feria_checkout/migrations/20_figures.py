"""Counting checkouts by when they were begun."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return "CREATE INDEX checkout_checkout_created ON checkout_checkout (created_at);"


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP INDEX checkout_checkout_created;"
