"""Old slugs of categories and brands, and their versions."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE catalog_category ADD COLUMN version INT NOT NULL DEFAULT 1;
    ALTER TABLE catalog_brand ADD COLUMN version INT NOT NULL DEFAULT 1;
    -- An old slug leads to the thing, not to its next slug: however often it is renamed, there is one step.
    CREATE TABLE catalog_category_slug (
        slug TEXT PRIMARY KEY,
        category_id UUID NOT NULL REFERENCES catalog_category (id) ON DELETE CASCADE,
        retired_at TIMESTAMPTZ NOT NULL DEFAULT now()
    );
    CREATE INDEX catalog_category_slug_category ON catalog_category_slug (category_id);
    CREATE TABLE catalog_brand_slug (
        slug TEXT PRIMARY KEY,
        brand_id UUID NOT NULL REFERENCES catalog_brand (id) ON DELETE CASCADE,
        retired_at TIMESTAMPTZ NOT NULL DEFAULT now()
    );
    CREATE INDEX catalog_brand_slug_brand ON catalog_brand_slug (brand_id);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE catalog_brand_slug;
    DROP TABLE catalog_category_slug;
    ALTER TABLE catalog_brand DROP COLUMN version;
    ALTER TABLE catalog_category DROP COLUMN version;
    """
