"""Of a product's variants no two have the same options; no two variants have one barcode; pictures of a variant."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- What may not stand twice, as it is compared. Null where there is nothing to compare, and on rows that were
    -- twins already: they stay as they are until they are changed.
    ALTER TABLE catalog_variant ADD COLUMN options_key TEXT;
    ALTER TABLE catalog_variant ADD COLUMN barcode_key TEXT;
    UPDATE catalog_variant v SET options_key = CASE WHEN k.nth = 1 THEN k.key END
    FROM (
        SELECT id, md5(lower(options::text)) AS key,
            row_number() OVER (PARTITION BY product_id, lower(options::text) ORDER BY is_active DESC, position, id) AS nth
        FROM catalog_variant WHERE options <> '{}') k
    WHERE k.id = v.id;
    UPDATE catalog_variant v SET barcode_key = CASE WHEN k.nth = 1 THEN k.key END
    FROM (
        SELECT id, upper(replace(barcode, ' ', '')) AS key,
            row_number() OVER (PARTITION BY upper(replace(barcode, ' ', '')) ORDER BY is_active DESC, id) AS nth
        FROM catalog_variant WHERE barcode IS NOT NULL) k
    WHERE k.id = v.id;
    CREATE UNIQUE INDEX catalog_variant_options ON catalog_variant (product_id, options_key) WHERE is_active;
    CREATE UNIQUE INDEX catalog_variant_barcode ON catalog_variant (barcode_key);

    CREATE TABLE catalog_variant_media (
        variant_id UUID NOT NULL REFERENCES catalog_variant (id) ON DELETE CASCADE,
        media_id UUID NOT NULL REFERENCES catalog_media (id) ON DELETE CASCADE,
        position INT NOT NULL DEFAULT 0,
        PRIMARY KEY (variant_id, media_id)
    );
    CREATE INDEX catalog_variant_media_media ON catalog_variant_media (media_id);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE catalog_variant_media;
    DROP INDEX catalog_variant_barcode;
    DROP INDEX catalog_variant_options;
    ALTER TABLE catalog_variant DROP COLUMN barcode_key;
    ALTER TABLE catalog_variant DROP COLUMN options_key;
    """
