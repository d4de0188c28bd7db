"""The second name that a provider has for a payment, and what staff have agreed with a buyer before he pays."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- Stripe tells of a Checkout Session's money under the PaymentIntent behind it.
    ALTER TABLE checkout_payment ADD COLUMN alias TEXT;
    CREATE UNIQUE INDEX checkout_payment_alias ON checkout_payment (provider, alias) WHERE alias IS NOT NULL;

    -- Lines, prices and shipping that staff have agreed with a buyer: such a checkout has no cart.
    ALTER TABLE checkout_checkout ADD COLUMN draft JSONB CHECK (pg_column_size(draft) <= 65536);
    CREATE INDEX checkout_checkout_drafts ON checkout_checkout (id) WHERE draft IS NOT NULL;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP INDEX checkout_checkout_drafts;
    ALTER TABLE checkout_checkout DROP COLUMN draft;
    DROP INDEX checkout_payment_alias;
    ALTER TABLE checkout_payment DROP COLUMN alias;
    """
