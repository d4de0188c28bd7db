"""Finding guests' orders by exactly the address that was typed, ASCII letters in any case."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE INDEX orders_order_guest_email ON orders_order (lower(email COLLATE "C")) WHERE customer_id IS NULL;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP INDEX orders_order_guest_email;"
