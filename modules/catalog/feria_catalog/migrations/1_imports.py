"""Uploads of products: their progress, and what was wrong with their rows."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE catalog_import (
        id UUID PRIMARY KEY,
        state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed')),
        file TEXT NOT NULL,
        format TEXT NOT NULL CHECK (format IN ('csv', 'jsonl')),
        bytes_total BIGINT NOT NULL CHECK (bytes_total >= 0),
        bytes_done BIGINT NOT NULL DEFAULT 0,
        -- Rows of the file that are dealt with: a new attempt goes on after them.
        position BIGINT NOT NULL DEFAULT 0,
        created BIGINT NOT NULL DEFAULT 0,
        updated BIGINT NOT NULL DEFAULT 0,
        unchanged BIGINT NOT NULL DEFAULT 0,
        errors BIGINT NOT NULL DEFAULT 0,
        failure TEXT,
        created_by UUID,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        started_at TIMESTAMPTZ,
        finished_at TIMESTAMPTZ
    );

    CREATE TABLE catalog_import_error (
        id UUID PRIMARY KEY,
        import_id UUID NOT NULL REFERENCES catalog_import ON DELETE CASCADE,
        line BIGINT NOT NULL,
        code TEXT NOT NULL,
        message TEXT NOT NULL
    );
    CREATE INDEX catalog_import_error_line ON catalog_import_error (import_id, line);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE catalog_import_error;
    DROP TABLE catalog_import;
    """
