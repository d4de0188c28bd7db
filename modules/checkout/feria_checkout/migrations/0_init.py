"""The tables of the checkout."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE checkout_checkout (
        id UUID PRIMARY KEY,
        -- SHA-256 of the tokens that open it; a repeated POST of the same cart adds one, the newest five count.
        token_hashes BYTEA[] NOT NULL,
        customer_id UUID,
        cart_id UUID NOT NULL,
        state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'completing', 'completed', 'expired')),
        email TEXT CHECK (length(email) <= 254),
        shipping_address JSONB,
        billing_address JSONB,
        shipping_method TEXT,
        note TEXT CHECK (length(note) <= 2000),
        locale TEXT NOT NULL,
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        version INT NOT NULL DEFAULT 1,
        cart_version INT NOT NULL,
        -- What is held for it: [[variant id, quantity], ...] by ascending variant id.
        held JSONB NOT NULL DEFAULT '[]',
        -- The totals that the order was made from, as they were answered.
        quote JSONB,
        order_id UUID,
        order_number TEXT,
        expires_at TIMESTAMPTZ NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        completed_at TIMESTAMPTZ,
        CHECK (state <> 'completed' OR (order_id IS NOT NULL AND order_number IS NOT NULL AND completed_at IS NOT NULL)),
        CHECK ((order_id IS NULL) = (order_number IS NULL))
    );
    -- A cart is in one checkout at a time, and becomes one order at most.
    CREATE UNIQUE INDEX checkout_checkout_open_cart ON checkout_checkout (cart_id) WHERE state IN ('open', 'completing');
    CREATE UNIQUE INDEX checkout_checkout_sold_cart ON checkout_checkout (cart_id) WHERE state = 'completed';
    CREATE UNIQUE INDEX checkout_checkout_order ON checkout_checkout (order_id) WHERE order_id IS NOT NULL;
    CREATE INDEX checkout_checkout_expiring ON checkout_checkout (expires_at) WHERE state IN ('open', 'completing');
    CREATE INDEX checkout_checkout_customer ON checkout_checkout (customer_id) WHERE customer_id IS NOT NULL;

    CREATE TABLE checkout_payment (
        -- The idempotency key of every call to the provider about this payment.
        id UUID PRIMARY KEY,
        checkout_id UUID NOT NULL REFERENCES checkout_checkout (id),
        order_id UUID,
        provider TEXT NOT NULL,
        reference TEXT,
        amount BIGINT NOT NULL CHECK (amount >= 0),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        -- What it pays for, as `held` of its checkout was when it was opened.
        lines JSONB NOT NULL,
        state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN (
            'pending', 'authorized', 'captured', 'failed', 'cancelled', 'superseded', 'refund_due', 'refunded')),
        failure TEXT,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        checked_at TIMESTAMPTZ,
        UNIQUE (provider, reference)
    );
    -- Nobody pays twice for one checkout: a second payment first makes the earlier one superseded.
    CREATE UNIQUE INDEX checkout_payment_live ON checkout_payment (checkout_id)
        WHERE state IN ('pending', 'authorized', 'captured');
    CREATE INDEX checkout_payment_checkout ON checkout_payment (checkout_id);
    CREATE INDEX checkout_payment_pending ON checkout_payment (checked_at NULLS FIRST) WHERE state = 'pending';
    CREATE INDEX checkout_payment_refund_due ON checkout_payment (updated_at) WHERE state = 'refund_due';

    CREATE TABLE checkout_webhook_event (
        provider TEXT NOT NULL,
        event_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        reference TEXT,
        received_at TIMESTAMPTZ NOT NULL,
        handled_at TIMESTAMPTZ,
        PRIMARY KEY (provider, event_id)
    );
    CREATE INDEX checkout_webhook_event_received ON checkout_webhook_event (received_at);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE checkout_webhook_event;
    DROP TABLE checkout_payment;
    DROP TABLE checkout_checkout;
    """
