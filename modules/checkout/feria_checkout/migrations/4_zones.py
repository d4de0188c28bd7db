"""Where is taxed and shipped how: zones of tax with rates by class, zones of shipping with methods, exempt customers."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- One row at most: every change of zones gives it another version, so that a process knows whether its copy is the present one.
    CREATE TABLE checkout_rules (
        id INT PRIMARY KEY CHECK (id = 1),
        version BIGINT NOT NULL
    );

    CREATE TABLE checkout_tax_zone (
        code TEXT PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 40),
        name TEXT NOT NULL,
        countries TEXT[] NOT NULL CHECK (cardinality(countries) BETWEEN 1 AND 250),
        regions TEXT[] NOT NULL DEFAULT '{}',
        postcodes TEXT[] NOT NULL DEFAULT '{}',
        -- NULL: as the module's settings have it.
        is_included BOOLEAN,
        is_on_shipping BOOLEAN,
        rounding TEXT NOT NULL DEFAULT 'order' CHECK (rounding IN ('order', 'line')),
        updated_at TIMESTAMPTZ NOT NULL
    );
    CREATE TABLE checkout_tax_rate (
        zone TEXT NOT NULL REFERENCES checkout_tax_zone (code) ON DELETE CASCADE,
        class TEXT NOT NULL CHECK (length(class) BETWEEN 1 AND 40),
        name TEXT NOT NULL,
        rate NUMERIC(7, 6) NOT NULL CHECK (rate >= 0 AND rate < 1),
        PRIMARY KEY (zone, class)
    );
    CREATE TABLE checkout_tax_exemption (
        customer_id UUID PRIMARY KEY,
        reason TEXT NOT NULL,
        ends_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ NOT NULL
    );

    CREATE TABLE checkout_shipping_zone (
        code TEXT PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 40),
        name TEXT NOT NULL,
        countries TEXT[] NOT NULL CHECK (cardinality(countries) BETWEEN 1 AND 250),
        regions TEXT[] NOT NULL DEFAULT '{}',
        postcodes TEXT[] NOT NULL DEFAULT '{}',
        updated_at TIMESTAMPTZ NOT NULL
    );
    CREATE TABLE checkout_shipping_method (
        zone TEXT NOT NULL REFERENCES checkout_shipping_zone (code) ON DELETE CASCADE,
        code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
        position INT NOT NULL,
        label TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('flat', 'weight', 'total', 'pickup')),
        amount BIGINT NOT NULL CHECK (amount >= 0),
        -- [[up to, amount], ...] ascending: grams or minor units, the last bound open where it is null.
        tiers JSONB NOT NULL DEFAULT '[]',
        free_over BIGINT CHECK (free_over >= 0),
        min_days INT NOT NULL CHECK (min_days BETWEEN 0 AND 365),
        max_days INT NOT NULL CHECK (max_days BETWEEN min_days AND 365),
        PRIMARY KEY (zone, code)
    );

    ALTER TABLE checkout_checkout ADD COLUMN shipping_quote JSONB;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    ALTER TABLE checkout_checkout DROP COLUMN shipping_quote;
    DROP TABLE checkout_shipping_method;
    DROP TABLE checkout_shipping_zone;
    DROP TABLE checkout_tax_exemption;
    DROP TABLE checkout_tax_rate;
    DROP TABLE checkout_tax_zone;
    DROP TABLE checkout_rules;
    """
