"""A provider's second name for a payment, what staff have agreed with a buyer, and whether a payment was opened."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
OLDEST = "0.1"


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- Stripe tells of a Checkout Session's money under the PaymentIntent behind it.
    ALTER TABLE checkout_payment ADD COLUMN alias TEXT;
    CREATE UNIQUE INDEX checkout_payment_alias ON checkout_payment (provider, alias) WHERE alias IS NOT NULL;

    -- Lines, prices and shipping that staff have agreed with a buyer: such a checkout has no cart.
    ALTER TABLE checkout_checkout ADD COLUMN draft JSONB CHECK (pg_column_size(draft) <= 65536);
    CREATE INDEX checkout_checkout_drafts ON checkout_checkout (id) WHERE draft IS NOT NULL;

    -- False until a payment was ever opened: then there is none to look for, under the checkout's lock. Kept by the
    -- database, so that processes of the version before, which do not know of it, keep it too.
    ALTER TABLE checkout_checkout ADD COLUMN has_payment BOOLEAN NOT NULL DEFAULT true;
    CREATE FUNCTION checkout_note_payment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE checkout_checkout SET has_payment = true WHERE id = NEW.checkout_id AND NOT has_payment;
        RETURN NULL;
    END $$;
    CREATE TRIGGER checkout_payment_noted AFTER INSERT ON checkout_payment
        FOR EACH ROW EXECUTE FUNCTION checkout_note_payment();
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TRIGGER checkout_payment_noted ON checkout_payment;
    DROP FUNCTION checkout_note_payment;
    DROP INDEX checkout_checkout_drafts;
    ALTER TABLE checkout_checkout DROP COLUMN draft, DROP COLUMN has_payment;
    DROP INDEX checkout_payment_alias;
    ALTER TABLE checkout_payment DROP COLUMN alias;
    """
