"""Events, testimonials, contact messages, subscriptions, newsletters, and the copy of what GitHub says."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE landing_event (
        id UUID PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]{1,120}$'),
        title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
        summary TEXT NOT NULL CHECK (length(summary) <= 500),
        description TEXT NOT NULL CHECK (length(description) <= 50000),
        format TEXT NOT NULL CHECK (format IN ('markdown', 'html')),
        description_html TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind ~ '^[a-z0-9-]{1,40}$'),
        tags TEXT[] NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('draft', 'published')),
        publish_at TIMESTAMPTZ,
        event_status TEXT NOT NULL CHECK (event_status IN ('scheduled', 'postponed', 'cancelled')),
        starts_at TIMESTAMPTZ NOT NULL,
        ends_at TIMESTAMPTZ,
        time_zone TEXT NOT NULL,
        rrule TEXT CHECK (length(rrule) <= 300),
        exdates TIMESTAMPTZ[] NOT NULL,
        -- A rule without an end: a job keeps its occurrences some years ahead.
        is_endless BOOLEAN NOT NULL,
        location TEXT CHECK (length(location) <= 300),
        is_online BOOLEAN NOT NULL,
        url TEXT CHECK (length(url) <= 500),
        capacity TEXT CHECK (length(capacity) <= 100),
        image_url TEXT CHECK (length(image_url) <= 500),
        image_alt TEXT NOT NULL CHECK (length(image_alt) <= 300),
        search_text TEXT NOT NULL,
        version INT NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT landing_event_span CHECK (starts_at < ends_at)
    );
    CREATE INDEX landing_event_publish_at ON landing_event (publish_at) WHERE publish_at IS NOT NULL;

    CREATE TABLE landing_event_slug (
        slug TEXT PRIMARY KEY,
        event_id UUID NOT NULL REFERENCES landing_event (id) ON DELETE CASCADE,
        retired_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX landing_event_slug_event ON landing_event_slug (event_id);

    CREATE TABLE landing_occurrence (
        event_id UUID NOT NULL REFERENCES landing_event (id) ON DELETE CASCADE,
        starts_at TIMESTAMPTZ NOT NULL,
        ends_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (event_id, starts_at),
        CONSTRAINT landing_occurrence_span CHECK (starts_at <= ends_at)
    );
    CREATE INDEX landing_occurrence_starts_at ON landing_occurrence (starts_at, event_id);
    CREATE INDEX landing_occurrence_ends_at ON landing_occurrence (ends_at);

    CREATE TABLE landing_testimonial (
        id UUID PRIMARY KEY,
        author TEXT NOT NULL CHECK (length(author) BETWEEN 1 AND 120),
        role TEXT NOT NULL CHECK (length(role) <= 120),
        company TEXT NOT NULL CHECK (length(company) <= 120),
        quote TEXT NOT NULL CHECK (length(quote) BETWEEN 1 AND 2000),
        rating SMALLINT CHECK (rating BETWEEN 1 AND 5),
        url TEXT CHECK (length(url) <= 500),
        image_url TEXT CHECK (length(image_url) <= 500),
        status TEXT NOT NULL CHECK (status IN ('pending', 'published', 'rejected')),
        position INT NOT NULL CHECK (position >= 0),
        version INT NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX landing_testimonial_place ON landing_testimonial (status, position, id);

    CREATE TABLE landing_contact (
        id UUID PRIMARY KEY,
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
        email TEXT NOT NULL CHECK (length(email) <= 254),
        email_key TEXT NOT NULL CHECK (length(email_key) <= 254),
        subject TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
        message TEXT NOT NULL CHECK (length(message) BETWEEN 1 AND 5000),
        locale TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('new', 'open', 'answered', 'closed', 'spam')),
        version INT NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX landing_contact_status ON landing_contact (status, id DESC);
    CREATE INDEX landing_contact_email ON landing_contact (email_key);

    CREATE TABLE landing_contact_reply (
        id UUID PRIMARY KEY,
        contact_id UUID NOT NULL REFERENCES landing_contact (id) ON DELETE CASCADE,
        message TEXT NOT NULL CHECK (length(message) BETWEEN 1 AND 10000),
        staff_id UUID,
        created_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX landing_contact_reply_contact ON landing_contact_reply (contact_id, id);

    -- What was asked for and no worker has looked at yet: so the answer takes as long for known addresses as for others.
    CREATE TABLE landing_signup (
        id UUID PRIMARY KEY,
        email TEXT NOT NULL CHECK (length(email) <= 254),
        email_key TEXT NOT NULL CHECK (length(email_key) <= 254),
        lists TEXT[] NOT NULL,
        locale TEXT NOT NULL,
        address_hash BYTEA,
        created_at TIMESTAMPTZ NOT NULL
    );

    CREATE TABLE landing_subscription (
        id UUID PRIMARY KEY,
        email TEXT NOT NULL CHECK (length(email) <= 254),
        email_key TEXT NOT NULL UNIQUE CHECK (length(email_key) <= 254),
        status TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'unsubscribed')),
        lists TEXT[] NOT NULL,
        locale TEXT NOT NULL,
        -- It unsubscribes and can do nothing else, so that every mail may carry it for ever.
        unsubscribe_token TEXT NOT NULL UNIQUE,
        created_at TIMESTAMPTZ NOT NULL,
        confirmed_at TIMESTAMPTZ,
        unsubscribed_at TIMESTAMPTZ,
        updated_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT landing_subscription_confirmed CHECK (status <> 'confirmed' OR confirmed_at IS NOT NULL)
    );
    CREATE INDEX landing_subscription_status ON landing_subscription (status, id DESC);

    CREATE TABLE landing_confirmation (
        token_hash BYTEA PRIMARY KEY,
        subscription_id UUID NOT NULL REFERENCES landing_subscription (id) ON DELETE CASCADE,
        lists TEXT[] NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL,
        used_at TIMESTAMPTZ
    );
    CREATE INDEX landing_confirmation_subscription ON landing_confirmation (subscription_id);

    -- The proof of consent: who did what when, and which text they were shown.
    CREATE TABLE landing_consent (
        id UUID PRIMARY KEY,
        subscription_id UUID NOT NULL REFERENCES landing_subscription (id) ON DELETE CASCADE,
        action TEXT NOT NULL CHECK (action IN ('requested', 'confirmed', 'unsubscribed', 'suppressed')),
        lists TEXT[] NOT NULL,
        text_version TEXT NOT NULL,
        address_hash BYTEA,
        at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX landing_consent_subscription ON landing_consent (subscription_id, id);

    -- Addresses that are never mailed, by a hash: that of an erased person stays in force and tells nobody who it was.
    CREATE TABLE landing_suppression (
        email_hash BYTEA PRIMARY KEY,
        reason TEXT NOT NULL CHECK (reason IN ('complaint', 'bounce', 'request')),
        created_at TIMESTAMPTZ NOT NULL
    );

    CREATE TABLE landing_newsletter (
        id UUID PRIMARY KEY,
        subject TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
        body TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 100000),
        format TEXT NOT NULL CHECK (format IN ('markdown', 'html')),
        body_html TEXT NOT NULL,
        lists TEXT[] NOT NULL,
        locale TEXT,
        state TEXT NOT NULL CHECK (state IN ('draft', 'sending', 'sent', 'stopped')),
        send_at TIMESTAMPTZ,
        version INT NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        started_at TIMESTAMPTZ,
        finished_at TIMESTAMPTZ
    );

    -- One row for each reader of one newsletter: the row is taken once, so nobody gets it twice.
    CREATE TABLE landing_delivery (
        newsletter_id UUID NOT NULL REFERENCES landing_newsletter (id) ON DELETE CASCADE,
        subscription_id UUID NOT NULL REFERENCES landing_subscription (id) ON DELETE CASCADE,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'mailed', 'skipped')),
        at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (newsletter_id, subscription_id)
    );
    CREATE INDEX landing_delivery_waiting ON landing_delivery (newsletter_id, subscription_id) WHERE state = 'waiting';
    CREATE INDEX landing_delivery_subscription ON landing_delivery (subscription_id);

    -- One row for each thing that is read from GitHub: how fresh it is, who refreshes it, and when it may be asked again.
    CREATE TABLE landing_github_feed (
        name TEXT PRIMARY KEY CHECK (name IN ('projects', 'contributions')),
        fetched_at TIMESTAMPTZ,
        attempted_at TIMESTAMPTZ,
        requested_at TIMESTAMPTZ,
        claim UUID,
        claimed_until TIMESTAMPTZ,
        not_before TIMESTAMPTZ,
        failures INT NOT NULL DEFAULT 0,
        last_error TEXT,
        digest BYTEA,
        rewritten_at TIMESTAMPTZ
    );

    CREATE TABLE landing_github_page (
        feed TEXT NOT NULL REFERENCES landing_github_feed (name) ON DELETE CASCADE,
        url TEXT NOT NULL,
        etag TEXT,
        next_url TEXT,
        items JSONB NOT NULL,
        PRIMARY KEY (feed, url)
    );

    CREATE TABLE landing_project (
        id BIGINT PRIMARY KEY,
        name TEXT NOT NULL,
        full_name TEXT NOT NULL,
        description TEXT,
        url TEXT NOT NULL,
        homepage TEXT,
        stars INT NOT NULL,
        forks INT NOT NULL,
        open_issues INT NOT NULL,
        language TEXT,
        topics TEXT[] NOT NULL,
        license TEXT,
        is_fork BOOLEAN NOT NULL,
        is_archived BOOLEAN NOT NULL,
        pushed_at TIMESTAMPTZ,
        created_at TIMESTAMPTZ
    );

    CREATE TABLE landing_contribution (
        id BIGINT PRIMARY KEY,
        type TEXT NOT NULL CHECK (type IN ('pull_request', 'issue')),
        state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'merged')),
        repo TEXT NOT NULL,
        number BIGINT NOT NULL,
        title TEXT NOT NULL,
        url TEXT NOT NULL,
        labels TEXT[] NOT NULL,
        comments INT NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        closed_at TIMESTAMPTZ
    );
    CREATE INDEX landing_contribution_created_at ON landing_contribution (created_at DESC, id DESC);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE landing_contribution;
    DROP TABLE landing_project;
    DROP TABLE landing_github_page;
    DROP TABLE landing_github_feed;
    DROP TABLE landing_delivery;
    DROP TABLE landing_newsletter;
    DROP TABLE landing_suppression;
    DROP TABLE landing_consent;
    DROP TABLE landing_confirmation;
    DROP TABLE landing_subscription;
    DROP TABLE landing_signup;
    DROP TABLE landing_contact_reply;
    DROP TABLE landing_contact;
    DROP TABLE landing_testimonial;
    DROP TABLE landing_occurrence;
    DROP TABLE landing_event_slug;
    DROP TABLE landing_event;
    """
