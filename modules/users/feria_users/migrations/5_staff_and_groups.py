"""Staff who are invited, staff who act for a customer, groups of customers."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- The code of a customer group, which price lists and promotions may name.
    ALTER TABLE users_account ADD COLUMN customer_group TEXT CHECK (length(customer_group) BETWEEN 1 AND 100);
    CREATE INDEX users_account_group ON users_account (customer_group, id DESC) WHERE customer_group IS NOT NULL;
    -- Staff look people up by the beginning of an address or of the words of a name.
    CREATE INDEX users_account_email_prefix ON users_account (email_normalized text_pattern_ops);
    CREATE INDEX users_account_name_words ON users_account USING gin (to_tsvector('simple', name));

    ALTER TABLE users_role DROP CONSTRAINT users_role_name_check;
    ALTER TABLE users_role ADD CONSTRAINT users_role_name_check CHECK (length(name) BETWEEN 1 AND 60);

    ALTER TABLE users_one_time_token DROP CONSTRAINT users_one_time_token_purpose_check;
    ALTER TABLE users_one_time_token ADD CONSTRAINT users_one_time_token_purpose_check
        CHECK (purpose IN ('verify_email', 'reset_password', 'change_email', 'invite_staff'));

    -- Of a session in which staff act for the customer: whose it is in truth, and the session that it hangs on.
    ALTER TABLE users_session ADD COLUMN acting_staff_id UUID REFERENCES users_account (id) ON DELETE CASCADE;
    ALTER TABLE users_session ADD COLUMN acting_session_id UUID REFERENCES users_session (id) ON DELETE CASCADE;
    ALTER TABLE users_session ADD CONSTRAINT users_session_acting
        CHECK ((acting_staff_id IS NULL) = (acting_session_id IS NULL) AND acting_staff_id <> account_id);
    CREATE INDEX users_session_acting_session ON users_session (acting_session_id) WHERE acting_session_id IS NOT NULL;
    CREATE INDEX users_session_acting_staff ON users_session (acting_staff_id) WHERE acting_staff_id IS NOT NULL;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DELETE FROM users_session WHERE acting_staff_id IS NOT NULL;
    ALTER TABLE users_session DROP CONSTRAINT users_session_acting;
    ALTER TABLE users_session DROP COLUMN acting_session_id;
    ALTER TABLE users_session DROP COLUMN acting_staff_id;
    DELETE FROM users_one_time_token WHERE purpose = 'invite_staff';
    ALTER TABLE users_one_time_token DROP CONSTRAINT users_one_time_token_purpose_check;
    ALTER TABLE users_one_time_token ADD CONSTRAINT users_one_time_token_purpose_check
        CHECK (purpose IN ('verify_email', 'reset_password', 'change_email'));
    ALTER TABLE users_role DROP CONSTRAINT users_role_name_check;
    ALTER TABLE users_role ADD CONSTRAINT users_role_name_check CHECK (name ~ '^[a-z][a-z0-9_-]{0,39}$') NOT VALID;
    DROP INDEX users_account_name_words;
    DROP INDEX users_account_email_prefix;
    DROP INDEX users_account_group;
    ALTER TABLE users_account DROP COLUMN customer_group;
    """
