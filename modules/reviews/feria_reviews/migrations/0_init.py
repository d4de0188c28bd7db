"""Reviews with their votes, reports and photos; sums; what was delivered; requests for reviews."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE reviews_review (
        id UUID PRIMARY KEY,
        product_id UUID NOT NULL,
        -- NULL for imported reviews and those of erased people.
        customer_id UUID,
        external_id TEXT UNIQUE CHECK (length(external_id) BETWEEN 1 AND 200),
        author_name TEXT NOT NULL DEFAULT '' CHECK (length(author_name) <= 60),
        rating SMALLINT NOT NULL CHECK (rating BETWEEN 1 AND 5),
        title TEXT NOT NULL DEFAULT '' CHECK (length(title) <= 200),
        text TEXT NOT NULL DEFAULT '' CHECK (length(text) <= 5000),
        locale TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'flagged')),
        held_by TEXT,
        moderation_note TEXT CHECK (length(moderation_note) <= 1000),
        moderated_at TIMESTAMPTZ,
        is_verified BOOLEAN NOT NULL DEFAULT false,
        helpful INT NOT NULL DEFAULT 0 CHECK (helpful >= 0),
        unhelpful INT NOT NULL DEFAULT 0 CHECK (unhelpful >= 0),
        -- The lower bound of Wilson's interval at 95 %: how good a share of votes is at the least.
        wilson DOUBLE PRECISION NOT NULL GENERATED ALWAYS AS (
            CASE WHEN helpful + unhelpful = 0 THEN 0 ELSE
                ((helpful + 1.9208) / (helpful + unhelpful)::double precision
                 - 1.96 * sqrt(helpful * unhelpful::double precision / (helpful + unhelpful) + 0.9604)
                   / (helpful + unhelpful))
                / (1 + 3.8416 / (helpful + unhelpful))
            END) STORED,
        -- Since staff have looked at it last.
        report_count INT NOT NULL DEFAULT 0 CHECK (report_count >= 0),
        reply TEXT CHECK (length(reply) BETWEEN 1 AND 5000),
        replied_at TIMESTAMPTZ,
        version INT NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL,
        edited_at TIMESTAMPTZ,
        CONSTRAINT reviews_review_one_each UNIQUE (product_id, customer_id),
        CONSTRAINT reviews_review_reply CHECK ((reply IS NULL) = (replied_at IS NULL))
    );
    CREATE INDEX reviews_review_newest ON reviews_review (product_id, created_at, id) WHERE status = 'approved';
    CREATE INDEX reviews_review_helpful ON reviews_review (product_id, wilson, id) WHERE status = 'approved';
    CREATE INDEX reviews_review_rating ON reviews_review (product_id, rating, id) WHERE status = 'approved';
    CREATE INDEX reviews_review_customer ON reviews_review (customer_id, created_at, id) WHERE customer_id IS NOT NULL;
    CREATE INDEX reviews_review_status ON reviews_review (status, created_at, id);
    CREATE INDEX reviews_review_created ON reviews_review (created_at, id);

    CREATE TABLE reviews_summary (
        product_id UUID PRIMARY KEY,
        stars_1 INT NOT NULL DEFAULT 0 CHECK (stars_1 >= 0),
        stars_2 INT NOT NULL DEFAULT 0 CHECK (stars_2 >= 0),
        stars_3 INT NOT NULL DEFAULT 0 CHECK (stars_3 >= 0),
        stars_4 INT NOT NULL DEFAULT 0 CHECK (stars_4 >= 0),
        stars_5 INT NOT NULL DEFAULT 0 CHECK (stars_5 >= 0),
        review_count INT NOT NULL GENERATED ALWAYS AS (stars_1 + stars_2 + stars_3 + stars_4 + stars_5) STORED,
        rating_sum BIGINT NOT NULL GENERATED ALWAYS AS
            (stars_1 + 2 * stars_2 + 3 * stars_3 + 4 * stars_4 + 5 * stars_5) STORED
    );

    CREATE TABLE reviews_vote (
        id UUID PRIMARY KEY,
        review_id UUID NOT NULL REFERENCES reviews_review (id) ON DELETE CASCADE,
        -- NULL once the person is erased; the vote stays counted.
        customer_id UUID,
        is_helpful BOOLEAN NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT reviews_vote_one_each UNIQUE (review_id, customer_id)
    );
    CREATE INDEX reviews_vote_customer ON reviews_vote (customer_id) WHERE customer_id IS NOT NULL;

    CREATE TABLE reviews_report (
        id UUID PRIMARY KEY,
        review_id UUID NOT NULL REFERENCES reviews_review (id) ON DELETE CASCADE,
        -- A keyed hash of the account or the network address: enough to take one report of each.
        reporter BYTEA NOT NULL,
        customer_id UUID,
        reason TEXT NOT NULL,
        text TEXT NOT NULL DEFAULT '' CHECK (length(text) <= 1000),
        created_at TIMESTAMPTZ NOT NULL,
        handled_at TIMESTAMPTZ,
        CONSTRAINT reviews_report_one_each UNIQUE (review_id, reporter)
    );
    CREATE INDEX reviews_report_customer ON reviews_report (customer_id) WHERE customer_id IS NOT NULL;

    CREATE TABLE reviews_photo (
        id UUID PRIMARY KEY,
        review_id UUID NOT NULL REFERENCES reviews_review (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        url TEXT NOT NULL,
        width INT NOT NULL CHECK (width > 0),
        height INT NOT NULL CHECK (height > 0),
        created_at TIMESTAMPTZ NOT NULL,
        UNIQUE (review_id, key)
    );

    -- A product of an order that has reached the customer, as orders announces it.
    CREATE TABLE reviews_delivery (
        id UUID PRIMARY KEY,
        order_id UUID NOT NULL,
        product_id UUID NOT NULL,
        customer_id UUID,
        -- Of a guest: a keyed hash of the address, until an account has shown that the address is its own.
        email_hash BYTEA,
        -- NULL where the refund was heard of before the delivery.
        delivered_at TIMESTAMPTZ,
        refunded_at TIMESTAMPTZ,
        is_refund_final BOOLEAN NOT NULL DEFAULT false,
        asked_at TIMESTAMPTZ,
        CONSTRAINT reviews_delivery_one_each UNIQUE (order_id, product_id)
    );
    CREATE INDEX reviews_delivery_customer ON reviews_delivery (customer_id, product_id) WHERE customer_id IS NOT NULL;
    CREATE INDEX reviews_delivery_email ON reviews_delivery (email_hash) WHERE email_hash IS NOT NULL;
    CREATE INDEX reviews_delivery_due ON reviews_delivery (delivered_at)
        WHERE asked_at IS NULL AND refunded_at IS NULL AND customer_id IS NOT NULL;

    -- The links of a request: each lets one person review one product once.
    CREATE TABLE reviews_request (
        id UUID PRIMARY KEY,
        customer_id UUID NOT NULL,
        product_id UUID NOT NULL,
        token_hash BYTEA NOT NULL UNIQUE,
        created_at TIMESTAMPTZ NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL,
        used_at TIMESTAMPTZ
    );
    CREATE INDEX reviews_request_customer ON reviews_request (customer_id);
    CREATE INDEX reviews_request_expires ON reviews_request (expires_at);

    CREATE TABLE reviews_optout (
        customer_id UUID PRIMARY KEY,
        created_at TIMESTAMPTZ NOT NULL
    );

    -- Who deletes a refused review and writes another is looked at again.
    CREATE TABLE reviews_refusal (
        id UUID PRIMARY KEY,
        customer_id UUID NOT NULL,
        product_id UUID NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        UNIQUE (customer_id, product_id)
    );

    -- The key of unsubscribe links and of the hashes of addresses.
    CREATE TABLE reviews_key (
        id SMALLINT PRIMARY KEY CHECK (id = 1),
        secret BYTEA NOT NULL
    );
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE reviews_key;
    DROP TABLE reviews_refusal;
    DROP TABLE reviews_optout;
    DROP TABLE reviews_request;
    DROP TABLE reviews_delivery;
    DROP TABLE reviews_photo;
    DROP TABLE reviews_report;
    DROP TABLE reviews_vote;
    DROP TABLE reviews_summary;
    DROP TABLE reviews_review;
    """
