"""Outgoing webhooks with what was sent to them."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE admin_webhook (
        id UUID PRIMARY KEY,
        url TEXT NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
        events TEXT[] NOT NULL CHECK (cardinality(events) BETWEEN 1 AND 50),
        description TEXT,
        is_personal BOOLEAN NOT NULL,
        is_active BOOLEAN NOT NULL DEFAULT true,
        -- Both sign until the old one ends: the receiver changes over meanwhile.
        secret TEXT NOT NULL,
        old_secret TEXT,
        old_secret_until TIMESTAMPTZ,
        owner_id UUID,
        failures_in_a_row INT NOT NULL DEFAULT 0 CHECK (failures_in_a_row >= 0),
        off_reason TEXT,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL
    );
    -- What was said is not kept here: it is read from the outbox, where persons are erased.
    CREATE TABLE admin_delivery (
        id UUID PRIMARY KEY,
        webhook_id UUID NOT NULL REFERENCES admin_webhook (id) ON DELETE CASCADE,
        event_id UUID,
        event TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
        -- Another number after each redelivery: a try of the round before counts no more.
        round INT NOT NULL DEFAULT 1,
        tries INT NOT NULL DEFAULT 0,
        next_try_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ NOT NULL,
        finished_at TIMESTAMPTZ,
        UNIQUE (webhook_id, event_id)
    );
    CREATE INDEX admin_delivery_created ON admin_delivery (created_at);
    CREATE TABLE admin_delivery_try (
        id UUID PRIMARY KEY,
        delivery_id UUID NOT NULL REFERENCES admin_delivery (id) ON DELETE CASCADE,
        at TIMESTAMPTZ NOT NULL,
        status INT,
        error TEXT,
        duration_ms INT NOT NULL
    );
    CREATE INDEX admin_delivery_try_of ON admin_delivery_try (delivery_id, id);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP TABLE admin_delivery_try; DROP TABLE admin_delivery; DROP TABLE admin_webhook;"
