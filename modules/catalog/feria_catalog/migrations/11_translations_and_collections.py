"""Texts in the shop's other languages with the documents that show them; collections by hand and by rule."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- {"es": "Mesas"}: labels by locale; the name itself is in the shop's first language.
    ALTER TABLE catalog_category ADD COLUMN names JSONB NOT NULL DEFAULT '{}';
    ALTER TABLE catalog_brand ADD COLUMN names JSONB NOT NULL DEFAULT '{}';
    ALTER TABLE catalog_attribute ADD COLUMN names JSONB NOT NULL DEFAULT '{}';

    CREATE TABLE catalog_product_translation (
        product_id UUID NOT NULL REFERENCES catalog_product (id) ON DELETE CASCADE,
        locale TEXT NOT NULL,
        name TEXT,
        slug TEXT,
        description TEXT,
        seo_title TEXT,
        seo_description TEXT,
        PRIMARY KEY (product_id, locale)
    );
    CREATE UNIQUE INDEX catalog_product_translation_slug ON catalog_product_translation (slug, locale);

    -- Only for locales in which something of the product is translated: lists of the first language never look here.
    CREATE TABLE catalog_product_document_text (
        product_id UUID NOT NULL REFERENCES catalog_product_document (product_id) ON DELETE CASCADE,
        locale TEXT NOT NULL,
        slug TEXT NOT NULL,
        name_key TEXT COLLATE "C" NOT NULL,
        card TEXT NOT NULL,
        page TEXT NOT NULL,
        PRIMARY KEY (product_id, locale)
    );

    CREATE TABLE catalog_collection (
        id UUID PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        description TEXT NOT NULL DEFAULT '',
        -- Filters as lists take them; null for a collection by hand.
        rule JSONB CHECK (jsonb_typeof(rule) = 'object'),
        version INT NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now()
    );
    CREATE TABLE catalog_collection_product (
        collection_id UUID NOT NULL REFERENCES catalog_collection (id) ON DELETE CASCADE,
        product_id UUID NOT NULL REFERENCES catalog_product (id) ON DELETE CASCADE,
        position INT NOT NULL,
        PRIMARY KEY (collection_id, product_id)
    );
    CREATE INDEX catalog_collection_product_product ON catalog_collection_product (product_id);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE catalog_collection_product;
    DROP TABLE catalog_collection;
    DROP TABLE catalog_product_document_text;
    DROP TABLE catalog_product_translation;
    ALTER TABLE catalog_attribute DROP COLUMN names;
    ALTER TABLE catalog_brand DROP COLUMN names;
    ALTER TABLE catalog_category DROP COLUMN names;
    """
