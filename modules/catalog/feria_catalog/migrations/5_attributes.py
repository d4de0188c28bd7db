"""Attributes with units, allowed values and levels; product types; attributes of variants."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE catalog_attribute DROP CONSTRAINT catalog_attribute_type_check;
    -- text, number, boolean and list are what an attribute gets from the first value seen.
    ALTER TABLE catalog_attribute ADD CONSTRAINT catalog_attribute_type CHECK (type IN (
        'text', 'number', 'boolean', 'list', 'int', 'decimal', 'bool', 'enum', 'multi', 'date'));
    ALTER TABLE catalog_attribute ADD COLUMN allowed_values TEXT[] NOT NULL DEFAULT '{}';
    ALTER TABLE catalog_attribute ADD COLUMN level TEXT NOT NULL DEFAULT 'product'
        CONSTRAINT catalog_attribute_level CHECK (level IN ('product', 'variant'));
    ALTER TABLE catalog_attribute ADD COLUMN position INT NOT NULL DEFAULT 0;
    -- Declared by staff: values are checked. Else any value is taken, as when it was made.
    ALTER TABLE catalog_attribute ADD COLUMN is_declared BOOLEAN NOT NULL DEFAULT false;
    ALTER TABLE catalog_attribute ADD COLUMN version INT NOT NULL DEFAULT 1;

    ALTER TABLE catalog_variant ADD COLUMN attributes JSONB NOT NULL DEFAULT '{}'
        CONSTRAINT catalog_variant_attributes CHECK (jsonb_typeof(attributes) = 'object');

    CREATE TABLE catalog_product_type (
        id UUID PRIMARY KEY,
        code TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        version INT NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL DEFAULT now()
    );
    CREATE TABLE catalog_product_type_attribute (
        product_type_id UUID NOT NULL REFERENCES catalog_product_type (id) ON DELETE CASCADE,
        attribute_id UUID NOT NULL REFERENCES catalog_attribute (id),
        is_required BOOLEAN NOT NULL DEFAULT false,
        position INT NOT NULL DEFAULT 0,
        PRIMARY KEY (product_type_id, attribute_id)
    );
    CREATE INDEX catalog_product_type_attribute_attribute ON catalog_product_type_attribute (attribute_id);
    CREATE INDEX catalog_product_product_type ON catalog_product (product_type) WHERE product_type IS NOT NULL;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP INDEX catalog_product_product_type;
    DROP TABLE catalog_product_type_attribute;
    DROP TABLE catalog_product_type;
    ALTER TABLE catalog_variant DROP COLUMN attributes;
    ALTER TABLE catalog_attribute DROP COLUMN version;
    ALTER TABLE catalog_attribute DROP COLUMN is_declared;
    ALTER TABLE catalog_attribute DROP COLUMN position;
    ALTER TABLE catalog_attribute DROP COLUMN level;
    ALTER TABLE catalog_attribute DROP COLUMN allowed_values;
    ALTER TABLE catalog_attribute DROP CONSTRAINT catalog_attribute_type;
    UPDATE catalog_attribute SET type = CASE type WHEN 'int' THEN 'number' WHEN 'decimal' THEN 'number'
        WHEN 'bool' THEN 'boolean' WHEN 'multi' THEN 'list' WHEN 'enum' THEN 'text' WHEN 'date' THEN 'text'
        ELSE type END;
    ALTER TABLE catalog_attribute ADD CONSTRAINT catalog_attribute_type_check
        CHECK (type IN ('text', 'number', 'boolean', 'list'));
    """
