"""What was bought and given back is not owned, also where the refund is heard of before the purchase."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
# Older code neither reads nor writes it.
OLDEST = "0.1"


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE personalization_returned_sale (
        order_id UUID NOT NULL,
        product_id UUID NOT NULL,
        at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (order_id, product_id)
    );
    CREATE INDEX personalization_returned_sale_at ON personalization_returned_sale (at);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP TABLE personalization_returned_sale;"
