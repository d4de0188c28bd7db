"""What happens after an order is placed: parcels, cancelled pieces, refunds, returns, invoices, and who did it."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE orders_order ADD COLUMN cart_id UUID;

    -- Pieces of each line by what has become of them; every sum below is one of orders_fulfilment_line and the like.
    ALTER TABLE orders_line
        ADD COLUMN cancelled INT NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
        ADD COLUMN shipped INT NOT NULL DEFAULT 0 CHECK (shipped >= 0),
        ADD COLUMN delivered INT NOT NULL DEFAULT 0 CHECK (delivered >= 0),
        ADD COLUMN in_return INT NOT NULL DEFAULT 0 CHECK (in_return >= 0),
        ADD COLUMN returned INT NOT NULL DEFAULT 0 CHECK (returned >= 0),
        ADD COLUMN refunded INT NOT NULL DEFAULT 0 CHECK (refunded >= 0),
        ADD COLUMN restocked INT NOT NULL DEFAULT 0 CHECK (restocked >= 0),
        ADD CONSTRAINT orders_line_sent CHECK (shipped + cancelled <= quantity),
        ADD CONSTRAINT orders_line_delivered CHECK (delivered <= shipped),
        ADD CONSTRAINT orders_line_in_return CHECK (returned <= in_return AND in_return <= shipped),
        ADD CONSTRAINT orders_line_refunded CHECK (refunded <= quantity),
        ADD CONSTRAINT orders_line_restocked CHECK (restocked <= quantity);

    ALTER TABLE orders_event
        ADD COLUMN actor_kind TEXT NOT NULL DEFAULT 'system' CHECK (actor_kind IN ('customer', 'staff', 'api_key', 'system')),
        ADD COLUMN actor_id UUID,
        ADD COLUMN data JSONB;

    CREATE TABLE orders_fulfilment (
        id UUID PRIMARY KEY,
        order_id UUID NOT NULL REFERENCES orders_order (id) ON DELETE CASCADE,
        status TEXT NOT NULL CHECK (status IN ('pending', 'shipped', 'delivered', 'cancelled')),
        carrier TEXT,
        tracking_number TEXT,
        tracking_url TEXT,
        created_at TIMESTAMPTZ NOT NULL,
        shipped_at TIMESTAMPTZ,
        delivered_at TIMESTAMPTZ,
        CONSTRAINT orders_fulfilment_times CHECK (status NOT IN ('shipped', 'delivered') OR shipped_at IS NOT NULL),
        CONSTRAINT orders_fulfilment_delivered CHECK (status <> 'delivered' OR delivered_at IS NOT NULL)
    );
    CREATE INDEX orders_fulfilment_of_order ON orders_fulfilment (order_id, id);

    CREATE TABLE orders_fulfilment_line (
        fulfilment_id UUID NOT NULL REFERENCES orders_fulfilment (id) ON DELETE CASCADE,
        line_id UUID NOT NULL REFERENCES orders_line (id) ON DELETE CASCADE,
        quantity INT NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (fulfilment_id, line_id)
    );
    CREATE INDEX orders_fulfilment_line_of_line ON orders_fulfilment_line (line_id);

    CREATE TABLE orders_return (
        id UUID PRIMARY KEY,
        order_id UUID NOT NULL REFERENCES orders_order (id) ON DELETE CASCADE,
        status TEXT NOT NULL CHECK (status IN ('requested', 'approved', 'rejected', 'received')),
        wish TEXT NOT NULL CHECK (wish IN ('refund', 'exchange')),
        reason TEXT NOT NULL,
        note TEXT,
        answer TEXT,
        requested_at TIMESTAMPTZ NOT NULL,
        decided_at TIMESTAMPTZ,
        received_at TIMESTAMPTZ
    );
    CREATE INDEX orders_return_of_order ON orders_return (order_id, id);
    CREATE INDEX orders_return_newest ON orders_return (id DESC);

    CREATE TABLE orders_return_line (
        return_id UUID NOT NULL REFERENCES orders_return (id) ON DELETE CASCADE,
        line_id UUID NOT NULL REFERENCES orders_line (id) ON DELETE CASCADE,
        quantity INT NOT NULL CHECK (quantity > 0),
        resellable INT NOT NULL DEFAULT 0 CHECK (resellable >= 0),
        damaged INT NOT NULL DEFAULT 0 CHECK (damaged >= 0),
        PRIMARY KEY (return_id, line_id),
        CONSTRAINT orders_return_line_received CHECK (resellable + damaged <= quantity)
    );
    CREATE INDEX orders_return_line_of_line ON orders_return_line (line_id);

    CREATE TABLE orders_refund (
        id UUID PRIMARY KEY,
        order_id UUID NOT NULL REFERENCES orders_order (id) ON DELETE CASCADE,
        return_id UUID REFERENCES orders_return (id) ON DELETE SET NULL,
        kind TEXT NOT NULL CHECK (kind IN ('refund', 'cancellation', 'return', 'provider')),
        state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'succeeded', 'failed')),
        amount BIGINT NOT NULL CHECK (amount > 0),
        -- What of the amount is for shipping, and the tax in it.
        shipping BIGINT NOT NULL DEFAULT 0 CHECK (shipping >= 0),
        tax BIGINT NOT NULL DEFAULT 0 CHECK (tax >= 0),
        reason TEXT,
        created_at TIMESTAMPTZ NOT NULL,
        settled_at TIMESTAMPTZ,
        CONSTRAINT orders_refund_settled CHECK ((state = 'pending') = (settled_at IS NULL))
    );
    CREATE INDEX orders_refund_of_order ON orders_refund (order_id, id);
    CREATE INDEX orders_refund_pending ON orders_refund (created_at) WHERE state = 'pending';

    CREATE TABLE orders_refund_line (
        refund_id UUID NOT NULL REFERENCES orders_refund (id) ON DELETE CASCADE,
        line_id UUID NOT NULL REFERENCES orders_line (id) ON DELETE CASCADE,
        quantity INT NOT NULL CHECK (quantity > 0),
        -- What the pieces cost with their tax, without shipping.
        amount BIGINT NOT NULL CHECK (amount >= 0),
        PRIMARY KEY (refund_id, line_id)
    );
    CREATE INDEX orders_refund_line_of_line ON orders_refund_line (line_id);

    -- The last number given in a series; its row is locked until the document that got the number is committed.
    CREATE TABLE orders_series (
        kind TEXT NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
        year INT NOT NULL,
        last_serial BIGINT NOT NULL CHECK (last_serial > 0),
        PRIMARY KEY (kind, year)
    );

    CREATE TABLE orders_document (
        id UUID PRIMARY KEY,
        order_id UUID NOT NULL REFERENCES orders_order (id),
        refund_id UUID REFERENCES orders_refund (id),
        kind TEXT NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
        year INT NOT NULL,
        serial BIGINT NOT NULL CHECK (serial > 0),
        number TEXT NOT NULL UNIQUE,
        issued_at TIMESTAMPTZ NOT NULL,
        locale TEXT NOT NULL,
        -- Who sold, as the settings had it on that day.
        seller JSONB NOT NULL,
        UNIQUE (kind, year, serial),
        CONSTRAINT orders_document_of CHECK ((kind = 'credit_note') = (refund_id IS NOT NULL))
    );
    CREATE UNIQUE INDEX orders_document_invoice ON orders_document (order_id) WHERE kind = 'invoice';
    CREATE UNIQUE INDEX orders_document_refund ON orders_document (refund_id) WHERE kind = 'credit_note';
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE orders_document;
    DROP TABLE orders_series;
    DROP TABLE orders_refund_line;
    DROP TABLE orders_refund;
    DROP TABLE orders_return_line;
    DROP TABLE orders_return;
    DROP TABLE orders_fulfilment_line;
    DROP TABLE orders_fulfilment;
    ALTER TABLE orders_event DROP COLUMN actor_kind, DROP COLUMN actor_id, DROP COLUMN data;
    ALTER TABLE orders_line
        DROP COLUMN cancelled, DROP COLUMN shipped, DROP COLUMN delivered, DROP COLUMN in_return, DROP COLUMN returned,
        DROP COLUMN refunded, DROP COLUMN restocked;
    ALTER TABLE orders_order DROP COLUMN cart_id;
    """
