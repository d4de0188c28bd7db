"""Acts on many things, and what came of each of them."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE admin_bulk (
        id UUID PRIMARY KEY,
        section TEXT NOT NULL,
        act TEXT NOT NULL,
        body JSONB NOT NULL,
        -- Filters of the section's list where the things are chosen by them, and how far the list was read.
        query JSONB,
        cursor TEXT,
        state TEXT NOT NULL CHECK (state IN ('choosing', 'running', 'done', 'cancelled')),
        reason TEXT,
        total INT NOT NULL DEFAULT 0 CHECK (total >= 0),
        done INT NOT NULL DEFAULT 0 CHECK (done >= 0),
        failed INT NOT NULL DEFAULT 0 CHECK (failed >= 0),
        skipped INT NOT NULL DEFAULT 0 CHECK (skipped >= 0),
        actor_kind TEXT NOT NULL,
        actor_id UUID,
        address TEXT,
        request_id TEXT,
        locale TEXT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        finished_at TIMESTAMPTZ,
        CONSTRAINT admin_bulk_counts CHECK (done + failed + skipped <= total),
        CONSTRAINT admin_bulk_finished CHECK ((state IN ('done', 'cancelled')) = (finished_at IS NOT NULL))
    );
    CREATE INDEX admin_bulk_finished_at ON admin_bulk (finished_at);
    CREATE TABLE admin_bulk_row (
        bulk_id UUID NOT NULL REFERENCES admin_bulk (id) ON DELETE CASCADE,
        position INT NOT NULL,
        key TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed', 'skipped')),
        code TEXT,
        reason TEXT,
        PRIMARY KEY (bulk_id, position),
        -- What a list gives twice, since it changed while it was read, is done once.
        UNIQUE (bulk_id, key)
    );
    CREATE INDEX admin_bulk_row_waiting ON admin_bulk_row (bulk_id, position) WHERE state = 'waiting';
    CREATE INDEX admin_bulk_row_failed ON admin_bulk_row (bulk_id, position) WHERE state = 'failed';
    CREATE INDEX admin_bulk_row_key ON admin_bulk_row (key);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP TABLE admin_bulk_row; DROP TABLE admin_bulk;"
