"""Products that end: taken off the shop at a time, without a job."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE catalog_product ADD COLUMN unpublish_at TIMESTAMPTZ;
    -- Shown until this time, itself excluded.
    ALTER TABLE catalog_product_document ADD COLUMN listed_until TIMESTAMPTZ NOT NULL DEFAULT 'infinity';
    ALTER TABLE catalog_facet ADD COLUMN listed_until TIMESTAMPTZ NOT NULL DEFAULT 'infinity';
    -- The next moment at which what is shown changes by itself bounds the life of every kept answer.
    CREATE INDEX catalog_document_listed_from ON catalog_product_document (listed_from);
    CREATE INDEX catalog_document_listed_until ON catalog_product_document (listed_until);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP INDEX catalog_document_listed_until;
    DROP INDEX catalog_document_listed_from;
    ALTER TABLE catalog_facet DROP COLUMN listed_until;
    ALTER TABLE catalog_product_document DROP COLUMN listed_until;
    ALTER TABLE catalog_product DROP COLUMN unpublish_at;
    """
