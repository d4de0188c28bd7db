"""Counting accounts by when they were opened."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return "CREATE INDEX users_account_created ON users_account (created_at);"


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP INDEX users_account_created;"
