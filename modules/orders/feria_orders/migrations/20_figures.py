"""Finding what happened in a stretch of time: refunds by when they were settled, cancellations, a product's lines."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE INDEX orders_refund_settled_at ON orders_refund (settled_at) WHERE state = 'succeeded';
    CREATE INDEX orders_event_cancelled ON orders_event (at) WHERE kind = 'cancelled';
    CREATE INDEX orders_line_of_product ON orders_line (product_id, id DESC);
    DROP INDEX orders_line_product;
    CREATE INDEX orders_order_waiting ON orders_order (fulfilment_status, payment_status) WHERE state = 'open';
    CREATE INDEX orders_return_open ON orders_return (id) WHERE status IN ('requested', 'approved');
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP INDEX orders_return_open;
    DROP INDEX orders_order_waiting;
    CREATE INDEX orders_line_product ON orders_line (product_id);
    DROP INDEX orders_line_of_product;
    DROP INDEX orders_event_cancelled;
    DROP INDEX orders_refund_settled_at;
    """
