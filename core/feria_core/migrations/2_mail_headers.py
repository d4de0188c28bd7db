"""Headers that a mail brings with it: where to answer, how to unsubscribe."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE core_mail ADD COLUMN headers JSONB;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE core_mail DROP COLUMN headers;
    """
