"""Who wants to be reminded of a cart, who was, and what came of it."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- A customer's holds for every cart, a guest's for the one in which the address was left.
    CREATE TABLE cart_consent (
        id UUID PRIMARY KEY,
        customer_id UUID UNIQUE,
        cart_id UUID UNIQUE REFERENCES cart_cart (id) ON DELETE CASCADE,
        email TEXT CHECK (length(email) BETWEEN 3 AND 254),
        locale TEXT NOT NULL,
        given_at TIMESTAMPTZ NOT NULL,
        CHECK ((customer_id IS NULL) <> (cart_id IS NULL)),
        CHECK ((cart_id IS NULL) = (email IS NULL))
    );
    -- Addresses that want no reminders, as keyed hashes; nobody can be written to as a guest under one of them.
    CREATE TABLE cart_optout (
        address_key BYTEA PRIMARY KEY CHECK (octet_length(address_key) = 32),
        at TIMESTAMPTZ NOT NULL
    );
    -- One for each cart that was reminded of; it outlives the cart, for the report.
    CREATE TABLE cart_reminder (
        cart_id UUID PRIMARY KEY,
        customer_id UUID,
        sent SMALLINT NOT NULL CHECK (sent BETWEEN 0 AND 3),
        value_amount BIGINT NOT NULL CHECK (value_amount >= 0),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        first_at TIMESTAMPTZ NOT NULL,
        last_at TIMESTAMPTZ NOT NULL,
        visited_at TIMESTAMPTZ,
        stopped TEXT CHECK (stopped IN ('ordered', 'opted_out', 'no_address', 'not_sold')),
        order_id UUID,
        order_number TEXT,
        revenue_amount BIGINT CHECK (revenue_amount >= 0),
        recovered_by TEXT CHECK (recovered_by IN ('link', 'cart')),
        recovered_at TIMESTAMPTZ,
        CHECK ((recovered_at IS NULL) = (revenue_amount IS NULL)),
        CHECK ((recovered_at IS NULL) = (recovered_by IS NULL))
    );
    CREATE INDEX cart_reminder_first ON cart_reminder (first_at);
    CREATE INDEX cart_reminder_order ON cart_reminder (order_id) WHERE order_id IS NOT NULL;
    CREATE INDEX cart_reminder_customer ON cart_reminder (customer_id) WHERE customer_id IS NOT NULL;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE cart_reminder;
    DROP TABLE cart_optout;
    DROP TABLE cart_consent;
    """
