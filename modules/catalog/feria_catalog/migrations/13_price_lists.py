"""Price lists, the history of prices, custom fields."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE catalog_price_list (
        id UUID PRIMARY KEY,
        code TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        -- The window, its end excluded; null bounds nothing.
        starts_at TIMESTAMPTZ,
        ends_at TIMESTAMPTZ,
        -- Null for everybody.
        customer_group TEXT,
        min_quantity INT NOT NULL DEFAULT 1 CHECK (min_quantity >= 1),
        priority INT NOT NULL DEFAULT 0,
        is_active BOOLEAN NOT NULL DEFAULT true,
        version INT NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        CONSTRAINT catalog_price_list_window CHECK (ends_at > starts_at)
    );
    CREATE TABLE catalog_price_list_price (
        price_list_id UUID NOT NULL REFERENCES catalog_price_list (id) ON DELETE CASCADE,
        variant_id UUID NOT NULL REFERENCES catalog_variant (id) ON DELETE CASCADE,
        amount BIGINT NOT NULL CHECK (amount >= 0),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        PRIMARY KEY (price_list_id, variant_id)
    );
    CREATE INDEX catalog_price_list_price_variant ON catalog_price_list_price (variant_id);

    -- Each price that everybody saw, from `since` to the next one of the variant.
    CREATE TABLE catalog_price_history (
        variant_id UUID NOT NULL REFERENCES catalog_variant (id) ON DELETE CASCADE,
        since TIMESTAMPTZ NOT NULL,
        amount BIGINT NOT NULL,
        is_reduced BOOLEAN NOT NULL,
        PRIMARY KEY (variant_id, since)
    );
    -- What a variant costs now it has cost since it was last written, at least.
    INSERT INTO catalog_price_history (variant_id, since, amount, is_reduced)
    SELECT id, updated_at, price_amount, coalesce(compare_at_amount > price_amount, false) FROM catalog_variant;

    -- Until when the prices of the document hold; null where no list will change them.
    ALTER TABLE catalog_product_document ADD COLUMN price_until TIMESTAMPTZ;
    CREATE INDEX catalog_document_price_until ON catalog_product_document (price_until)
        WHERE price_until IS NOT NULL;

    CREATE TABLE catalog_custom_field (
        id UUID PRIMARY KEY,
        code TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        type TEXT NOT NULL CHECK (type IN ('text', 'int', 'decimal', 'bool', 'enum', 'multi', 'date')),
        allowed_values TEXT[] NOT NULL DEFAULT '{}',
        -- What has the field.
        object TEXT NOT NULL CHECK (object IN ('product', 'variant', 'category')),
        is_filterable BOOLEAN NOT NULL DEFAULT false,
        is_public BOOLEAN NOT NULL DEFAULT false,
        version INT NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        CONSTRAINT catalog_custom_field_filterable CHECK (is_public OR NOT is_filterable)
    );
    ALTER TABLE catalog_product ADD COLUMN custom_fields JSONB NOT NULL DEFAULT '{}'
        CONSTRAINT catalog_product_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object');
    ALTER TABLE catalog_variant ADD COLUMN custom_fields JSONB NOT NULL DEFAULT '{}'
        CONSTRAINT catalog_variant_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object');
    ALTER TABLE catalog_category ADD COLUMN custom_fields JSONB NOT NULL DEFAULT '{}'
        CONSTRAINT catalog_category_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object');
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE catalog_category DROP COLUMN custom_fields;
    ALTER TABLE catalog_variant DROP COLUMN custom_fields;
    ALTER TABLE catalog_product DROP COLUMN custom_fields;
    DROP TABLE catalog_custom_field;
    DROP INDEX catalog_document_price_until;
    ALTER TABLE catalog_product_document DROP COLUMN price_until;
    DROP TABLE catalog_price_history;
    DROP TABLE catalog_price_list_price;
    DROP TABLE catalog_price_list;
    """
