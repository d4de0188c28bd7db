"""What moved for an order after it was placed: captures and refunds by amount, counted on the payment."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE checkout_payment
        -- Reserved and not asked for yet; being captured; taken; on its way back; given back.
        ADD COLUMN authorized BIGINT NOT NULL DEFAULT 0,
        ADD COLUMN capturing BIGINT NOT NULL DEFAULT 0,
        ADD COLUMN captured BIGINT NOT NULL DEFAULT 0,
        ADD COLUMN refunding BIGINT NOT NULL DEFAULT 0,
        ADD COLUMN refunded BIGINT NOT NULL DEFAULT 0,
        -- The provider only reserves the money; it is taken later.
        ADD COLUMN is_deferred BOOLEAN NOT NULL DEFAULT false;
    UPDATE checkout_payment SET authorized = amount WHERE state = 'authorized';
    UPDATE checkout_payment SET captured = amount WHERE state = 'captured';
    ALTER TABLE checkout_payment
        ADD CONSTRAINT checkout_payment_counters CHECK (
            authorized >= 0 AND capturing >= 0 AND captured >= 0 AND refunding >= 0 AND refunded >= 0
            AND authorized + capturing + captured <= amount AND refunding + refunded <= captured),
        -- 'released': the order was placed on reserved money that was let go before any of it was taken.
        DROP CONSTRAINT checkout_payment_state_check,
        ADD CONSTRAINT checkout_payment_state_check CHECK (state IN (
            'pending', 'authorized', 'captured', 'failed', 'cancelled', 'superseded', 'refund_due', 'refunded',
            'released'));
    CREATE UNIQUE INDEX checkout_payment_order ON checkout_payment (order_id)
        WHERE order_id IS NOT NULL AND state IN ('authorized', 'captured', 'released');

    CREATE TABLE checkout_refund (
        -- The caller's own id of the refund, and the idempotency key at the provider.
        id UUID PRIMARY KEY,
        payment_id UUID NOT NULL REFERENCES checkout_payment (id),
        order_id UUID NOT NULL,
        amount BIGINT NOT NULL CHECK (amount > 0),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'succeeded', 'failed')),
        failure TEXT,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX checkout_refund_payment ON checkout_refund (payment_id);
    CREATE INDEX checkout_refund_pending ON checkout_refund (created_at) WHERE state = 'pending';

    CREATE TABLE checkout_capture (
        -- The idempotency key at the provider.
        id UUID PRIMARY KEY,
        payment_id UUID NOT NULL REFERENCES checkout_payment (id),
        order_id UUID NOT NULL,
        amount BIGINT NOT NULL CHECK (amount > 0),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'succeeded', 'failed')),
        failure TEXT,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX checkout_capture_payment ON checkout_capture (payment_id);
    CREATE INDEX checkout_capture_pending ON checkout_capture (created_at) WHERE state = 'pending';
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE checkout_capture;
    DROP TABLE checkout_refund;
    DROP INDEX checkout_payment_order;
    UPDATE checkout_payment SET state = 'authorized' WHERE state = 'released';
    ALTER TABLE checkout_payment
        DROP CONSTRAINT checkout_payment_state_check,
        ADD CONSTRAINT checkout_payment_state_check CHECK (state IN (
            'pending', 'authorized', 'captured', 'failed', 'cancelled', 'superseded', 'refund_due', 'refunded')),
        DROP CONSTRAINT checkout_payment_counters,
        DROP COLUMN authorized, DROP COLUMN capturing, DROP COLUMN captured, DROP COLUMN refunding,
        DROP COLUMN refunded, DROP COLUMN is_deferred;
    """
