"""What orders by rating go by; indexes that nobody reads any more."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- Null where whoever rates gives none: then the rating itself.
    ALTER TABLE catalog_product ADD COLUMN rating_rank NUMERIC(3, 2)
        CONSTRAINT catalog_product_rating_rank CHECK (rating_rank BETWEEN 0 AND 5);
    -- In hundredths.
    ALTER TABLE catalog_facet ADD COLUMN rating_rank INT NOT NULL DEFAULT 0;
    UPDATE catalog_facet SET rating_rank = rating WHERE rating <> 0;

    -- Filters, and orders by rating, are answered from the index of facets since 4_facets.
    DROP INDEX catalog_document_rating;
    DROP INDEX catalog_document_brand;
    DROP INDEX catalog_document_attributes;
    DROP INDEX catalog_document_search;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE INDEX catalog_document_search ON catalog_product_document USING gin (search);
    CREATE INDEX catalog_document_attributes ON catalog_product_document USING gin (attribute_values);
    CREATE INDEX catalog_document_brand ON catalog_product_document (brand_slug, popularity, product_id);
    CREATE INDEX catalog_document_rating ON catalog_product_document (rating, product_id) INCLUDE (listed_from);
    ALTER TABLE catalog_facet DROP COLUMN rating_rank;
    ALTER TABLE catalog_product DROP COLUMN rating_rank;
    """
