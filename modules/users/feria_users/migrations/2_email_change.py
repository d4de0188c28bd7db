"""Links that change an address, addresses that accounts had before, and a normal form that keeps mailboxes apart."""

import unicodedata

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    await _keep_mailboxes_apart(db)
    return """
    ALTER TABLE users_one_time_token DROP CONSTRAINT users_one_time_token_purpose_check;
    ALTER TABLE users_one_time_token ADD CONSTRAINT users_one_time_token_purpose_check
        CHECK (purpose IN ('verify_email', 'reset_password', 'change_email'));
    -- Of a change: the address that the link was sent to, which it puts in force.
    ALTER TABLE users_one_time_token ADD COLUMN new_email TEXT CHECK (length(new_email) <= 254);
    ALTER TABLE users_one_time_token ADD COLUMN new_email_normalized TEXT CHECK (length(new_email_normalized) <= 254);
    ALTER TABLE users_one_time_token ADD CONSTRAINT users_one_time_token_new_email
        CHECK ((purpose = 'change_email') = (new_email IS NOT NULL AND new_email_normalized IS NOT NULL));

    CREATE TABLE users_past_email (
        id UUID PRIMARY KEY,
        account_id UUID NOT NULL REFERENCES users_account (id) ON DELETE CASCADE,
        email TEXT NOT NULL CHECK (length(email) <= 254),
        email_normalized TEXT NOT NULL CHECK (length(email_normalized) <= 254),
        -- What was stored under the address before this moment is its former owner's.
        until TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX users_past_email_account ON users_past_email (account_id);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE users_past_email;
    DELETE FROM users_one_time_token WHERE purpose = 'change_email';
    ALTER TABLE users_one_time_token DROP CONSTRAINT users_one_time_token_new_email;
    ALTER TABLE users_one_time_token DROP COLUMN new_email_normalized;
    ALTER TABLE users_one_time_token DROP COLUMN new_email;
    ALTER TABLE users_one_time_token DROP CONSTRAINT users_one_time_token_purpose_check;
    ALTER TABLE users_one_time_token ADD CONSTRAINT users_one_time_token_purpose_check
        CHECK (purpose IN ('verify_email', 'reset_password'));
    """


async def _keep_mailboxes_apart(db: BaseDBAsyncClient) -> None:
    """Rewrite normal forms that were case-folded (which made one of ss and sharp s) in lower case."""
    rows = await db.execute_query_dict(
        "SELECT id, email, email_normalized FROM users_account WHERE email !~ '^[\\x01-\\x7f]*$'"
    )
    for row in rows:
        local, _, _ = unicodedata.normalize("NFKC", row["email"]).rpartition("@")
        _, _, host = row["email_normalized"].rpartition("@")
        await db.execute_query(
            "UPDATE users_account SET email_normalized = $2 WHERE id = $1", [row["id"], f"{_lower(local)}@{host}"]
        )


def _lower(local: str) -> str:
    form = unicodedata.normalize("NFKC", local)
    while (lower := unicodedata.normalize("NFKC", form.lower())) != form:
        form = lower
    return form
