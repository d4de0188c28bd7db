"""Promotions, their codes, flash sales, and the claims that checkouts have on limits."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- Another stamp after each change by staff: what processes keep of the definitions is valid while it stands.
    CREATE TABLE promotions_state (
        id SMALLINT PRIMARY KEY CHECK (id = 1),
        stamp UUID NOT NULL
    );

    CREATE TABLE promotions_promotion (
        id UUID PRIMARY KEY,
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        kind TEXT NOT NULL CHECK (kind IN
            ('percent', 'fixed', 'tiers', 'free_shipping', 'buy_x_get_y', 'gift', 'nth_order')),
        definition JSONB NOT NULL CHECK (jsonb_typeof(definition) = 'object'),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        is_active BOOLEAN NOT NULL DEFAULT true,
        starts_at TIMESTAMPTZ,
        ends_at TIMESTAMPTZ,
        stacking TEXT NOT NULL DEFAULT 'stack' CHECK (stacking IN ('stack', 'exclusive', 'best')),
        lane TEXT NOT NULL DEFAULT 'default',
        priority INT NOT NULL DEFAULT 0,
        usage_limit BIGINT CHECK (usage_limit > 0),
        usage_limit_per_customer BIGINT CHECK (usage_limit_per_customer > 0),
        -- Counted only while there is a limit: without one no buyer waits for another at this row.
        used BIGINT NOT NULL DEFAULT 0 CHECK (used >= 0),
        needs_code BOOLEAN NOT NULL DEFAULT false,
        version INT NOT NULL DEFAULT 1,
        archived_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT promotions_promotion_window CHECK (starts_at < ends_at)
    );
    CREATE INDEX promotions_promotion_live ON promotions_promotion (id) WHERE is_active AND archived_at IS NULL;

    CREATE TABLE promotions_code_batch (
        id UUID PRIMARY KEY,
        promotion_id UUID NOT NULL REFERENCES promotions_promotion (id),
        wanted INT NOT NULL CHECK (wanted BETWEEN 1 AND 1000000),
        made INT NOT NULL DEFAULT 0 CHECK (made BETWEEN 0 AND wanted),
        prefix TEXT NOT NULL,
        usage_limit BIGINT CHECK (usage_limit > 0),
        customer_id UUID,
        ends_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX promotions_code_batch_promotion ON promotions_code_batch (promotion_id, id);

    CREATE TABLE promotions_code (
        id UUID PRIMARY KEY,
        promotion_id UUID NOT NULL REFERENCES promotions_promotion (id),
        batch_id UUID,
        code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 64),
        -- What codes are compared by: case, look-alikes, spaces and dashes folded.
        folded TEXT NOT NULL UNIQUE CHECK (length(folded) BETWEEN 1 AND 64),
        usage_limit BIGINT CHECK (usage_limit > 0),
        used BIGINT NOT NULL DEFAULT 0 CHECK (used >= 0),
        customer_id UUID,
        ends_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX promotions_code_customer ON promotions_code (customer_id) WHERE customer_id IS NOT NULL;
    CREATE INDEX promotions_code_promotion ON promotions_code (promotion_id, id);

    CREATE TABLE promotions_flash_sale (
        id UUID PRIMARY KEY,
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        starts_at TIMESTAMPTZ NOT NULL,
        ends_at TIMESTAMPTZ NOT NULL,
        is_active BOOLEAN NOT NULL DEFAULT true,
        version INT NOT NULL DEFAULT 1,
        archived_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT promotions_flash_sale_window CHECK (starts_at < ends_at)
    );

    CREATE TABLE promotions_flash_item (
        id UUID PRIMARY KEY,
        sale_id UUID NOT NULL REFERENCES promotions_flash_sale (id),
        variant_id UUID NOT NULL,
        sku TEXT NOT NULL,
        price BIGINT NOT NULL CHECK (price >= 0),
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        cap BIGINT CHECK (cap > 0),
        cap_per_customer BIGINT CHECK (cap_per_customer > 0),
        sold BIGINT NOT NULL DEFAULT 0 CHECK (sold >= 0),
        removed_at TIMESTAMPTZ,
        UNIQUE (sale_id, variant_id)
    );
    CREATE INDEX promotions_flash_item_variant ON promotions_flash_item (variant_id);

    -- What one checkout has taken of a limit; `target_id` is a promotion, a code or an item of a flash sale.
    CREATE TABLE promotions_claim (
        id UUID PRIMARY KEY,
        reference UUID NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('promotion', 'code', 'flash')),
        target_id UUID NOT NULL,
        cart_id UUID,
        customer_id UUID,
        units BIGINT NOT NULL CHECK (units > 0),
        state TEXT NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'kept', 'released')),
        order_id UUID,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        UNIQUE (reference, kind, target_id)
    );
    CREATE INDEX promotions_claim_target ON promotions_claim (target_id) WHERE state <> 'released';
    CREATE INDEX promotions_claim_cart ON promotions_claim (cart_id) WHERE state = 'held';
    CREATE INDEX promotions_claim_order ON promotions_claim (order_id) WHERE order_id IS NOT NULL;
    CREATE INDEX promotions_claim_customer ON promotions_claim (customer_id) WHERE customer_id IS NOT NULL;

    CREATE TABLE promotions_customer_use (
        id UUID PRIMARY KEY,
        customer_id UUID NOT NULL,
        target_id UUID NOT NULL,
        used BIGINT NOT NULL CHECK (used >= 0),
        UNIQUE (customer_id, target_id)
    );
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE promotions_customer_use;
    DROP TABLE promotions_claim;
    DROP TABLE promotions_flash_item;
    DROP TABLE promotions_flash_sale;
    DROP TABLE promotions_code;
    DROP TABLE promotions_code_batch;
    DROP TABLE promotions_promotion;
    DROP TABLE promotions_state;
    """
