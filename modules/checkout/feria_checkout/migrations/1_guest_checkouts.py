"""Finding guests' checkouts by exactly the address that was typed, ASCII letters in any case."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE INDEX checkout_checkout_guest_email ON checkout_checkout (lower(email COLLATE "C"))
        WHERE customer_id IS NULL AND email IS NOT NULL;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP INDEX checkout_checkout_guest_email;"
