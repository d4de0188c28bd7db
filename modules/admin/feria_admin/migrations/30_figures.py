"""Sums of what modules count, and how far each source is kept."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- Of all keys by quarters of an hour, of each key by days and months; `counts` in the order of the source's measures.
    CREATE TABLE admin_figure (
        source VARCHAR(120) COLLATE "C" NOT NULL,
        grain TEXT COLLATE "C" NOT NULL CHECK (grain IN ('quarter', 'day', 'month')),
        at TIMESTAMPTZ NOT NULL,
        key TEXT COLLATE "C" NOT NULL,
        -- "" where nothing of the source is money.
        currency TEXT COLLATE "C" NOT NULL CHECK (length(currency) IN (0, 3)),
        counts BIGINT[] NOT NULL,
        PRIMARY KEY (source, grain, at, key, currency),
        CONSTRAINT admin_figure_key CHECK (grain <> 'quarter' OR key = '')
    );
    -- All from `kept_from` to `kept_until` is in the sums; whoever changes them holds the row's lock.
    CREATE TABLE admin_figure_source (
        name VARCHAR(120) PRIMARY KEY,
        measures TEXT[] NOT NULL,
        kept_from TIMESTAMPTZ NOT NULL,
        kept_until TIMESTAMPTZ NOT NULL,
        -- How far a rebuild has come that is not over yet.
        rebuilt_until TIMESTAMPTZ,
        CONSTRAINT admin_figure_source_span CHECK (kept_from <= kept_until)
    );
    -- Days that are to be counted again.
    CREATE TABLE admin_figure_stale (
        source VARCHAR(120) NOT NULL,
        day TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (source, day)
    );
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP TABLE admin_figure_stale; DROP TABLE admin_figure_source; DROP TABLE admin_figure;"
