"""How many of a product each customer may buy, what checkouts have claimed of it, what customers have used."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE cart_product_limit (
        product_id UUID PRIMARY KEY,
        most INT NOT NULL CHECK (most > 0),
        changed_at TIMESTAMPTZ NOT NULL
    );
    CREATE TABLE cart_product_claim (
        reference UUID NOT NULL,
        product_id UUID NOT NULL,
        customer_id UUID,
        units INT NOT NULL CHECK (units > 0),
        state TEXT NOT NULL CHECK (state IN ('held', 'kept', 'released')),
        order_id UUID,
        changed_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (reference, product_id)
    );
    CREATE INDEX cart_product_claim_order ON cart_product_claim (order_id) WHERE order_id IS NOT NULL;
    CREATE INDEX cart_product_claim_customer ON cart_product_claim (customer_id) WHERE customer_id IS NOT NULL;
    CREATE TABLE cart_product_use (
        customer_id UUID NOT NULL,
        product_id UUID NOT NULL,
        used INT NOT NULL CHECK (used >= 0),
        PRIMARY KEY (customer_id, product_id)
    );
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE cart_product_use;
    DROP TABLE cart_product_claim;
    DROP TABLE cart_product_limit;
    """
