"""Brands, the category tree, products with variants, stock with its ledger, and the documents that lists are read from."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE catalog_brand (
        id UUID PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now()
    );

    CREATE TABLE catalog_category (
        id UUID PRIMARY KEY,
        parent_id UUID REFERENCES catalog_category (id),
        slug TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        -- The slugs from the root down to this one.
        path TEXT[] NOT NULL CHECK (cardinality(path) BETWEEN 1 AND 16 AND path[cardinality(path)] = slug),
        position INT NOT NULL DEFAULT 0,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now()
    );
    CREATE UNIQUE INDEX catalog_category_name ON catalog_category (parent_id, lower(name)) NULLS NOT DISTINCT;

    CREATE TABLE catalog_attribute (
        id UUID PRIMARY KEY,
        code TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        type TEXT NOT NULL CHECK (type IN ('text', 'number', 'boolean', 'list')),
        unit TEXT,
        group_name TEXT,
        is_filterable BOOLEAN NOT NULL DEFAULT true,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now()
    );

    CREATE TABLE catalog_product (
        id UUID PRIMARY KEY,
        name TEXT NOT NULL,
        slug TEXT NOT NULL UNIQUE,
        description TEXT NOT NULL DEFAULT '',
        brand_id UUID REFERENCES catalog_brand (id),
        category_id UUID REFERENCES catalog_category (id),
        product_type TEXT,
        attributes JSONB NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
        status TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published', 'archived')),
        publish_at TIMESTAMPTZ,
        seo_title TEXT,
        seo_description TEXT,
        rating NUMERIC(3, 2) CHECK (rating BETWEEN 0 AND 5),
        review_count INT NOT NULL DEFAULT 0 CHECK (review_count >= 0),
        popularity BIGINT NOT NULL DEFAULT 0 CHECK (popularity >= 0),
        version INT NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX catalog_product_brand ON catalog_product (brand_id);
    CREATE INDEX catalog_product_category ON catalog_product (category_id);
    CREATE INDEX catalog_product_created ON catalog_product (created_at, id);

    CREATE TABLE catalog_slug_history (
        slug TEXT PRIMARY KEY,
        product_id UUID NOT NULL REFERENCES catalog_product (id) ON DELETE CASCADE,
        retired_at TIMESTAMPTZ NOT NULL DEFAULT now()
    );
    CREATE INDEX catalog_slug_history_product ON catalog_slug_history (product_id);

    CREATE TABLE catalog_variant (
        id UUID PRIMARY KEY,
        product_id UUID NOT NULL REFERENCES catalog_product (id) ON DELETE CASCADE,
        sku TEXT NOT NULL UNIQUE,
        options JSONB NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(options) = 'object'),
        price_amount BIGINT NOT NULL CHECK (price_amount >= 0),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        compare_at_amount BIGINT CHECK (compare_at_amount >= 0),
        weight_g INT CHECK (weight_g >= 0),
        barcode TEXT,
        position INT NOT NULL DEFAULT 0,
        tax_class TEXT NOT NULL DEFAULT 'standard',
        is_active BOOLEAN NOT NULL DEFAULT true,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX catalog_variant_product ON catalog_variant (product_id, position);

    CREATE TABLE catalog_stock (
        variant_id UUID PRIMARY KEY REFERENCES catalog_variant (id) ON DELETE CASCADE,
        on_hand INT NOT NULL DEFAULT 0 CHECK (on_hand >= 0),
        reserved INT NOT NULL DEFAULT 0 CHECK (reserved >= 0),
        CONSTRAINT catalog_stock_covers_holds CHECK (reserved <= on_hand)
    ) WITH (fillfactor = 70);

    CREATE TABLE catalog_stock_hold (
        holder UUID NOT NULL,
        variant_id UUID NOT NULL REFERENCES catalog_stock (variant_id) ON DELETE CASCADE,
        quantity INT NOT NULL CHECK (quantity > 0),
        expires_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (holder, variant_id)
    );
    CREATE INDEX catalog_stock_hold_expires ON catalog_stock_hold (expires_at);
    CREATE INDEX catalog_stock_hold_variant ON catalog_stock_hold (variant_id, expires_at);

    CREATE TABLE catalog_stock_movement (
        id UUID PRIMARY KEY,
        variant_id UUID NOT NULL REFERENCES catalog_variant (id) ON DELETE CASCADE,
        change INT NOT NULL CHECK (change <> 0),
        reason TEXT NOT NULL,
        reference TEXT,
        actor TEXT,
        at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX catalog_stock_movement_variant ON catalog_stock_movement (variant_id, id);
    CREATE INDEX catalog_stock_movement_sales ON catalog_stock_movement (at) WHERE reason = 'sale';

    CREATE TABLE catalog_media (
        id UUID PRIMARY KEY,
        product_id UUID NOT NULL REFERENCES catalog_product (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        alt TEXT NOT NULL DEFAULT '',
        position INT NOT NULL DEFAULT 0,
        width INT NOT NULL CHECK (width > 0),
        height INT NOT NULL CHECK (height > 0)
    );
    CREATE INDEX catalog_media_product ON catalog_media (product_id, position);

    -- What lists and pages are read from: columns to filter and sort by, and ready JSON. The wide columns live in
    -- TOAST (toast_tuple_target), so that filtering and counting read few pages.
    CREATE TABLE catalog_product_document (
        product_id UUID PRIMARY KEY REFERENCES catalog_product (id) ON DELETE CASCADE,
        slug TEXT NOT NULL UNIQUE,
        -- Shown from this time on: the year 1 for published ones, 9999 for drafts and archived ones.
        listed_from TIMESTAMPTZ NOT NULL,
        name_key TEXT COLLATE "C" NOT NULL,
        price_amount BIGINT,
        on_sale BOOLEAN NOT NULL,
        in_stock BOOLEAN NOT NULL,
        rating NUMERIC(3, 2) NOT NULL,
        popularity BIGINT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        brand_slug TEXT,
        category_slug TEXT,
        category_path TEXT[] NOT NULL,
        -- "code=value" for each filterable attribute, folded.
        attribute_values TEXT[] NOT NULL,
        image_key TEXT,
        -- The variants that are sold, in the order of their availability marks in `page`.
        variant_ids UUID[] NOT NULL,
        title TSVECTOR NOT NULL,
        search TSVECTOR NOT NULL,
        card TEXT NOT NULL,
        page TEXT NOT NULL
    ) WITH (toast_tuple_target = 512);
    ALTER TABLE catalog_product_document ALTER COLUMN card SET STORAGE EXTERNAL;
    CREATE INDEX catalog_document_created ON catalog_product_document (created_at, product_id) INCLUDE (listed_from);
    CREATE INDEX catalog_document_price ON catalog_product_document (price_amount, product_id) INCLUDE (listed_from);
    CREATE INDEX catalog_document_name ON catalog_product_document (name_key, product_id) INCLUDE (listed_from);
    CREATE INDEX catalog_document_rating ON catalog_product_document (rating, product_id) INCLUDE (listed_from);
    CREATE INDEX catalog_document_popularity ON catalog_product_document (popularity, product_id) INCLUDE (listed_from);
    CREATE INDEX catalog_document_category ON catalog_product_document (category_slug, popularity, product_id);
    CREATE INDEX catalog_document_brand ON catalog_product_document (brand_slug, popularity, product_id);
    CREATE INDEX catalog_document_path ON catalog_product_document USING gin (category_path);
    CREATE INDEX catalog_document_attributes ON catalog_product_document USING gin (attribute_values);
    CREATE INDEX catalog_document_search ON catalog_product_document USING gin (search);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE catalog_product_document;
    DROP TABLE catalog_media;
    DROP TABLE catalog_stock_movement;
    DROP TABLE catalog_stock_hold;
    DROP TABLE catalog_stock;
    DROP TABLE catalog_variant;
    DROP TABLE catalog_slug_history;
    DROP TABLE catalog_product;
    DROP TABLE catalog_attribute;
    DROP TABLE catalog_category;
    DROP TABLE catalog_brand;
    """
