"""Files of pictures with who refers to them, and the point of a picture that no cut may lose."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE catalog_media
        -- Shares of width and height from the upper left corner.
        ADD COLUMN focal_x NUMERIC(4, 3) CHECK (focal_x BETWEEN 0 AND 1),
        ADD COLUMN focal_y NUMERIC(4, 3) CHECK (focal_y BETWEEN 0 AND 1),
        ADD CONSTRAINT catalog_media_focal_point CHECK ((focal_x IS NULL) = (focal_y IS NULL));
    CREATE INDEX catalog_media_key ON catalog_media (key);

    -- One row for each stored original. It is written before its file and deleted after it.
    CREATE TABLE catalog_media_file (
        key TEXT PRIMARY KEY,
        width INT NOT NULL CHECK (width > 0),
        height INT NOT NULL CHECK (height > 0),
        bytes BIGINT CHECK (bytes >= 0),
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        -- When it was last uploaded, taken into use or given up: files that nothing refers to go some time after.
        touched_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        -- Set while its files are being removed.
        doomed_at TIMESTAMPTZ
    );
    CREATE INDEX catalog_media_file_touched ON catalog_media_file (touched_at, key);

    -- What other modules show.
    CREATE TABLE catalog_media_use (
        holder TEXT NOT NULL,
        key TEXT NOT NULL REFERENCES catalog_media_file (key),
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        PRIMARY KEY (holder, key)
    );
    CREATE INDEX catalog_media_use_key ON catalog_media_use (key);

    INSERT INTO catalog_media_file (key, width, height)
    SELECT DISTINCT ON (key) key, width, height FROM catalog_media ORDER BY key;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE catalog_media_use;
    DROP TABLE catalog_media_file;
    DROP INDEX catalog_media_key;
    ALTER TABLE catalog_media DROP COLUMN focal_y, DROP COLUMN focal_x;
    """
