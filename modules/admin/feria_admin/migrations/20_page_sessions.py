"""The sessions of the staff's pages."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE admin_page_session (
        -- Of what the cookie holds, which is also the key to `sealed`: this table alone opens nothing.
        id_hash BYTEA PRIMARY KEY CHECK (length(id_hash) = 32),
        user_id UUID NOT NULL,
        sealed BYTEA NOT NULL,
        access_until TIMESTAMPTZ NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        used_at TIMESTAMPTZ NOT NULL,
        ends_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX admin_page_session_user ON admin_page_session (user_id);
    CREATE INDEX admin_page_session_ends ON admin_page_session (ends_at);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP TABLE admin_page_session;"
