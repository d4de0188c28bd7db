"""What modules ask of shoppers beside the checkout's own questions."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE checkout_checkout
        -- By name of the step: what its module has checked.
        ADD COLUMN steps JSONB NOT NULL DEFAULT '{}' CHECK (pg_column_size(steps) <= 65536);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "ALTER TABLE checkout_checkout DROP COLUMN steps;"
