"""The tables of the blog."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
    CREATE TABLE blog_author (
        id UUID PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        bio TEXT NOT NULL DEFAULT '',
        url TEXT,
        picture_url TEXT,
        user_id UUID UNIQUE,
        version INTEGER NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL
    );

    CREATE TABLE blog_category (
        id UUID PRIMARY KEY,
        parent_id UUID REFERENCES blog_category (id) ON DELETE RESTRICT,
        slug TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
        names JSONB NOT NULL DEFAULT '{}',
        description TEXT NOT NULL DEFAULT '',
        path TEXT[] NOT NULL CHECK (cardinality(path) BETWEEN 1 AND 8),
        position INTEGER NOT NULL DEFAULT 0,
        version INTEGER NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT blog_category_own_parent CHECK (parent_id <> id),
        CONSTRAINT blog_category_path_end CHECK (path[cardinality(path)] = slug)
    );
    CREATE INDEX blog_category_parent ON blog_category (parent_id);
    CREATE UNIQUE INDEX blog_category_name ON blog_category (parent_id, lower(name)) NULLS NOT DISTINCT;

    CREATE TABLE blog_category_slug (
        slug TEXT PRIMARY KEY,
        category_id UUID NOT NULL REFERENCES blog_category (id) ON DELETE CASCADE
    );
    CREATE INDEX blog_category_slug_category ON blog_category_slug (category_id);

    CREATE TABLE blog_tag (
        id UUID PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
        names JSONB NOT NULL DEFAULT '{}',
        version INTEGER NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL
    );

    CREATE TABLE blog_post (
        id UUID PRIMARY KEY,
        no BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
        slug TEXT NOT NULL UNIQUE,
        locale TEXT NOT NULL,
        title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
        body TEXT NOT NULL,
        format TEXT NOT NULL CHECK (format IN ('markdown', 'html')),
        html TEXT NOT NULL,
        summary TEXT,
        excerpt TEXT NOT NULL,
        words INTEGER NOT NULL CHECK (words >= 0),
        seo_title TEXT,
        seo_description TEXT,
        seo_canonical TEXT,
        seo_image TEXT,
        cover_url TEXT,
        cover_alt TEXT NOT NULL DEFAULT '',
        category_id UUID REFERENCES blog_category (id) ON DELETE RESTRICT,
        author_id UUID REFERENCES blog_author (id) ON DELETE RESTRICT,
        status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'archived')),
        publish_at TIMESTAMPTZ,
        keywords TEXT[] NOT NULL DEFAULT '{}',
        version INTEGER NOT NULL DEFAULT 1,
        created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL,
        CONSTRAINT blog_post_published_at CHECK (status <> 'published' OR publish_at IS NOT NULL)
    );
    CREATE INDEX blog_post_published ON blog_post (publish_at DESC, id DESC) WHERE status = 'published';
    CREATE INDEX blog_post_category ON blog_post (category_id, publish_at DESC);
    CREATE INDEX blog_post_author ON blog_post (author_id, publish_at DESC);

    -- Every slug that a post has or had, in any language: one name is one post.
    CREATE TABLE blog_slug (
        slug TEXT PRIMARY KEY,
        post_id UUID NOT NULL REFERENCES blog_post (id) ON DELETE CASCADE,
        locale TEXT,
        is_present BOOLEAN NOT NULL
    );
    CREATE INDEX blog_slug_post ON blog_slug (post_id);

    CREATE TABLE blog_post_tag (
        post_id UUID NOT NULL REFERENCES blog_post (id) ON DELETE CASCADE,
        tag_id UUID NOT NULL REFERENCES blog_tag (id) ON DELETE CASCADE,
        PRIMARY KEY (post_id, tag_id)
    );
    CREATE INDEX blog_post_tag_tag ON blog_post_tag (tag_id, post_id);

    CREATE TABLE blog_translation (
        post_id UUID NOT NULL REFERENCES blog_post (id) ON DELETE CASCADE,
        locale TEXT NOT NULL,
        slug TEXT UNIQUE,
        title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
        body TEXT NOT NULL,
        format TEXT NOT NULL CHECK (format IN ('markdown', 'html')),
        html TEXT NOT NULL,
        summary TEXT,
        excerpt TEXT NOT NULL,
        words INTEGER NOT NULL CHECK (words >= 0),
        seo_title TEXT,
        seo_description TEXT,
        updated_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (post_id, locale)
    );

    CREATE TABLE blog_revision (
        id UUID PRIMARY KEY,
        post_id UUID NOT NULL REFERENCES blog_post (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        content JSONB NOT NULL,
        reason TEXT NOT NULL,
        actor_id UUID,
        at TIMESTAMPTZ NOT NULL,
        UNIQUE (post_id, number)
    );
    CREATE INDEX blog_revision_actor ON blog_revision (actor_id);

    CREATE TABLE blog_preview (
        token_hash BYTEA PRIMARY KEY,
        post_id UUID NOT NULL REFERENCES blog_post (id) ON DELETE CASCADE,
        expires_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX blog_preview_post ON blog_preview (post_id);
    CREATE INDEX blog_preview_expires ON blog_preview (expires_at);

    -- The products that a post shows; without an id where the catalog has not known the slug yet.
    CREATE TABLE blog_mention (
        post_id UUID NOT NULL REFERENCES blog_post (id) ON DELETE CASCADE,
        slug TEXT NOT NULL,
        product_id UUID,
        PRIMARY KEY (post_id, slug)
    );
    CREATE INDEX blog_mention_product ON blog_mention (product_id);
    CREATE INDEX blog_mention_unknown ON blog_mention (slug) WHERE product_id IS NULL;

    CREATE TABLE blog_posting (
        term TEXT NOT NULL,
        post_id UUID NOT NULL REFERENCES blog_post (id) ON DELETE CASCADE,
        impact REAL NOT NULL CHECK (impact > 0),
        PRIMARY KEY (term, post_id)
    );
    CREATE INDEX blog_posting_post ON blog_posting (post_id);
    """


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
    DROP TABLE blog_posting, blog_mention, blog_preview, blog_revision, blog_translation, blog_post_tag, blog_slug,
        blog_post, blog_tag, blog_category_slug, blog_category, blog_author;
    """
