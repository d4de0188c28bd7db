"""The words of products with their weights, synonyms of staff, and what was searched for.

The columns `title` and `search` of documents are no longer written; they stay until no running version reads them.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    -- What a product is found by: the same as its postings, to know what a change takes away.
    CREATE TABLE catalog_search_entry (
        product_no INT PRIMARY KEY REFERENCES catalog_product (no) ON DELETE CASCADE,
        -- Of terms and impacts: where it stays, nothing is written.
        digest BIGINT NOT NULL,
        terms TEXT[] NOT NULL,
        impacts REAL[] NOT NULL,
        -- The transaction that wrote it: how the copies of the processes find out.
        changed_xid XID8 NOT NULL DEFAULT pg_current_xact_id(),
        CHECK (cardinality(terms) = cardinality(impacts))
    );
    CREATE INDEX catalog_search_entry_changed ON catalog_search_entry (changed_xid, product_no);

    -- By term, the products with the greatest impact last: one index for sets and for the best of them.
    CREATE TABLE catalog_posting (
        term TEXT COLLATE "C" NOT NULL,
        impact REAL NOT NULL,
        product_no INT NOT NULL,
        PRIMARY KEY (term, impact, product_no)
    );

    -- Words as they are written, without digits: for mending and completing. Never changed, so never contended for.
    CREATE TABLE catalog_search_word (
        word TEXT COLLATE "C" PRIMARY KEY
    );
    CREATE INDEX catalog_search_word_end ON catalog_search_word (right(word, 3) COLLATE "C", length(word));

    CREATE TABLE catalog_synonym (
        id UUID PRIMARY KEY,
        -- Who types `term` also finds `synonyms`; where it is two-way, also the other way round.
        term TEXT NOT NULL,
        synonyms TEXT[] NOT NULL CHECK (cardinality(synonyms) BETWEEN 1 AND 20),
        is_two_way BOOLEAN NOT NULL DEFAULT true,
        -- The words of `term`, folded: what may stand only once.
        term_key TEXT NOT NULL UNIQUE,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        changed_xid XID8 NOT NULL DEFAULT pg_current_xact_id()
    );

    -- Searches by day, without who asked.
    CREATE TABLE catalog_search_log (
        day DATE NOT NULL,
        query TEXT COLLATE "C" NOT NULL,
        searches BIGINT NOT NULL CHECK (searches > 0),
        -- Found by the last search of the day.
        hits INT NOT NULL,
        -- As it was typed last.
        sample TEXT NOT NULL,
        PRIMARY KEY (query, day)
    );
    CREATE INDEX catalog_search_log_day ON catalog_search_log (day, hits);

    ALTER TABLE catalog_product_document ALTER COLUMN title DROP NOT NULL;
    ALTER TABLE catalog_product_document ALTER COLUMN search DROP NOT NULL;
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE catalog_search_log;
    DROP TABLE catalog_synonym;
    DROP TABLE catalog_search_word;
    DROP TABLE catalog_posting;
    DROP TABLE catalog_search_entry;
    """
