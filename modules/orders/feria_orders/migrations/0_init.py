"""The tables of orders."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE orders_order (
        id UUID PRIMARY KEY,
        number TEXT NOT NULL UNIQUE,
        -- Other modules' ids: no foreign keys, an erased customer's orders stay.
        checkout_id UUID NOT NULL UNIQUE,
        customer_id UUID,
        email TEXT NOT NULL,
        locale TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'open', 'completed', 'cancelled')),
        payment_status TEXT NOT NULL DEFAULT 'pending' CHECK (payment_status IN
            ('pending', 'authorized', 'paid', 'partially_refunded', 'refunded', 'failed')),
        fulfilment_status TEXT NOT NULL DEFAULT 'unfulfilled' CHECK (fulfilment_status IN
            ('unfulfilled', 'partial', 'fulfilled', 'returned')),
        payment_provider TEXT,
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        subtotal BIGINT NOT NULL CHECK (subtotal >= 0),
        discount_total BIGINT NOT NULL CHECK (discount_total >= 0),
        shipping_total BIGINT NOT NULL CHECK (shipping_total >= 0),
        tax_total BIGINT NOT NULL CHECK (tax_total >= 0),
        grand_total BIGINT NOT NULL CHECK (grand_total >= 0),
        refunded_total BIGINT NOT NULL DEFAULT 0,
        tax_lines JSONB NOT NULL,
        tax_included BOOLEAN NOT NULL,
        shipping_address JSONB,
        billing_address JSONB,
        shipping_method TEXT,
        shipping_label TEXT,
        codes JSONB NOT NULL,
        note TEXT,
        staff_note TEXT,
        placed_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        -- Tax that the prices include is shown, not added.
        CONSTRAINT orders_order_total CHECK (grand_total = subtotal - discount_total + shipping_total
            + CASE WHEN tax_included THEN 0 ELSE tax_total END),
        CONSTRAINT orders_order_refunded CHECK (refunded_total BETWEEN 0 AND grand_total),
        CONSTRAINT orders_order_placed_at CHECK ((state = 'draft') = (placed_at IS NULL))
    );
    CREATE INDEX orders_order_of_customer ON orders_order (customer_id, placed_at DESC, id DESC)
        WHERE state <> 'draft';
    CREATE INDEX orders_order_newest ON orders_order (placed_at DESC, id DESC) WHERE state <> 'draft';
    CREATE INDEX orders_order_drafts ON orders_order (updated_at) WHERE state = 'draft';
    CREATE INDEX orders_order_email ON orders_order (lower(email));

    CREATE TABLE orders_line (
        id UUID PRIMARY KEY,
        order_id UUID NOT NULL REFERENCES orders_order (id) ON DELETE CASCADE,
        position INT NOT NULL,
        variant_id UUID NOT NULL,
        product_id UUID NOT NULL,
        sku TEXT NOT NULL,
        name TEXT NOT NULL,
        options JSONB NOT NULL,
        quantity INT NOT NULL CHECK (quantity > 0),
        unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
        discount BIGINT NOT NULL CHECK (discount >= 0),
        tax BIGINT NOT NULL CHECK (tax >= 0),
        total BIGINT NOT NULL CHECK (total >= 0),
        image_url TEXT,
        UNIQUE (order_id, position),
        CONSTRAINT orders_line_total CHECK (total = unit_price * quantity - discount)
    );
    CREATE INDEX orders_line_product ON orders_line (product_id);

    CREATE TABLE orders_event (
        id UUID PRIMARY KEY,
        -- Two things of one moment (placed, paid) keep their order.
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        order_id UUID NOT NULL REFERENCES orders_order (id) ON DELETE CASCADE,
        at TIMESTAMPTZ NOT NULL,
        kind TEXT NOT NULL,
        message TEXT,
        public BOOLEAN NOT NULL
    );
    CREATE INDEX orders_event_of_order ON orders_event (order_id, at, seq);

    CREATE TABLE orders_guest_token (
        id UUID PRIMARY KEY,
        order_id UUID NOT NULL REFERENCES orders_order (id) ON DELETE CASCADE,
        hash BYTEA NOT NULL UNIQUE,
        expires_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX orders_guest_token_of_order ON orders_guest_token (order_id);
    CREATE INDEX orders_guest_token_expires ON orders_guest_token (expires_at);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE orders_guest_token;
    DROP TABLE orders_event;
    DROP TABLE orders_line;
    DROP TABLE orders_order;
    """
