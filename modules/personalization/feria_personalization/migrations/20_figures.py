"""Counting what people did and were shown by when it was."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE INDEX personalization_activity_at ON personalization_activity (kind, at);
    CREATE INDEX personalization_exposure_at ON personalization_exposure (at);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP INDEX personalization_exposure_at; DROP INDEX personalization_activity_at;"
