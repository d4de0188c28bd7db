"""Imports that go on where they were, rehearsals with what they would change, rows as given, pictures by address."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE catalog_import ADD COLUMN source TEXT NOT NULL DEFAULT 'upload'
        CONSTRAINT catalog_import_source CHECK (source IN ('upload', 'command'));
    -- The hash of a file at the command line with its map: by it the same file goes on where it was.
    ALTER TABLE catalog_import ADD COLUMN fingerprint TEXT;
    ALTER TABLE catalog_import ADD COLUMN is_dry_run BOOLEAN NOT NULL DEFAULT false;
    CREATE INDEX catalog_import_fingerprint ON catalog_import (fingerprint, id) WHERE fingerprint IS NOT NULL;
    CREATE UNIQUE INDEX catalog_import_open ON catalog_import (fingerprint) WHERE state = 'running';

    ALTER TABLE catalog_import_error ADD COLUMN column_name TEXT;
    ALTER TABLE catalog_import_error ADD COLUMN given TEXT;

    CREATE TABLE catalog_import_change (
        id UUID PRIMARY KEY,
        import_id UUID NOT NULL REFERENCES catalog_import ON DELETE CASCADE,
        line BIGINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('created', 'changed')),
        sku TEXT NOT NULL,
        name TEXT NOT NULL,
        -- A list of field, before, after.
        changes JSONB NOT NULL CHECK (jsonb_typeof(changes) = 'array')
    );
    CREATE INDEX catalog_import_change_line ON catalog_import_change (import_id, line, id);

    -- Where a picture was fetched from, so that an unchanged product does not fetch it again.
    ALTER TABLE catalog_media ADD COLUMN source_url TEXT;
    CREATE TABLE catalog_import_image (
        id UUID PRIMARY KEY,
        import_id UUID NOT NULL REFERENCES catalog_import ON DELETE CASCADE,
        product_id UUID NOT NULL REFERENCES catalog_product ON DELETE CASCADE,
        line BIGINT NOT NULL,
        url TEXT NOT NULL,
        alt TEXT NOT NULL,
        attempts INT NOT NULL DEFAULT 0,
        not_before TIMESTAMPTZ NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed'))
    );
    CREATE INDEX catalog_import_image_waiting ON catalog_import_image (import_id, id) WHERE state = 'waiting';
    CREATE INDEX catalog_import_image_product ON catalog_import_image (product_id);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE catalog_import_image;
    ALTER TABLE catalog_media DROP COLUMN source_url;
    DROP TABLE catalog_import_change;
    ALTER TABLE catalog_import_error DROP COLUMN given;
    ALTER TABLE catalog_import_error DROP COLUMN column_name;
    DROP INDEX catalog_import_open;
    DROP INDEX catalog_import_fingerprint;
    ALTER TABLE catalog_import DROP COLUMN is_dry_run;
    ALTER TABLE catalog_import DROP COLUMN fingerprint;
    ALTER TABLE catalog_import DROP COLUMN source;
    """
