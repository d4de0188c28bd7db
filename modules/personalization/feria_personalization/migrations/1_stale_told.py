"""Staff are told once of a model that has become too old."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
# Older code neither reads nor writes it.
OLDEST = "0.1"


async def upgrade(db: BaseDBAsyncClient) -> str:
    return "ALTER TABLE personalization_model ADD COLUMN stale_told_at TIMESTAMPTZ;"


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "ALTER TABLE personalization_model DROP COLUMN stale_told_at;"
